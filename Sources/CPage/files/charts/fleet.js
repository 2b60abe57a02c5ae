// The fleet: how many accounts stand where. Across: ratio. Up: equity, each step three times the last.
// Cells are counts; the worst accounts are single marks on top that lead to them.
import { keyed, s } from "../core/dom.js";
import { compact, count, forDrawing, name as nameOf, ratio as percent } from "../core/format.js";
import { accountLink } from "../core/router.js";
import { bandNames, bandOf, shapePath } from "../parts/band.js";
import { Frame, box, label, line, linear } from "./frame.js";

/** Safe accounts are only counted in the cells, but for this many where nobody else is near the line. */
const fewest = 12;

/** A chart of the fleet: `{update(book, thresholds)}`. */
export function fleetChart(host) {
  const dots = s("svg", { class: "chart-overlay", role: "list", "aria-label": "The worst accounts" });
  const frame = new Frame(host, {
    title: "The fleet: accounts by ratio and equity",
    testid: "chart-fleet",
    draw: (svg, size, { book, thresholds }) => {
      const plot = plan(size, book.fleet);
      drawAxes(svg, plot, book.fleet, thresholds, book.bands);
      drawCells(svg, plot, book.fleet, thresholds);
      dots.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
      drawDots(dots, plot, book);
    },
  });
  host.append(dots);
  dots.addEventListener("keydown", (event) => rove(dots, event));
  return {
    update: (book, thresholds) => frame.update(
      { book, thresholds },
      `The fleet: ${bandNames.map((band) => `${count(book.bands[band])} ${band}`).join(", ")}`,
    ),
  };
}

function plan({ width, height, rem }, fleet) {
  const { ratioEdges, equityEdges } = fleet;
  const [left, right] = [3.4 * rem, width - 0.4 * rem];
  const strip = Math.min(3.2 * rem, height * 0.16);
  const [top, bottom] = [1.7 * rem + strip, height - 2.5 * rem];
  const step = ratioEdges.at(-1) - ratioEdges.at(-2);
  const x = linear([ratioEdges[0], ratioEdges.at(-1) + step], [left, right]);
  const row = (bottom - top) / equityEdges.length;
  return { left, right, top, bottom, strip, rem, step, x, row, width, ratioEdges, equityEdges };
}

/** Where an equity lies: rows are steps of the edges, and within one by its logarithm. */
function yOf(plot, equity) {
  const { equityEdges: edges, bottom, row } = plot;
  if (!(equity > 0)) return bottom - row * 0.15;
  let index = edges.length - 1;
  while (index > 0 && equity < edges[index]) index -= 1;
  const from = Math.max(edges[index], edges[1] / 10);
  const to = edges[index + 1] ?? edges[index] * 3.2;
  const part = Math.log(Math.max(equity, from) / from) / Math.log(to / from);
  return bottom - row * (index + Math.min(Math.max(part, 0.06), 0.94));
}

function drawAxes(svg, plot, fleet, thresholds, counts) {
  const { left, right, top, bottom, rem, x, row, strip } = plot;
  const borders = [
    [0, "safe"], [thresholds.watch, "watch"], [thresholds.call, "call"], [1, "liquidation"],
  ];
  const isNarrow = right - left < 34 * rem;
  borders.forEach(([ratio, band], index) => {
    const [from, to] = [x(ratio), index === 3 ? right : x(borders[index + 1][0])];
    svg.append(box(from, top - strip, to - from, bottom - top + strip, `zone band-${band}`));
    if (index > 0) svg.append(line(from, top - strip - 1.2 * rem, from, bottom, `border band-${band}`));
    const word = band === "liquidation" ? "below line" : band;
    svg.append(
      s("path", {
        d: shapePath(band), class: `mark band-${band}`,
        transform: `translate(${from + 0.3 * rem} ${top - strip - 1.32 * rem}) scale(${rem / 18})`,
      }),
      label(from + 1.4 * rem, top - strip - 0.55 * rem,
        isNarrow ? compact(String(counts[band])) : `${word} ${count(counts[band])}`, `zone-name band-${band}`, "start"),
    );
  });
  const every = plot.equityEdges.length > 8 ? 2 : 1;
  plot.equityEdges.forEach((edge, index) => {
    if (index === 0 || index % every !== 0) return;
    const y = bottom - row * index;
    svg.append(line(left, y, right, y, "grid"), label(left - 0.4 * rem, y + 0.28 * rem, compact(String(edge)), "tick", "end"));
  });
  for (const part of [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2]) {
    if (x(part) > right) continue;
    svg.append(line(x(part), bottom, x(part), bottom + 0.25 * rem, "axis"),
      label(x(part), bottom + 1.15 * rem, `${Math.round(part * 100)}`, "tick"));
  }
  svg.append(line(left, bottom, right, bottom, "axis"),
    label(right, bottom + 2.2 * rem, "ratio: maintenance ÷ equity, %", "axis-name", "end"),
    label(left, bottom + 2.2 * rem, "up: equity", "axis-name", "start"));
}

