// The tiers of a market as a ruler: one part for each, with a mark where a position stands.
import { s } from "../core/dom.js";
import { forDrawing } from "../core/format.js";
import { round } from "./frame.js";

/** A ruler: `{root, update({floors, index, size})}`; `size` is what the tiers' floors measure. */
export function ruler() {
  const root = s("svg", { class: "ruler", "aria-hidden": "true" });
  return {
    root,
    update({ floors, index, size }) {
      const step = 100 / floors.length;
      const [floor, cap] = [forDrawing(floors[index]) ?? 0, forDrawing(floors[index + 1])];
      const part = cap === null ? 0.5 : Math.min(Math.max((forDrawing(size) - floor) / (cap - floor), 0), 1);
      root.dataset.value = index + 1;
      root.replaceChildren(
        ...floors.map((_, number) => s("rect", {
          class: number === index ? "tier is-here" : "tier", y: "30%", height: "40%",
          x: `${round(number * step + 0.3)}%`, width: `${round(step - 0.6)}%`,
        })),
        s("line", {
          class: "tick-mark", y1: "0", y2: "100%", x1: `${round((index + part) * step)}%`, x2: `${round((index + part) * step)}%`,
        }),
      );
    },
  };
}
