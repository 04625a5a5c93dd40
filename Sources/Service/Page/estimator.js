// A picture in; its kernel, and the picture enlarged, out.

import { ask } from "./api.js";
import { comparison } from "./comparison.js";
import { decimals, duration, element, facts, hash } from "./dom.js";
import { axes, ellipses, kernelPicture } from "./drawing.js";

const find = (id) => document.getElementById(id);
/** Of the picture in work, so that another takes its place. */
let work = new AbortController();
let current;

export function startEstimator() {
  find("file").addEventListener("change", ({ target }) => take(target.files));
  find("scale").addEventListener("change", () => current && estimate(current));
  find("cancel").addEventListener("click", cancel);
  find("drop").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("paste", (event) => take(event.clipboardData.files));
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    document.body.classList.remove("dragging");
    take(event.dataTransfer.files);
  });
}

function take(files) {
  if (files.length === 0) return;
  current = files[0];
  estimate(current);
}

async function estimate(file) {
  work.abort();
  work = new AbortController();
  const { signal } = work;
  const scale = find("scale").value;
  const ticket = crypto.getRandomValues(new Uint32Array(4)).join("-");
  find("problem").hidden = true;
  find("results").replaceChildren();
  say(`Sending ${file.name}…`);
  show(null);
  const watching = setInterval(() => watch(ticket, file, signal), 500);
  try {
    const query = new URLSearchParams({ scale, compare: true, ticket });
    const headers = { "Content-Type": file.type || "application/octet-stream" };
    const report = await (await ask(`restore?${query}`, { method: "POST", body: file, signal, headers })).json();
    find("results").append(kernelResult(file, scale, report), enlargedResult(file, scale, report));
    say(`Done: the kernel of ${file.name} and the enlarged picture are below.`);
  } catch (error) {
    if (!signal.aborted) complain(error);
  } finally {
    clearInterval(watching);
    // Another picture may be in work by now.
    if (work.signal === signal) find("doing").hidden = true;
  }
}

/** Asks how far the picture is. The server knows nothing of it until it has all of it. */
async function watch(ticket, file, signal) {
  try {
    const { state, before, share } = await (await ask(`progress/${ticket}`, { signal })).json();
    if (signal.aborted || find("doing").hidden) return;
    if (state === "waiting") {
      const others = before === 1 ? "another picture" : `${before} other pictures`;
      say(before === 0 ? `${file.name} is next…` : `Waiting for ${others}…`);
    } else {
      say(`Working on ${file.name}…`);
      show(share || null);
    }
  } catch { /* the answer to the picture itself says what is wrong */ }
}

function cancel() {
  work.abort();
  find("doing").hidden = true;
  say("Cancelled.");
}

const say = (text) => { if (find("progress").textContent !== text) find("progress").textContent = text; };

function complain(error) {
  say("");
  find("problem").textContent = error.message;
  find("problem").hidden = false;
}

/** Shows the bar, moving to and fro where the share is not known. */
function show(share) {
  find("doing").hidden = false;
  if (share == null) find("share").removeAttribute("value");
  else find("share").value = share;
}

function kernelResult(file, scale, answer) {
  const report = answer.kernel;
  const side = report.kernel.length;
  const values = report.kernel.flat();
  const bound = report.spread && report.spread.covariance_bound * (scale === "4" ? 5 : 1);
  const { long, short, degrees } = axes(report.covariance);
  const about = facts({
    picture: "Picture", blur: "Blur, standard deviations", angle: "Longer axis", covariance: "Covariance xx, xy, yy",
    checkpoint: "Checkpoint", seconds: "Took",
  });
  about.set("picture", `${file.name}, ${report.width} × ${report.height}`);
  about.set("blur", `${decimals(long, 2)} by ${decimals(short, 2)} pixels`);
  about.set("angle", long - short < 0.05 ? "none: it is round" : `${decimals((180 - degrees) % 180, 0)}° from the horizontal`);
  about.set("covariance", ["xx", "xy", "yy"].map((key) => decimals(report.covariance[key], 2)).join(", "));
  about.set("checkpoint", report.checkpoint ? hash(report.checkpoint.sha256) : "none: this method starts from nothing");
  about.set("seconds", duration(report.seconds) === "0 s" ? `${Math.round(report.seconds * 1000)} ms` : duration(report.seconds));
  const picture = element(
    "div", { class: "kernel-with-ellipses" },
    kernelPicture(side, values, Math.max(...values), `The kernel, ${side} by ${side}`),
    ellipses(side, report.covariance, report.centre_of_mass, bound),
  );
  return element(
    "article", { class: "result" }, element("h3", {}, "The kernel"),
    element(
      "div", { class: "beside" },
      element(
        "figure", {}, picture,
        element("figcaption", { class: "legend" },
          element("span", { class: "own" }, "one standard deviation"),
          bound == null ? "" : element("span", { class: "bound" }, "what its spread allows")),
      ),
      element("div", {}, about.list, element("p", {}, certainty(report.spread, bound)), notes(answer.notes), downloads(file, scale, answer)),
    ),
  );
}

function certainty(spread, bound) {
  if (!spread) return "This method cannot tell how certain the kernel is.";
  const within = `in nine of ten pictures like this, the covariance is within ${decimals(bound, 2)} of the true one`;
  return spread.is_sure ? `Confident: ${within}.` : `Not confident: ${within}, or worse.`;
}

const notes = (texts) => (texts.length === 0 ? "" : element(
  "ul", { class: "notes", "aria-label": "Notes" }, ...texts.map((text) => element("li", {}, text))));

const stem = (file) => file.name.replace(/\.[^.]*$/, "") || "picture";

function downloads(file, scale, { kernel, kernel_picture: picture, kernel_npy: npy }) {
  const name = `${stem(file)}_kernel_x${scale}`;
  const json = new Blob([JSON.stringify(kernel)], { type: "application/json" });
  return element(
    "p", { class: "downloads" }, "Download the kernel: ", link(blob(npy, "application/octet-stream"), `${name}.npy`, "npy"), " ",
    link(blob(picture.base64, picture.type), `${name}.png`, "png"), " ", link(json, `${name}.json`, "json"));
}

/** The bytes that a text in base64 holds. */
const blob = (base64, type) => new Blob([Uint8Array.from(atob(base64), (digit) => digit.charCodeAt(0))], { type });

const link = (content, name, text) =>
  element("a", { class: "button", href: URL.createObjectURL(content), download: name }, text);

function enlargedResult(file, scale, { enlarged, bicubic, network, noise }) {
  const picture = blob(enlarged.base64, enlarged.type);
  const origin = noise.is_estimated ? "estimated" : "given";
  return element(
    "article", { class: "result" }, element("h3", {}, `Enlarged ${scale} times`),
    comparison(URL.createObjectURL(picture), URL.createObjectURL(blob(bicubic.base64, bicubic.type))),
    element("p", { class: "quiet" }, `${enlarged.width} × ${enlarged.height} pixels, by ${network}, noise ${decimals(noise.level, 1)} of 255 (${origin})`),
    element("p", { class: "downloads" }, "Download: ", link(picture, `${stem(file)}_x${scale}.png`, "enlarged picture (png)")),
  );
}
