// Equity over maintenance in time: the room between them is the freeboard.
import { clock, compact, exact, forDrawing, moment } from "../core/format.js";
import { s } from "../core/dom.js";
import { Cursor } from "./cursor.js";
import { Frame, label, line, linear, through, ticks } from "./frame.js";

/**
 * A chart of points `{time, equity, maintenanceMargin}` with a line to read values at.
 *
 * `move(index)` hears where the line was put; `describe(point)` is what it says there.
 */
export function historyChart(host, { testid, move, describe = words }) {
  let points = [];
  let chosen = null;
  const frame = new Frame(host, {
    title: "Equity and maintenance",
    testid,
    draw: (svg, size, data) => {
      const plot = draw(svg, size, data);
      cursor.place(plot.places, plot, chosen ?? points.length - 1);
    },
  });
  const cursor = new Cursor(host, {
    label: "Moment in the history",
    testid: `${testid}-cursor`,
    move: (index) => {
      chosen = index === points.length - 1 ? null : index;
      move?.(index);
    },
    describe: (index) => (points[index] ? describe(points[index]) : ""),
  });
  return {
    update(next, index = chosen) {
      points = next;
      chosen = index;
      frame.update(next, `Equity and maintenance from ${moment(next[0]?.time)} to ${moment(next.at(-1)?.time)}`);
    },
  };
}

function words(point) {
  return `${clock(point.time)}: equity ${exact(point.equity)}, maintenance ${exact(point.maintenanceMargin)}`;
}

function draw(svg, { width, height, rem }, points) {
  const [left, right, top, bottom] = [3.6 * rem, width - 0.9 * rem, 1.5 * rem, height - 1.6 * rem];
  const equity = points.map((point) => forDrawing(point.equity));
  const maintenance = points.map((point) => forDrawing(point.maintenanceMargin));
  const known = [...equity, ...maintenance].filter((value) => value !== null);
  const highest = Math.max(1, ...known);
  const y = linear([Math.min(0, ...known), highest * 1.06], [bottom, top]);
  const x = linear([points[0].time, points.at(-1).time], [left, right]);
  for (const tick of ticks(Math.min(0, ...known), highest, Math.max(2, (bottom - top) / (2.6 * rem)))) {
    svg.append(line(left, y(tick), right, y(tick), "grid"),
      label(left - 0.4 * rem, y(tick) + 0.28 * rem, compact(String(tick)), "tick", "end"));
  }
  for (const time of timeTicks(points[0].time, points.at(-1).time, Math.max(2, (right - left) / (6 * rem)))) {
    svg.append(line(x(time), bottom, x(time), bottom + 0.25 * rem, "axis"),
      label(x(time), bottom + 1.2 * rem, clock(time).slice(0, 5), "tick"));
  }
  const series = (values) => points.flatMap((point, index) => (
    values[index] === null ? [] : [[x(point.time), y(values[index])]]
  ));
  const [upper, lower] = [series(equity), series(maintenance)];
  if (upper.length > 0 && lower.length > 0) {
    svg.append(s("path", { class: "room", d: `${through(upper)}${through([...lower].reverse()).replace("M", "L")}Z` }));
  }
  svg.append(
    s("path", { class: "series series-maintenance", d: through(lower), "data-value": points.at(-1).maintenanceMargin ?? "" }),
    s("path", { class: "series series-equity", d: through(upper), "data-value": points.at(-1).equity ?? "" }),
    line(left, bottom, right, bottom, "axis"),
  );
  const legend = (place, kind, text) => svg.append(
    line(place, top - 0.85 * rem, place + 1.3 * rem, top - 0.85 * rem, `series series-${kind}`),
    label(place + 1.7 * rem, top - 0.57 * rem, text, "axis-name", "start"));
  legend(left, "equity", "equity");
  legend(left + 5.6 * rem, "maintenance", "maintenance");
  return { places: points.map((point) => x(point.time)), top, height: bottom - top };
}

const steps = [1, 2, 5, 10, 15, 30, 60, 120, 360, 720, 1440].map((minutes) => minutes * 60_000);

/** Round minutes within a span. */
function timeTicks(from, to, wanted) {
  const step = steps.find((size) => (to - from) / size <= wanted) ?? steps.at(-1);
  const list = [];
  for (let time = Math.ceil(from / step) * step; time <= to; time += step) list.push(time);
  return list;
}
