// Requests to this server: with the token, where it asks for one, and its refusals as errors.

const key = document.getElementById("key");
/** Called when a token was given. */
const waiting = new Set();

const token = () => sessionStorage.getItem("token");

key.addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem("token", document.getElementById("token").value.trim());
  key.hidden = true;
  for (const go of waiting) go();
  waiting.clear();
});

/** Resolves once the reader of the page has given a token. */
const given = (signal) => new Promise((resolve, reject) => {
  key.hidden = false;
  waiting.add(resolve);
  signal?.addEventListener("abort", () => { waiting.delete(resolve); reject(signal.reason); });
});

/** Fetches a path below api/v1. What the server says against it is the error's message, as it is. */
export async function ask(path, options = {}) {
  const headers = { ...options.headers };
  if (token()) headers.Authorization = `Bearer ${token()}`;
  let response;
  try {
    response = await fetch(`api/v1/${path}`, { ...options, headers });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw new Error("The server did not answer; it may have closed the connection. Is it still running?");
  }
  if (response.ok) return response;
  if (response.status === 401) {
    await given(options.signal);
    return ask(path, options);
  }
  const text = await response.text();
  let detail = text;
  try { detail = JSON.parse(text).detail ?? text; } catch { /* not JSON: shown as it is */ }
  const error = new Error(detail || `The server answered ${response.status} and nothing else.`);
  error.status = response.status;
  throw error;
}

/** Server-sent events, as EventSource has them, which cannot send a token. Ends when the server ends the stream. */
export async function* events(path, signal) {
  const reader = (await ask(path, { signal })).body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data: ")).map((line) => line.slice(6));
      if (data.length > 0) yield data.join("\n");
    }
  }
}
