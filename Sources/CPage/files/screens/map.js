// The liquidation map of a market: exact, from the book that the node holds.
import { explained, get } from "../core/api.js";
import { debounce, h } from "../core/dom.js";
import { amount, change, count, price, shortAmount } from "../core/format.js";
import { add, compare, divide, subtract } from "../core/decimal.js";
import { replaceParameters, route } from "../core/router.js";
import { liquidationChart, sums } from "../charts/map.js";
import { markets } from "../parts/markets.js";
import { pastLine, pastOf } from "../parts/past.js";
import { choice, emptyState, panel, showNumber, showProblem, waiting } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { table } from "../parts/table.js";

const ranges = [["0.1", "±10 %"], ["0.2", "±20 %"], ["0.4", "±40 %"]];
const refreshAfter = 2_500;

/** The map: `{title, update(), curl()}`. */
export function mount(root, { live, route: present, signal }) {
  const at = pastOf(present.parameters);
  const asked = { symbol: present.parts[0] ?? null, range: present.parameters.get("range") ?? "0.2", buckets: 80, at };
  const part = panel({ title: "Liquidation map", name: "map", note: "exact" });
  const steps = panel({ title: "Largest steps", name: "steps", note: "where most would be liquidated" });
  const host = h("div", { class: "chart-map" });
  const readout = h("p", { class: "readout", "data-testid": "map-readout" });
  const note = h("p", { class: "faint" });
  const picker = h("div", { class: "filters" });
  const empty = h("div");
  part.body.append(picker, pastLine(at, () => dispatchEvent(new HashChangeEvent("hashchange"))), readout, host, empty, note);
  const rows = stepsTable(() => map);
  steps.body.append(rows.root);
  root.append(h("div", { class: "grid map-grid" }, part.root, steps.root));

  let map = null;
  /** Nothing is shown under a choice that it does not belong to. */
  const hide = () => {
    map = null;
    for (const element of [host, readout, rows.root]) element.hidden = true;
    note.textContent = "";
  };
  hide();
  empty.append(waiting());

  // The line stays at a price while the market moves under it.
  let chosen = present.parameters.get("price");
  const chart = liquidationChart(host, (index) => {
    chosen = map.buckets[index].from;
    keep();
    say();
  });
  const keep = debounce(250, () => replaceParameters({ price: chosen }));
  signal.addEventListener("abort", () => keep.cancel());
  const say = () => {
    const { center, list } = sums(map);
    const found = map.buckets.findIndex((bucket) => compare(bucket.to, chosen) > 0);
    // Without a choice the line is half-way down, where there is something to read.
    const index = chosen === null || found < 0 ? center >> 1 : found;
    const bucket = map.buckets[index];
    const range = index < center ? map.buckets.slice(index, center) : map.buckets.slice(center, index + 1);
    const total = range.reduce((sum, one) => add(sum, add(one.long, one.short)), "0");
    const far = divide(subtract(index < center ? bucket.from : bucket.to, map.mark), map.mark);
    readout.replaceChildren(
      `From ${price(bucket.from)} to ${price(bucket.to)} (${change(far)}): `,
      h("b", {}, shortAmount(add(bucket.long, bucket.short), map.asset)), ` ${map.asset} of ${count(bucket.accounts)} accounts. `,
      "A move there goes through ", h("b", { "data-value": total, title: total }, shortAmount(total, map.asset)), ` ${map.asset} in all.`,
    );
    return { list, center, index };
  };
  const draw = () => {
    const hasAny = map.buckets.some((bucket) => bucket.accounts > 0);
    for (const element of [host, readout]) element.hidden = !hasAny;
    empty.replaceChildren(hasAny ? "" : emptyState("Nothing within this range", `No position of ${map.symbol} would be liquidated here. A wider range may show some.`));
    rows.root.hidden = !hasAny;
    if (hasAny) {
      const { index } = say();
      chart.update(map, index);
    }
    note.textContent = `${map.note} The fund holds ${amount(map.fund, map.asset)} ${map.asset}.`;
    rows.draw([...map.buckets].filter((bucket) => bucket.accounts > 0)
      .sort((a, b) => compare(add(b.long, b.short), add(a.long, a.short))).slice(0, 20));
    for (const one of [part, steps]) {
      setStamp(one.stamp, { seq: map.seq, base: at === null ? 0 : Math.max(0, live.now() - map.asOf), isPast: at !== null });
    }
  };
  // Only the answer to the last question is drawn: an older one may have another range, and may come later.
  let loading = null;
  const load = async () => {
    loading?.abort();
    const mine = new AbortController();
    loading = mine;
    try {
      map = await get("v1/liquidation-map", asked, AbortSignal.any([signal, mine.signal]));
      draw();
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(empty, reason, load);
    }
    if (loading === mine) loading = null;
  };
  const begin = async () => {
    try {
      const symbols = (await markets(live, signal)).items.map((item) => item.symbol);
      asked.symbol ??= symbols[0];
      if (asked.symbol === undefined) {
        root.replaceChildren(emptyState("No markets", "The venue has defined none yet."));
        return;
      }
      picker.append(
        choice("Market", symbols.map((symbol) => [symbol, symbol]), asked.symbol, (symbol) => {
          location.hash = route("map", [symbol], { at });
        }),
        choice("Range", ranges, asked.range, (range) => {
          asked.range = range;
          replaceParameters({ range });
          hide();
          empty.replaceChildren(waiting());
          load();
        }));
      await load();
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(root, reason, null);
    }
  };
  begin();
  let loadedAt = performance.now();
  return {
    title: "Liquidation map",
    update(changed) {
      if (at !== null || !changed.has("book") || map === null || loading !== null || performance.now() - loadedAt < refreshAfter) return;
      loadedAt = performance.now();
      load();
    },
    curl: () => [["v1/liquidation-map", asked]],
  };
}

function stepsTable(map) {
  const money = (name, title) => ({
    label: title,
    kind: "number",
    fill: (cell, bucket) => showNumber(cell, bucket[name], (text) => shortAmount(text, map().asset), { unit: map().asset }),
  });
  return table({
    caption: "The steps with the largest notional",
    testid: "steps",
    key: (bucket) => bucket.from,
    cards: false,
    columns: [
      { label: "From", kind: "number", fill: (cell, bucket) => showNumber(cell, bucket.from, price) },
      { label: "To", kind: "number extra", fill: (cell, bucket) => showNumber(cell, bucket.to, price) },
      {
        label: "Move",
        kind: "number",
        fill: (cell, bucket) => showNumber(cell, divide(subtract(bucket.from, map().mark), map().mark), change),
      },
      money("long", "Long"), money("short", "Short"),
      { label: "Accounts", kind: "number", fill: (cell, bucket) => showNumber(cell, String(bucket.accounts), count) },
    ],
  });
}
