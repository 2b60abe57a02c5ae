// A screen as it was: which moment the address names, and a line that says so.
import { h } from "../core/dom.js";
import { moment } from "../core/format.js";
import { replaceParameters } from "../core/router.js";

/** The moment of an address in milliseconds, or `null` for now. */
export function pastOf(parameters) {
  const at = Number(parameters.get("at"));
  return Number.isFinite(at) && at > 0 ? at : null;
}

/** Says that a screen shows the past, with ways to the time machine and back to now; nothing where it shows now. */
export function pastLine(at, toNow) {
  if (at === null) return "";
  return h("p", { class: "past", "data-testid": "past", role: "status" }, h("b", {}, "As it was"), ` at ${moment(at)}. `,
    h("a", { href: `#/time?at=${at}` }, "Time machine"), " \u00b7 ",
    h("button", { type: "button", class: "link", click: () => {
      replaceParameters({ at: null });
      toNow();
    } }, "Back to now"));
}
