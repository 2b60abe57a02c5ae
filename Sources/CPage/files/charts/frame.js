// What all charts share: an SVG that is drawn in the pixels it has, scales, and ticks.
import { s } from "../core/dom.js";

/**
 * An SVG with a title in `host`, drawn again when its data or its size change.
 *
 * `draw(svg, {width, height, rem}, data)` fills it.
 */
export class Frame {
  #data = null;
  #draw;
  #host;
  #svg;
  #title;

  constructor(host, { title, testid, draw }) {
    this.#draw = draw;
    this.#host = host;
    this.#title = s("title", {}, title);
    this.#svg = s("svg", { role: "img", "data-testid": testid, class: "chart" });
    host.classList.add("chart-host");
    host.append(this.#svg);
    new ResizeObserver(() => this.#redraw()).observe(host);
  }

  /** Shows this from now on; `title` says it in a sentence. */
  update(data, title) {
    this.#data = data;
    if (title) this.#title.textContent = title;
    this.#redraw();
  }

  #redraw() {
    const [width, height] = [this.#host.clientWidth, this.#host.clientHeight];
    if (this.#data === null || width === 0 || height === 0) return;
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#svg.replaceChildren(this.#title);
    this.#draw(this.#svg, { width, height, rem }, this.#data);
  }
}

/** A straight scale. */
export function linear([from, to], [start, end]) {
  const scale = (value) => start + ((value - from) / (to - from || 1)) * (end - start);
  scale.invert = (place) => from + ((place - start) / (end - start || 1)) * (to - from);
  return scale;
}

/** Round values that divide a range into about `wanted` parts. */
export function ticks(from, to, wanted) {
  const span = to - from;
  if (!(span > 0)) return [from];
  const rough = span / Math.max(1, wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((unit) => unit * power).find((size) => size >= rough);
  const list = [];
  for (let index = Math.ceil(from / step - 1e-9); index * step <= to + step * 1e-9; index += 1) {
    list.push(Number((index * step).toPrecision(12)));
  }
  return list;
}

/** A text at a place; `anchor` is `start`, `middle` or `end`. */
export function label(x, y, text, kind = "tick", anchor = "middle") {
  return s("text", { x: round(x), y: round(y), class: kind, "text-anchor": anchor }, text);
}

/** A straight line. */
export function line(x1, y1, x2, y2, kind) {
  return s("line", { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2), class: kind });
}

/** A rectangle, never of a negative size. */
export function box(x, y, width, height, kind, more = {}) {
  return s("rect", {
    x: round(x), y: round(y), width: round(Math.max(0, width)), height: round(Math.max(0, height)), class: kind, ...more,
  });
}

/** A path through points. */
export function through(points) {
  return points.map(([x, y], index) => `${index === 0 ? "M" : "L"}${round(x)} ${round(y)}`).join("");
}

/** Hundredths of a pixel are enough. */
export function round(value) {
  return Math.round(value * 100) / 100;
}
