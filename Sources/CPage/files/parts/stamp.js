// Ages: every panel says which event it rests on and how old it is, and keeps growing old in a drop.
import { age, count } from "../core/format.js";
import { h, setAttribute, setText } from "../core/dom.js";

/** Older than this, an age is drawn as a warning. */
const oldAfter = 5_000;

/** An element that shows an age. */
export function makeStamp() {
  return h("span", { class: "stamp", "data-testid": "stamp" });
}

/**
 * Tells a stamp what it is about: the sequence number, when it arrived on the page's clock, and how old
 * it was then. What is of the past on purpose is not warned of.
 */
export function setStamp(element, { seq = null, at = performance.now(), base = 0, isPast = false } = {}) {
  element.stampOf = { seq, at, base, isPast };
  write(element);
}

function write(element) {
  const { seq, at, base, isPast } = element.stampOf;
  const milliseconds = performance.now() - at + base;
  if (!element.firstChild) element.append(h("span", { class: "stamp-seq" }), h("span", { class: "stamp-age" }));
  setText(element.firstChild, seq === null ? "" : `seq ${count(seq)} · `);
  setText(element.lastChild, `${age(milliseconds)}${isPast ? " ago" : ""}`);
  setAttribute(element, "data-seq", seq);
  element.classList.toggle("is-old", !isPast && milliseconds > oldAfter);
}

/** Lets all stamps grow older. */
export function ageStamps() {
  for (const element of document.querySelectorAll(".stamp")) if (element.stampOf) write(element);
}
