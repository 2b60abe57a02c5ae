// How far a position is from its liquidation price: the mark in the middle, 40 per cent to each side.
import { s } from "../core/dom.js";
import { forDrawing } from "../core/format.js";
import { round } from "./frame.js";

const reach = 0.4;

/** A bar of distance: `{root, update({mark, liquidation, entry})}` with decimal texts. */
export function distanceBar() {
  const gap = s("rect", { class: "gap", y: "30%", height: "40%" });
  const tick = s("line", { class: "tick-liquidation", y1: "0", y2: "100%" });
  const entry = s("circle", { class: "tick-entry", cy: "50%", r: "2.5" });
  const root = s("svg", { class: "distance-bar", "aria-hidden": "true" },
    s("rect", { class: "rail", y: "30%", width: "100%", height: "40%" }), gap, entry,
    s("line", { class: "tick-mark", x1: "50%", x2: "50%", y1: "0", y2: "100%" }), tick);
  return {
    root,
    update({ mark, liquidation, entry: entered }) {
      const [now, line, start] = [mark, liquidation, entered].map(forDrawing);
      const place = (value) => 50 + 50 * Math.min(Math.max((value / now - 1) / reach, -1), 1);
      const isKnown = now !== null && line !== null;
      gap.toggleAttribute("hidden", !isKnown);
      tick.toggleAttribute("hidden", !isKnown);
      entry.toggleAttribute("hidden", now === null || start === null);
      if (isKnown) {
        const at = place(line);
        gap.setAttribute("x", `${round(Math.min(at, 50))}%`);
        gap.setAttribute("width", `${round(Math.abs(at - 50))}%`);
        for (const end of ["x1", "x2"]) tick.setAttribute(end, `${round(at)}%`);
      }
      if (now !== null && start !== null) entry.setAttribute("cx", `${round(place(start))}%`);
      root.dataset.value = liquidation ?? "";
    },
  };
}
