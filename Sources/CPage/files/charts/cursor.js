// A line over a chart that can be dragged, or moved by keys: a slider over the chart's positions.
import { h, setAttribute } from "../core/dom.js";

/**
 * A slider over `host`.
 *
 * `move(index)` hears where it went; `describe(index)` says in words what is there.
 */
export class Cursor {
  #element;
  #line = h("span", { class: "cursor-line" });
  #places = [];
  #index = 0;
  #move;
  #describe;

  constructor(host, { label, testid, move, describe }) {
    this.#move = move;
    this.#describe = describe;
    this.#element = h("div", {
      class: "cursor", role: "slider", tabindex: "0", hidden: true, "aria-label": label, "data-testid": testid,
      "aria-orientation": "horizontal",
      keydown: (event) => this.#key(event),
      pointerdown: (event) => {
        this.#element.setPointerCapture(event.pointerId);
        this.#element.focus({ preventScroll: true });
        this.#point(event);
      },
      pointermove: (event) => {
        if (event.buttons > 0) this.#point(event);
      },
    }, this.#line);
    host.append(this.#element);
  }

  /** Where the positions lie, in pixels of the host, and the box they cover. */
  place(places, { top, height }, index) {
    this.#places = places;
    const style = this.#element.style;
    style.top = `${top}px`;
    style.height = `${height}px`;
    this.#element.hidden = places.length === 0;
    this.set(index);
  }

  /** Stands at a position, without telling anybody. */
  set(index) {
    if (this.#places.length === 0) return;
    this.#index = Math.min(Math.max(index, 0), this.#places.length - 1);
    const [first, last] = [this.#places[0], this.#places.at(-1)];
    this.#element.style.left = `${first}px`;
    this.#element.style.width = `${last - first}px`;
    this.#line.style.left = `${this.#places[this.#index] - first}px`;
    setAttribute(this.#element, "aria-valuemin", 0);
    setAttribute(this.#element, "aria-valuemax", this.#places.length - 1);
    setAttribute(this.#element, "aria-valuenow", this.#index);
    setAttribute(this.#element, "aria-valuetext", this.#describe(this.#index));
  }

  #go(index) {
    const before = this.#index;
    this.set(index);
    if (this.#index !== before) this.#move(this.#index);
  }

  #point(event) {
    const x = event.clientX - this.#element.getBoundingClientRect().left + this.#places[0];
    let nearest = 0;
    this.#places.forEach((place, index) => {
      if (Math.abs(place - x) < Math.abs(this.#places[nearest] - x)) nearest = index;
    });
    this.#go(nearest);
  }

  #key(event) {
    const last = this.#places.length - 1;
    const targets = {
      ArrowLeft: this.#index - 1, ArrowDown: this.#index - 1,
      ArrowRight: this.#index + 1, ArrowUp: this.#index + 1,
      PageDown: this.#index - 5, PageUp: this.#index + 5, Home: 0, End: last,
    };
    if (!(event.key in targets)) return;
    event.preventDefault();
    this.#go(targets[event.key]);
  }
}
