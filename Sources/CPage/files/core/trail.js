// The last minutes as this page has seen them: what changed, not only what is.
import { subtract } from "./decimal.js";

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

  /** How a figure of the book has changed since the beginning of the trail; `null` if that is not known. */
  changed(figure, value) {
    const first = this.#points.find((point) => point[figure] !== null);
    return first && value !== null ? subtract(value, first[figure]) : null;
  }

  /** How the ratio of an account among the worst has changed; `null` if it was not among them. */
  ratioChanged(account, ratio) {
    const first = this.#points.find((point) => point.ratios.get(account));
    return first && ratio !== null ? subtract(ratio, first.ratios.get(account)) : null;
  }
}
