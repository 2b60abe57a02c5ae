// Bands by shape and word, so that nobody needs to see their colours.
import { h, s } from "../core/dom.js";

/** The bands from the calmest to the worst. */
export const bandNames = ["safe", "watch", "call", "liquidation"];

const shapes = {
  safe: "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11Z",
  watch: "M8 2.2 14.2 13.2H1.8Z",
  call: "M8 1.2 14.8 8 8 14.8 1.2 8Z",
  liquidation: "M2.4 2.4h11.2v11.2H2.4Z",
};

/** The path of a band's shape in a square of 16. */
export function shapePath(band) {
  return shapes[band] ?? shapes.safe;
}

/** The shape alone. */
export function bandShape(band) {
  return s("svg", { class: `shape band-${band}`, viewBox: "0 0 16 16", "aria-hidden": "true" },
    s("path", { d: shapePath(band) }));
}

/** Shape and word. */
export function bandBadge(band) {
  return h("span", { class: `band band-${band}` }, bandShape(band), h("span", {}, band));
}

/** Puts the badge of a band into an element, only if it changed. */
export function setBand(element, band) {
  if (element.dataset.band === String(band)) return;
  element.dataset.band = band;
  element.replaceChildren(band ? bandBadge(band) : "");
}

/** The band of a ratio, for marks on scales: thresholds are numbers. */
export function bandOf(ratio, thresholds) {
  if (ratio >= 1) return "liquidation";
  if (ratio >= thresholds.call) return "call";
  return ratio >= thresholds.watch ? "watch" : "safe";
}
