// A small line of the last minutes.
import { s } from "../core/dom.js";
import { forDrawing } from "../core/format.js";
import { round, through } from "./frame.js";

const [width, height] = [72, 20];

/** A line: `{root, update(points)}` with points `{at, mark}`, the oldest first. */
export function spark() {
  const path = s("path");
  const end = s("circle", { r: "2" });
  const root = s("svg", { class: "spark", viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, path, end);
  return {
    root,
    update(points) {
      root.toggleAttribute("hidden", points.length < 2);
      if (points.length < 2) return;
      const values = points.map((point) => forDrawing(point.mark));
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const [from, to] = [points[0].at, points.at(-1).at];
      const places = points.map((point, index) => [
        ((point.at - from) / (to - from || 1)) * (width - 4),
        high === low ? height / 2 : 2 + (1 - (values[index] - low) / (high - low)) * (height - 4),
      ]);
      path.setAttribute("d", through(places));
      end.setAttribute("cx", round(places.at(-1)[0]));
      end.setAttribute("cy", round(places.at(-1)[1]));
    },
  };
}
