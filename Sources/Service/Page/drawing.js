// Kernels as pictures, and curves.

import { decimals, element, svg } from "./dom.js";

/** A kernel in shades of grey, one canvas pixel a value: black for zero and below, white for `white` and above. */
export function kernelPicture(side, values, white, label) {
  const canvas = element("canvas", { width: side, height: side, class: "kernel", role: "img", "aria-label": label });
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(side, side);
  values.forEach((value, at) => {
    const level = Math.round(255 * Math.min(Math.max(value / white, 0), 1));
    pixels.data.set([level, level, level, 255], 4 * at);
  });
  context.putImageData(pixels, 0, 0);
  return canvas;
}

/** Half axes and angle of the ellipse of a covariance, one standard deviation. */
export function axes({ xx, xy, yy }) {
  const middle = (xx + yy) / 2;
  const spread = Math.hypot((xx - yy) / 2, xy);
  return {
    long: Math.sqrt(Math.max(middle + spread, 0)),
    short: Math.sqrt(Math.max(middle - spread, 0)),
    degrees: (Math.atan2(2 * xy, xx - yy) / 2) * (180 / Math.PI),
  };
}

/** The ellipse of a kernel's covariance and, where `bound` is known, the smallest and largest that it allows. */
export function ellipses(side, covariance, centre, bound) {
  const { long, short, degrees } = axes(covariance);
  const share = (bound ?? 0) / (covariance.xx + covariance.yy);
  const [x, y] = [centre.x + 0.5, centre.y + 0.5];
  const ellipse = (kind, factor) =>
    svg("ellipse", {
      class: kind, cx: x, cy: y, rx: long * Math.sqrt(Math.max(factor, 0)),
      ry: short * Math.sqrt(Math.max(factor, 0)), transform: `rotate(${degrees} ${x} ${y})`,
    });
  const all = bound == null ? [] : [ellipse("bound", 1 - share), ellipse("bound", 1 + share)];
  return svg("svg", { viewBox: `0 0 ${side} ${side}`, "aria-hidden": "true" }, ...all, ellipse("own", 1));
}

const lines = [
  { key: "before", kind: "before", of: "history" },
  { key: "after", kind: "after", of: "history" },
  { key: "before", kind: "before held-out", of: "evaluations" },
  { key: "after", kind: "after held-out", of: "evaluations" },
];

/** Kernel PSNR before and after adaptation over the steps; points of held-out tasks as dots. */
export function curve(status) {
  const points = [...status.history, ...status.evaluations];
  if (points.length < 2) return element("p", { class: "quiet" }, "The curve begins after a few seconds.");
  const steps = points.map((point) => point.step);
  const values = points.flatMap((point) => [point.before, point.after]);
  const [first, last] = [Math.min(...steps), Math.max(...steps)];
  const [low, high] = [Math.floor(Math.min(...values)), Math.ceil(Math.max(...values))];
  const x = (step) => ((step - first) / Math.max(last - first, 1)) * 100;
  const y = (value) => 100 - ((value - low) / Math.max(high - low, 1)) * 100;
  const place = (point, key) => `${x(point.step).toFixed(2)} ${y(point[key]).toFixed(2)}`;
  const paths = lines.map(({ key, kind, of }) => {
    const places = status[of].map((point) => place(point, key));
    const drawn = of === "history" ? `M${places.join("L")}` : places.map((at) => `M${at}h0`).join("");
    return svg("path", { class: kind, d: places.length ? drawn : "", "vector-effect": "non-scaling-stroke" });
  });
  const end = points.at(status.history.length - 1) ?? points.at(-1);
  const plot = svg(
    "svg",
    {
      viewBox: "-1 -3 102 106", preserveAspectRatio: "none", role: "img",
      "aria-label": `Kernel PSNR from step ${first} to ${last}, last ${decimals(end.before, 1)} dB before `
        + `adaptation and ${decimals(end.after, 1)} dB after`,
    },
    ...paths,
  );
  return element(
    "div", { class: "plot" },
    element("span", { class: "high" }, `${high} dB`), element("span", { class: "low" }, `${low} dB`), plot,
    element("span", { class: "first" }, `step ${first.toLocaleString("en")}`),
    element("span", { class: "last" }, `step ${last.toLocaleString("en")}`),
  );
}
