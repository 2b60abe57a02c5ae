// The marks of the book with what they did in the last minutes.
import { h } from "../core/dom.js";
import { age, change, compact, price } from "../core/format.js";
import { divide, subtract } from "../core/decimal.js";
import { route } from "../core/router.js";
import { spark } from "../charts/spark.js";
import { showNumber } from "./panel.js";
import { setStamp } from "./stamp.js";
import { table } from "./table.js";

/** The table of marks: `{root, draw(markets)}`. */
export function marksTable(live) {
  return table({
    caption: "Marks",
    testid: "marks",
    key: (item) => item.symbol,
    cards: false,
    columns: [
      { label: "Market", kind: "name", fill: (cell, item) => fillMarket(cell, item.symbol) },
      { label: "Mark", kind: "number", fill: (cell, item) => showNumber(cell, item.mark, price, { isStale: item.isStale, reason: "no mark yet" }) },
      { label: () => live.trail.window, kind: "trail spare", fill: (cell, item) => fillTrail(cell, item, live.trail) },
      { label: "Open int.", kind: "number", fill: (cell, item) => showNumber(cell, item.openInterest, compact) },
      {
        label: "Age",
        kind: "number",
        fill: (cell, item) => {
          cell.stamp ??= cell.appendChild(h("span", { class: "stamp" }));
          setStamp(cell.stamp, { at: live.at("book") ?? performance.now(), base: item.age ?? 0 });
        },
      },
    ],
  });
}

/** The line of a mark and its change, as far back as this page has seen it. */
function fillTrail(cell, item, trail) {
  cell.line ??= spark();
  cell.text ??= h("span");
  if (!cell.firstChild) cell.append(cell.line.root, cell.text);
  const points = trail.marks(item.symbol);
  cell.line.update(points);
  const first = points[0]?.mark ?? null;
  const moved = first === null || item.mark === null ? null : divide(subtract(item.mark, first), first);
  showNumber(cell.text, moved, (text) => change(text, 2), { reason: "no mark was seen before" });
  if (first !== null) cell.title = `in the ${age(performance.now() - points[0].at)} that this page has seen of it`;
}

function fillMarket(cell, symbol) {
  if (cell.dataset.symbol === symbol) return;
  cell.dataset.symbol = symbol;
  cell.replaceChildren(h("a", { href: route("map", [symbol]) }, symbol));
}
