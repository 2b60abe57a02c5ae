// The frame around everything that is shown, and what it shows when there is nothing.
import { h, setText } from "../core/dom.js";
import { makeStamp } from "./stamp.js";

let number = 0;

/** A titled panel with an age: `{root, head, body, stamp}`. */
export function panel({ title, name, note = "", tools = [] }) {
  number += 1;
  const id = `panel-${number}`;
  const stamp = makeStamp();
  const body = h("div", { class: "panel-body" });
  const head = h(
    "header", { class: "panel-head" },
    h("h2", { id }, title), note ? h("span", { class: "panel-note" }, note) : null,
    h("span", { class: "panel-tools" }, ...tools), stamp,
  );
  const root = h(
    "section",
    { class: `panel panel-${name}`, "aria-labelledby": id, "data-testid": `panel-${name}` },
    head, body,
  );
  return { root, head, body, stamp };
}

/** What stands where there is nothing to show, and why. */
export function emptyState(title, reason, ...actions) {
  return h("div", { class: "empty", "data-testid": "empty" },
    h("p", { class: "empty-title" }, title), h("p", {}, reason), ...actions);
}

/** What stands where an answer has not come yet. */
export function waiting() {
  return h("p", { class: "waiting", role: "status" }, "Asking the node.");
}

/** Shows in `host` that something went wrong, with a way to try again. */
export function showProblem(host, text, retry) {
  host.replaceChildren(emptyState("This could not be read", text,
    retry ? h("button", { type: "button", click: retry }, "Try again") : null));
}

/**
 * Shows a decimal text: formatted, with the exact text as title and `data-value`; a stale one says so.
 */
export function showNumber(element, text, format, { unit = "", isStale = false, reason = "" } = {}) {
  const isKnown = text !== null && text !== undefined;
  setText(element, isKnown ? format(text) : "—");
  const exact = isKnown ? `${text}${unit ? ` ${unit}` : ""}` : reason;
  element.title = isStale ? `${exact} (rests on a stale price)` : exact;
  element.dataset.value = isKnown ? text : "";
  element.classList.toggle("is-stale", isStale);
  element.classList.toggle("is-unknown", !isKnown);
}

/** A row of buttons of which one is pressed; `choose(value)` hears about it. */
export function choice(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) => h("button", {
    type: "button",
    "aria-pressed": String(value === chosen),
    "data-value": value,
    click: () => {
      for (const button of buttons) {
        button.setAttribute("aria-pressed", String(button.dataset.value === String(value)));
      }
      choose(value);
    },
  }, text));
  return h("div", { class: "choice", role: "group", "aria-label": label }, ...buttons);
}