function drawCells(svg, plot, fleet, thresholds) {
  const { bottom, row, x, ratioEdges, equityEdges, step, top, strip } = plot;
  const columns = ratioEdges.map((_, r) => fleet.counts.reduce((sum, cells) => sum + cells[r], 0));
  const most = Math.max(1, ...fleet.counts.flat());
  const tallest = Math.max(1, ...columns);
  ratioEdges.forEach((edge, r) => {
    const end = ratioEdges[r + 1] ?? edge + step;
    const band = bandOf(edge + (end - edge) / 1e6, thresholds);
    const [from, size] = [x(edge) + 0.5, x(end) - x(edge) - 1];
    if (columns[r] > 0) {
      const tall = Math.max(1, (Math.log1p(columns[r]) / Math.log1p(tallest)) * (strip - 4));
      svg.append(box(from, top - 3 - tall, size, tall, `column band-${band}`, { "data-value": columns[r] }));
    }
    equityEdges.forEach((floor, e) => {
      const cell = fleet.counts[e]?.[r] ?? 0;
      if (cell === 0) return;
      const strength = 0.14 + 0.86 * (Math.log1p(cell) / Math.log1p(most));
      const mark = box(from, bottom - row * (e + 1) + 0.5, size, row - 1, `cell band-${band}`, {
        "fill-opacity": strength.toFixed(2), "data-value": cell,
      });
      const above = equityEdges[e + 1];
      const range = above === undefined ? `${compact(String(floor))} and more` : `${compact(String(floor))} to ${compact(String(above))}`;
      mark.append(s("title", {}, `${count(cell)} accounts, ratio ${Math.round(edge * 1000) / 10} to ${Math.round(end * 1000) / 10} %, equity ${range}`));
      svg.append(mark);
    });
  });
}

function drawDots(svg, plot, book) {
  const size = plot.rem * 0.72;
  const limit = plot.ratioEdges.at(-1) + plot.step / 2;
  const shown = book.worst.filter((item, index) => item.band !== "safe" || index < fewest);
  const before = svg.querySelector('a[tabindex="0"]')?.dataset.account;
  const active = shown.some((item) => item.account === before) ? before : shown[0]?.account;
  keyed(svg, shown, (item) => item.account,
    (item) => s("a", { href: accountLink(item.account), role: "listitem", class: "dot", "data-account": item.account, tabindex: "-1" },
      s("title"), s("path")),
    (element, item) => {
      const ratio = forDrawing(item.marginRatio) ?? limit;
      const x = plot.x(Math.min(ratio, limit));
      const y = yOf(plot, forDrawing(item.equity) ?? 0);
      const words = `${nameOf(item.account)}: ${item.band}, ratio ${percent(item.marginRatio)}, freeboard ${compact(item.freeboard)}`;
      const [title, path] = element.children;
      title.textContent = words;
      element.setAttribute("aria-label", words);
      element.setAttribute("data-value", item.marginRatio ?? "");
      element.setAttribute("tabindex", item.account === active ? "0" : "-1");
      path.setAttribute("d", shapePath(item.band));
      path.setAttribute("class", `band-${item.band}`);
      path.setAttribute("transform", `translate(${(x - size / 2).toFixed(1)} ${(y - size / 2).toFixed(1)}) scale(${(size / 16).toFixed(3)})`);
    });
}

/** One stop for the tab key; arrows go from the worst account to the next. */
function rove(svg, event) {
  const steps = { ArrowRight: -1, ArrowLeft: 1, ArrowUp: -1, ArrowDown: 1 };
  if (!(event.key in steps)) return;
  event.preventDefault();
  const all = [...svg.children];
  const index = all.indexOf(document.activeElement);
  const next = all[Math.min(Math.max(index + steps[event.key], 0), all.length - 1)];
  for (const dot of all) dot.setAttribute("tabindex", dot === next ? "0" : "-1");
  next?.focus();
}

