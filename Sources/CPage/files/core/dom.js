// Elements without markup in texts: names from outside are only ever text nodes and attributes.

const svgSpace = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element. Attributes that are functions listen to the event of their name. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(svgSpace, tag), attributes, children);
}

/** Sets a text, only if it changed. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Sets an attribute, only if it changed; `null` removes it. */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** Moves a child without losing its focus where the browser can. */
function place(parent, element, before) {
  if (element.parentNode === parent && parent.moveBefore) parent.moveBefore(element, before);
  else parent.insertBefore(element, before);
}

/**
 * Makes the children of `parent` those of `items`, in order, and keeps the elements whose key stays,
 * so that neither focus nor a half-done click is lost. Keys are unique.
 *
 * `make(item)` returns an element, `update(element, item, index)` fills it.
 */
export function keyed(parent, items, key, make, update) {
  const known = parent.keyedChildren ?? new Map();
  const next = new Map(items.map((item, index) => {
    const name = key(item, index);
    return [name, known.get(name) ?? make(item)];
  }));
  for (const [name, element] of known) if (!next.has(name)) element.remove();
  let current = parent.firstElementChild;
  for (const element of next.values()) {
    if (element === current) current = current.nextElementSibling;
    else place(parent, element, current);
  }
  items.forEach((item, index) => update(next.get(key(item, index)), item, index));
  parent.keyedChildren = next;
}

/** Calls `action` once, `delay` ms after the last call. */
export function debounce(delay, action) {
  let timer = 0;
  const later = (...values) => {
    clearTimeout(timer);
    timer = setTimeout(action, delay, ...values);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}
