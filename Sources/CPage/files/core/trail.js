// The last minutes as this page has seen them: what changed, not only what is.
import { subtract } from "./decimal.js";
import { age } from "./format.js";

/** How far back the trail goes, and how far apart its points are, in milliseconds of the page's clock. */
const reach = 300_000;
const step = 2_000;

/** Points of the last five minutes, taken from the samples of the book. */
export class Trail {
  #points = [];

  /** Notes a sample that arrived at `at`. */
  add(book, at) {
    const last = this.#points.at(-1);
    if (last && at - last.at < step) return;
    this.#points.push({
      at,
      equity: book.equity,
      freeboard: book.freeboard,
      bands: book.bands,
      marks: new Map(book.markets.map((market) => [market.symbol, market.mark])),
      ratios: new Map(book.worst.map((item) => [item.account, item.marginRatio])),
    });
    while (this.#points[0].at < at - reach) this.#points.shift();
  }

  /** How far back it goes now, in milliseconds. */
  get length() {
    return this.#points.length === 0 ? 0 : performance.now() - this.#points[0].at;
  }

  /** The marks of a symbol with the ages of their samples, the oldest first. */
  marks(symbol) {
    return this.#points.map((point) => ({ at: point.at, mark: point.marks.get(symbol) ?? null }))
      .filter((point) => point.mark !== null);
  }

  /** What a change over the whole trail is called: `in 5 min`; `Change` before there is anything to compare with. */
  get window() {
    return this.length < step ? "Change" : `in ${age(this.length)}`;
  }

  /** How a figure of the book has changed, `{difference, span}`; `null` if that is not known. */
  changed(figure, value) {
    return this.#since((point) => point[figure], value);
  }

  /** The same of the ratio of an account, which may have come among the worst later; `null` if it was not among them. */
  ratioChanged(account, ratio) {
    return this.#since((point) => point.ratios.get(account), ratio);
  }

  /** The difference to the first point that has a value, and how long ago that was. */
  #since(valueOf, now) {
    const first = this.#points.find((point) => (valueOf(point) ?? null) !== null);
    if (first === undefined || now === null) return null;
    return { difference: subtract(now, valueOf(first)), span: performance.now() - first.at };
  }
}
