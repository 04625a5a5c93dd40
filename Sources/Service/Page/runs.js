// The training runs: one view each, changed in place as news comes.

import { count, decimals, duration, element, facts, hash } from "./dom.js";
import { curve, kernelPicture } from "./drawing.js";

/** Seconds without a word from a coordinator after which its figures are called old. */
const staleAfter = 15;

const views = new Map();

/** Shows the runs of the server's last message. */
export function showRuns(runs) {
  const place = document.getElementById("runs");
  document.getElementById("no-runs").hidden = runs.length > 0;
  document.body.classList.toggle("without-runs", runs.length === 0);
  for (const [name, view] of views) {
    if (runs.some((run) => run.name === name)) continue;
    view.element.remove();
    views.delete(name);
  }
  runs.forEach((run) => {
    let view = views.get(run.name);
    if (!view) {
      view = new RunView(run.name, runs.length === 1 || isTraining(run));
      views.set(run.name, view);
      place.append(view.element);
    }
    view.update(run);
  });
}

const isTraining = (run) => (run.status?.state ?? run.state) === "training";

class RunView {
  constructor(name, isOpen) {
    this.badge = element("span", { class: "badge" });
    this.line = element("span", { class: "quiet" });
    this.bar = element("progress", { "aria-label": `Steps done of ${name}`, max: 1, value: 0 });
    this.message = element("p", { class: "quiet" });
    this.facts = facts({
      step: "Step", left: "Time left", speed: "Tasks a second", psnr: "Kernel PSNR, before → after",
      kernel: "Kernel loss", generator: "Generator loss", discriminator: "Discriminator loss",
      noise: "Gradient noise scale, tasks", latest: "Latest checkpoint", best: "Best checkpoint",
    });
    this.curve = element("div");
    this.kernels = element("div", { class: "kernels" });
    this.workers = element("tbody");
    this.workersTitle = element("h4", {}, "Workers");
    this.live = element(
      "div", {}, this.bar, this.facts.list,
      element("h4", {}, "Kernel PSNR"), element("figure", { class: "curve" }, this.curve, legend()),
      element("h4", {}, "Kernels of the last tasks, true beside estimated"), this.kernels,
      this.workersTitle, table(this.workers),
    );
    this.element = element(
      "details", { class: "run", open: isOpen },
      element("summary", {}, element("h3", {}, name), this.badge, this.line), this.message, this.live,
    );
  }

  update(run) {
    const status = run.status;
    const age = status && isTraining(run) ? this.age(status) : 0;
    const isLost = age > staleAfter;
    this.element.classList.toggle("stale", isLost);
    const state = isLost ? "silent" : (status?.state ?? run.state);
    this.badge.textContent = state;
    this.badge.dataset.state = state;
    this.message.textContent = isLost
      ? `The coordinator has said nothing for ${duration(age)}; it may have been killed.` : (status?.message ?? "");
    this.live.hidden = !status;
    if (!status) {
      this.line.textContent = run.latest ? `step ${count(run.latest.step)}` : "no checkpoint yet";
      this.message.textContent = "This run tells nothing of its training; its checkpoints are served.";
      return;
    }
    this.line.textContent = `${status.algorithm}, step ${count(status.step)} of ${count(status.steps)}`;
    this.showFigures(status);
    this.curve.replaceChildren(curve(status));
    this.showKernels(status.kernels);
    this.showWorkers(status.workers, state === "training");
  }

  /** Seconds since the status last changed, by this browser's clock alone: the server's may differ. */
  age(status) {
    if (this.updated !== status.updated) [this.updated, this.seen] = [status.updated, Date.now()];
    return (Date.now() - this.seen) / 1000;
  }

  showFigures(status) {
    const set = this.facts.set;
    const last = status.history.at(-1);
    this.bar.max = status.steps;
    this.bar.value = status.step;
    set("step", `${count(status.step)} of ${count(status.steps)}`);
    set("left", duration(status.seconds_left));
    set("speed", decimals(status.tasks_per_second, 1));
    set("psnr", last ? `${decimals(last.before, 1)} → ${decimals(last.after, 1)} dB` : "–");
    for (const name of ["kernel", "generator", "discriminator"]) set(name, decimals(status.losses?.[name], 3));
    set("noise", ...noiseScale(status.noise_scale));
    for (const name of ["latest", "best"]) {
      const found = status[name];
      set(name, ...(found ? [hash(found.sha256), ` step\u00a0${count(found.step)}`] : ["–"]));
    }
  }

  showKernels(kernels) {
    this.kernels.replaceChildren(...kernels.map((kernel) => {
      const white = Math.max(...kernel.truth, ...kernel.estimate, Number.MIN_VALUE);
      const picture = (values, what) =>
        kernelPicture(kernel.side, values, white, `${what} kernel of step ${kernel.step}, task ${kernel.index}`);
      return element(
        "figure", {},
        element("div", { class: "pair" }, picture(kernel.truth, "True"), picture(kernel.estimate, "Estimated")),
        element("figcaption", {}, `step ${count(kernel.step)}, task ${kernel.index}: ${decimals(kernel.psnr, 1)}\u00a0dB`),
      );
    }));
    if (kernels.length === 0) this.kernels.append(element("p", { class: "quiet" }, "No task is done yet."));
  }

  showWorkers(workers, isLive) {
    this.workersTitle.textContent = `Workers (${count(workers.length)})`;
    const rows = workers.map((worker) => element(
      "tr", { class: worker.stage },
      element("th", { scope: "row" }, worker.name), cell(worker.host), cell(worker.cores, true),
      cell(worker.instruction_set), cell(decimals(worker.tasks_per_second, 1), true),
      cell(count(worker.tasks_done), true), cell(count(worker.retries), true),
      cell(worker.reason ? `${worker.stage}: ${worker.reason}` : worker.stage),
      cell(worker.silent_for < 2 ? "now" : `${duration(worker.silent_for)} ago`),
    ));
    const none = isLive ? "No worker is connected; start one with metakernelgan worker." : "No worker is connected.";
    this.workers.replaceChildren(
      ...(rows.length ? rows : [element("tr", {}, element("td", { colspan: 9, class: "quiet" }, none))]));
  }
}

/** The figures, and the sentence that says what they mean. */
function noiseScale(noise) {
  const networks = ["generator", "discriminator", "prediction"].filter((name) => Number.isFinite(noise?.[name]));
  const figures = networks.map((name) => `${decimals(noise[name], noise[name] < 10 ? 1 : 0)} (${name})`).join(", ");
  return [element("span", { title: noise?.sentence ?? "" }, figures || "–")];
}

const cell = (content, isNumber = false) => element("td", { class: isNumber && "number" }, `${content}`);

const legend = () => element(
  "figcaption", { class: "legend" },
  ...[["before", "before adaptation"], ["after", "after"], ["after held-out", "dots: held-out tasks"]].map(
    ([kind, text]) => element("span", { class: kind }, text)),
);

function table(body) {
  const titles = ["Worker", "Host", "Cores", "Instructions", "Tasks/s", "Done", "Retries", "State", "Heard of"];
  const head = titles.map((title, at) =>
    element("th", { scope: "col", class: [2, 4, 5, 6].includes(at) && "number" }, title));
  return element(
    "div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Workers" },
    element("table", {}, element("thead", {}, element("tr", {}, ...head)), body),
  );
}
