// Two pictures of the same size over one another, with a slider between them.

import { element } from "./dom.js";

/** The enlarged picture, and the bicubic one left of the slider. */
export function comparison(enlarged, bicubic) {
  const picture = (source, text) => element("img", { src: source, alt: text });
  const top = picture(bicubic, "The picture enlarged by bicubic interpolation");
  const stage = element(
    "div", { class: "stage" }, picture(enlarged, "The picture enlarged with its kernel"),
    element("div", { class: "top" }, top), element("div", { class: "divider", "aria-hidden": "true" }));
  const window = element(
    "div", { class: "window", tabindex: 0, role: "region", "aria-label": "The enlarged pictures" }, stage);
  const slider = element("input", { type: "range", min: 0, max: 100, value: 50, "aria-label": "Bicubic picture on the left up to here" });
  const place = () => {
    stage.style.setProperty("--share", `${slider.value}%`);
    slider.setAttribute("aria-valuetext", `bicubic on the left ${slider.value} %`);
  };
  slider.addEventListener("input", place);
  place();
  const whole = element("input", { type: "checkbox" });
  whole.addEventListener("change", () => window.classList.toggle("full-size", whole.checked));
  return element(
    "div", { class: "comparison" },
    element(
      "div", { class: "slider" }, element("span", {}, "◂ bicubic"), slider, element("span", {}, "with its kernel ▸")),
    window, element("label", { class: "check" }, whole, " One pixel of the result is one of the screen"),
  );
}
