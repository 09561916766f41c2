// Elements of the page. Whatever the supervisor tells becomes text, and never markup.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** What the page was told about this listener: `access` (`full`, `read`), `socket`. */
export const told = (what) => document.querySelector(`meta[name="wampsup-${what}"]`).content;

/** An element with these attributes; functions become listeners, children that are no elements become text. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== false && value != null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child != null));
  return element;
}

/** The same for SVG. */
export function s(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Change the text of an element only where it differs: what is selected or read stays so. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute only where it differs; `null` takes it away. */
export function mark(element, name, value) {
  if (value == null) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** A state, or what else has a shape, as that and a word. */
export function badge(state, word = state) {
  const use = s("use", { href: `#i-${state}` });
  return h(
    "span",
    { class: "state", "data-state": state },
    s("svg", { class: "shape", "aria-hidden": "true" }, use),
    h("span", {}, word),
  );
}

/** Let a badge show another state. */
export function rebadge(element, state) {
  if (element.dataset.state === state) return;
  element.dataset.state = state;
  element.querySelector("use").setAttribute("href", `#i-${state}`);
  write(element.lastChild, state);
}
