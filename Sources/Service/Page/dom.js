// Elements made without markup, so that nothing from outside can become any.

function make(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

export const element = (tag, attributes = {}, ...children) =>
  make(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  make(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** A list of terms with what they are; `set` changes one by its key. */
export function facts(terms) {
  const values = {};
  const list = element("dl", { class: "facts" });
  for (const [key, term] of Object.entries(terms)) {
    values[key] = element("dd", {}, "–");
    list.append(element("div", {}, element("dt", {}, term), values[key]));
  }
  const set = (key, ...content) => values[key].replaceChildren(...content);
  return { list, set };
}

/** A hash cut to twelve digits; the whole one on demand, and in what is copied. */
export const hash = (sha256) =>
  element("code", { title: sha256, "aria-label": `SHA-256 ${sha256}` }, sha256.slice(0, 12));

export const count = (value) => value.toLocaleString("en");

export const decimals = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : "–");

export function duration(seconds) {
  if (!Number.isFinite(seconds)) return "–";
  const whole = Math.round(seconds);
  if (whole < 90) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 90) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h ${minutes % 60} min` : `${Math.round(hours / 24)} days`;
}
