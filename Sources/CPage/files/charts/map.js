// Where positions would be liquidated, by price: longs below the mark, shorts above it, and the sums
// from the mark outwards.
import { s } from "../core/dom.js";
import { compact, count, forDrawing, price } from "../core/format.js";
import { Cursor } from "./cursor.js";
import { Frame, box, label, line, linear, through, ticks } from "./frame.js";

/** A map with a line to read it by: `{update(map, index)}`; `move(index)` hears where the line went. */
export function liquidationChart(host, move) {
  let buckets = [];
  let chosen = 0;
  const frame = new Frame(host, {
    title: "Liquidation map",
    testid: "chart-map",
    draw: (svg, size, map) => {
      const plot = draw(svg, size, map);
      cursor.place(plot.places, plot, chosen);
    },
  });
  const cursor = new Cursor(host, {
    label: "Price",
    testid: "map-cursor",
    move,
    describe: (index) => {
      const bucket = buckets[index];
      return bucket
        ? `${price(bucket.from)} to ${price(bucket.to)}: long ${compact(bucket.long)}, short ${compact(bucket.short)}, ${count(bucket.accounts)} accounts`
        : "";
    },
  });
  return {
    update(map, index) {
      buckets = map.buckets;
      chosen = index;
      frame.update(map, `Liquidation map of ${map.symbol} at ${price(map.mark)}`);
    },
  };
}

/** Sums from the mark outwards: for each bucket what is liquidated when the price has gone through it. */
export function sums(map) {
  const mark = forDrawing(map.mark);
  const middle = map.buckets.findIndex((bucket) => forDrawing(bucket.to) > mark);
  const center = middle < 0 ? map.buckets.length : middle;
  const list = new Array(map.buckets.length).fill(0);
  const size = (bucket) => (forDrawing(bucket.long) ?? 0) + (forDrawing(bucket.short) ?? 0);
  let sum = 0;
  for (let index = center; index < list.length; index += 1) list[index] = sum += size(map.buckets[index]);
  sum = 0;
  for (let index = center - 1; index >= 0; index -= 1) list[index] = sum += size(map.buckets[index]);
  return { list, center };
}

function draw(svg, { width, height, rem }, map) {
  const [left, right, top, bottom] = [3.8 * rem, width - 0.8 * rem, 1.7 * rem, height - 1.7 * rem];
  const split = top + (bottom - top) * 0.64;
  const { buckets } = map;
  const longs = buckets.map((bucket) => forDrawing(bucket.long) ?? 0);
  const shorts = buckets.map((bucket) => forDrawing(bucket.short) ?? 0);
  const from = forDrawing(buckets[0].from);
  const to = forDrawing(buckets.at(-1).to);
  const mark = forDrawing(map.mark);
  const x = linear([from, to], [left, right]);
  const most = Math.max(1, ...longs.map((value, index) => value + shorts[index]));
  const y = linear([0, most], [split - 1.4 * rem, top]);
  const { list, center } = sums(map);
  const highest = Math.max(1, ...list);
  const below = linear([0, highest], [bottom, split + 0.5 * rem]);

  scaleLines(svg, y, most, { left, right, rem });
  scaleLines(svg, below, highest, { left, right, rem });
  const narrow = Math.max(0.5, (right - left) / buckets.length - Math.max(0.5, 0.08 * rem));
  buckets.forEach((bucket, index) => {
    const place = x(forDrawing(bucket.from));
    if (longs[index] > 0) svg.append(box(place, y(longs[index]), narrow, y(0) - y(longs[index]), "bar is-long", { "data-value": bucket.long }));
    if (shorts[index] > 0) {
      const base = y(longs[index]);
      const rise = y(0) - y(shorts[index]);
      svg.append(box(place, base - rise, narrow, rise, "bar is-short", { "data-value": bucket.short }));
    }
  });
  const curve = (indexes) => indexes.map((index) => [(x(forDrawing(buckets[index].from)) + x(forDrawing(buckets[index].to))) / 2, below(list[index])]);
  const down = [...list.keys()].slice(0, center).reverse();
  const up = [...list.keys()].slice(center);
  for (const [indexes, kind] of [[down, "is-long"], [up, "is-short"]]) {
    if (indexes.length === 0) continue;
    const points = [[x(mark), below(0)], ...curve(indexes)];
    svg.append(s("path", { class: `sum ${kind}`, d: through(points), "data-value": list[indexes.at(-1)] }),
      s("path", { class: `sum-area ${kind}`, d: `${through(points)}L${points.at(-1)[0]} ${below(0)}Z` }));
  }
  for (const tick of ticks(from, to, Math.max(2, (right - left) / (7 * rem)))) {
    svg.append(line(x(tick), bottom, x(tick), bottom + 0.25 * rem, "axis"), label(x(tick), bottom + 1.2 * rem, price(String(tick)).replace(/\.0+$/, ""), "tick"));
  }
  const fund = forDrawing(map.fund) ?? 0;
  if (fund > 0 && fund < highest) {
    svg.append(line(left, below(fund), right, below(fund), "fund-line"),
      label(right, below(fund) - 0.35 * rem, `cash of the fund ${compact(map.fund)}`, "fund-name", "end"));
  }
  svg.append(
    line(left, y(0), right, y(0), "axis"), line(left, bottom, right, bottom, "axis"),
    line(x(mark), top - 0.3 * rem, x(mark), bottom, "mark-line"),
    label(x(mark) + 0.5 * rem, top - 0.65 * rem, `mark ${price(map.mark)}`, "mark-name", "start"),
    label(left, top - 0.65 * rem, right - left > 30 * rem ? `notional in a step, ${map.asset}` : "in a step", "axis-name", "start"),
    label(left, split - 0.1 * rem, "sum from the mark", "axis-name", "start"),
  );
  return {
    places: buckets.map((bucket) => (x(forDrawing(bucket.from)) + x(forDrawing(bucket.to))) / 2),
    top,
    height: bottom - top,
  };
}

function scaleLines(svg, scale, most, { left, right, rem }) {
  for (const tick of ticks(0, most, 3)) {
    svg.append(line(left, scale(tick), right, scale(tick), "grid"),
      label(left - 0.4 * rem, scale(tick) + 0.28 * rem, compact(String(tick)), "tick", "end"));
  }
}
