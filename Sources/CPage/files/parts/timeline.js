// The controls of the time machine: a slider over the journal, steps, a written moment, an event's number.
import { get } from "../core/api.js";
import { h } from "../core/dom.js";
import { count, moment } from "../core/format.js";

const steps = [["−1 h", -3_600_000], ["−1 min", -60_000], ["−1 s", -1_000], ["+1 s", 1_000], ["+1 min", 60_000], ["+1 h", 3_600_000]];

/** The ends of the journal, `{first, last, now}`; `null` where the node does not answer about the past. */
export async function timeline(signal) {
  try {
    return await get("v1/timeline", {}, signal);
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** Reads a written moment: `2026-01-31 14:02:11`, or `seq 812`; `null` if it is neither. */
export function readMoment(text) {
  const number = /^(?:seq|#)\s*([\d,]+)$/i.exec(text.trim());
  if (number) return { seq: Number(number[1].replaceAll(",", "")) };
  const time = Date.parse(`${text.trim().replace(/\s*UTC$/i, "").replace(" ", "T").replace(/Z$/, "")}Z`);
  return Number.isFinite(time) ? { at: time } : null;
}

/** The controls: `{elements, draw(place, ends, now), wrong()}`; `go({at} | {seq} | null)` hears where to. */
export function timeControls(go) {
  let [shown, from, to] = [0, 0, 1];
  const input = h("input", { type: "text", class: "moment-input", "aria-label": "Moment, UTC, or seq and a number", spellcheck: "false", autocomplete: "off", "data-testid": "time-input", change: () => {
    const place = readMoment(input.value);
    if (place) go(place);
    else input.setAttribute("aria-invalid", "true");
  } });
  const slider = h("input", { type: "range", min: 0, max: 10_000, step: 1, "aria-label": "Moment between the first event and now", "data-testid": "time-slider", input: () => {
    const part = Number(slider.value) / 10_000;
    go(part >= 1 ? null : { at: Math.round(from + part * (to - from)) });
  } });
  const ends = [h("span", { class: "faint" }), h("span", { class: "faint" })];
  const buttons = [
    h("div", { class: "choice", role: "group", "aria-label": "Step" }, ...steps.map(([text, by]) => (
      h("button", { type: "button", click: () => go({ at: shown + by }) }, text)))),
    h("button", { type: "button", class: "tool", click: () => go(null) }, "Now"),
  ];
  return {
    row: [h("label", { class: "moment" }, "UTC ", input), ...buttons],
    slider: h("div", { class: "time-slider" }, slider, h("div", { class: "time-ends" }, ...ends)),
    /** Stands at a time, between the first event and now; `seq` is shown where it was asked for. */
    draw(time, span, seq = null) {
      [shown, from, to] = [time, span.from, span.to];
      input.value = seq === null ? moment(time).replace(" UTC", "") : `seq ${seq}`;
      input.removeAttribute("aria-invalid");
      slider.disabled = !span.isKnown;
      slider.value = String(Math.round(((time - from) / Math.max(1, to - from)) * 10_000));
      slider.setAttribute("aria-valuetext", moment(time));
      ends[0].textContent = span.isKnown ? `${moment(from)}${span.seq ? `, seq ${count(span.seq)}` : ""}` : "";
      ends[1].textContent = span.isKnown ? "now" : "";
    },
  };
}
