// A picture in; its kernel, and the picture enlarged, out.

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
  find("problem").hidden = true;
  find("results").replaceChildren();
  try {
    say(`Estimating the kernel of ${file.name}…`);
    const report = await (await ask("estimate", { scale, format: "json" }, file, signal)).json();
    find("results").append(kernelResult(file, scale, report));
    say(`Enlarging ${file.name}…`);
    const [enlarged, plain] = await Promise.all([
      ask("super-resolve", { scale }, file, signal), ask("super-resolve", { scale, method: "bicubic" }, file, signal),
    ]);
    const blobs = await Promise.all([enlarged.blob(), plain.blob()]);
    find("results").append(enlargedResult(file, scale, ...blobs));
    say(`Done: the kernel of ${file.name} and the enlarged picture are below.`);
  } catch (error) {
    if (signal.aborted) return;
    say("");
    find("problem").textContent = error.message;
    find("problem").hidden = false;
  }
}

const say = (text) => { find("progress").textContent = text; };

/** Sends a picture. What the server says against it is the error's message, as it is. */
async function ask(what, query, file, signal) {
  let response;
  try {
    response = await fetch(`api/v1/${what}?${new URLSearchParams(query)}`, {
      method: "POST", body: file, signal, headers: { "Content-Type": file.type || "application/octet-stream" },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Error("The server did not answer; it may have closed the connection. Is it still running?");
  }
  if (response.ok) return response;
  const text = await response.text();
  let detail = text;
  try { detail = JSON.parse(text).detail ?? text; } catch { /* not JSON: shown as it is */ }
  throw new Error(detail || `The server answered ${response.status} and nothing else.`);
}

function kernelResult(file, scale, report) {
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
      element("div", {}, about.list, element("p", {}, certainty(report.spread, bound)), notes(report.notes), downloads(file, scale, report)),
    ),
  );
}

function certainty(spread, bound) {
  if (!spread) return "How sure this is, this method cannot tell.";
  const within = `in nine of ten pictures like this the covariance is within ${decimals(bound, 2)} of the true one`;
  return spread.is_sure ? `Sure: ${within}.` : `Not sure: ${within}, or worse.`;
}

const notes = (texts) => (texts.length === 0 ? "" : element(
  "ul", { class: "notes", "aria-label": "Notes" }, ...texts.map((text) => element("li", {}, text))));

const stem = (file) => file.name.replace(/\.[^.]*$/, "") || "picture";

function downloads(file, scale, report) {
  const name = `${stem(file)}_kernel_x${scale}`;
  const json = new Blob([JSON.stringify(report)], { type: "application/json" });
  const fetched = (format) => {
    const button = element("button", { type: "button" }, format);
    button.addEventListener("click", async () => {
      try {
        save(await (await ask("estimate", { scale, format }, file)).blob(), `${name}.${format}`);
      } catch (error) {
        find("problem").textContent = error.message;
        find("problem").hidden = false;
      }
    });
    return button;
  };
  return element(
    "p", { class: "downloads" }, "Download the kernel: ", fetched("npy"), " ", fetched("png"), " ",
    link(json, `${name}.json`, "json"));
}

const link = (blob, name, text) =>
  element("a", { class: "button", href: URL.createObjectURL(blob), download: name }, text);

const save = (blob, name) => link(blob, name, name).click();

function enlargedResult(file, scale, enlarged, plain) {
  return element(
    "article", { class: "result" }, element("h3", {}, `Enlarged ${scale} times`),
    comparison(URL.createObjectURL(enlarged), URL.createObjectURL(plain)),
    element("p", { class: "downloads" }, "Download: ", link(enlarged, `${stem(file)}_x${scale}.png`, "enlarged picture (png)")),
  );
}
