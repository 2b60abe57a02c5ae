// If every mark moved together: how many accounts would be below their line, and what they would owe
// beyond what they have, against the cash of the fund. The node computes each point.
import { change, compact, count, forDrawing } from "../core/format.js";
import { compare } from "../core/decimal.js";
import { Cursor } from "./cursor.js";
import { Frame, box, label, line, linear, ticks } from "./frame.js";

/** A move as per cent: `−7.5 %`, `+10 %`. */
export function changeText(text) {
  return change(text, 1).replace(/\.0(?=\D)/, "");
}

/** A chart of moves with a line to drag: `{update(moves, fund, index)}`. */
export function movesChart(host, move) {
  let moves = [];
  let chosen = 0;
  const frame = new Frame(host, {
    title: "If the market moves",
    testid: "chart-moves",
    draw: (svg, size, data) => {
      const plot = draw(svg, size, data);
      cursor.place(plot.places, { top: plot.top, height: plot.bottom - plot.top }, chosen);
    },
  });
  const cursor = new Cursor(host, {
    label: "Move of the whole market",
    testid: "moves-cursor",
    move,
    describe: (index) => {
      const at = moves[index];
      return at
        ? `${changeText(at.change)}: ${count(at.below)} accounts below their line, deficit ${compact(at.deficit)}`
        : "";
    },
  });
  return {
    update(next, fund, index) {
      moves = next;
      chosen = index;
      const most = next.reduce((worst, at) => Math.max(worst, at.below), 0);
      frame.update({ moves: next, fund }, `If the market moves: up to ${count(most)} accounts below their line`);
    },
  };
}

/** The nearest moves down and up that use the fund up: `{down, up}`, each `null` if none does, else `[the last that does not, it]`. */
export function exhaustion(moves, fund) {
  if (fund === null) return { down: null, up: null };
  const beyond = moves.filter((at) => at.deficit !== null && compare(at.deficit, fund) > 0);
  const down = beyond.filter((at) => compare(at.change, "0") < 0);
  const up = beyond.filter((at) => compare(at.change, "0") > 0);
  const beside = (at, step) => (at ? [moves[moves.indexOf(at) + step] ?? null, at] : null);
  return { down: beside(down.at(-1), 1), up: beside(up[0], -1) };
}

function draw(svg, { width, height, rem }, { moves, fund }) {
  const [left, right] = [3.4 * rem, width - 0.8 * rem];
  const [top, bottom] = [1.4 * rem, height - 1.7 * rem];
  const middle = top + (bottom - top) * 0.5;
  const changes = moves.map((at) => forDrawing(at.change) ?? 0);
  const bar = moves.length > 1 ? ((right - left) / moves.length) : right - left;
  const x = linear([changes[0], changes.at(-1)], [left + bar / 2, right - bar / 2]);
  const below = moves.map((at) => at.below);
  const deficits = moves.map((at) => forDrawing(at.deficit) ?? 0);
  const cash = fund === null ? null : forDrawing(fund);
  const upper = linear([0, Math.max(1, ...below)], [middle - 1.6 * rem, top]);
  const lower = linear([0, Math.max(1, ...deficits, (cash ?? 0) * 1.1)], [bottom, middle + 0.4 * rem]);

  axis(svg, upper, Math.max(1, ...below), { left, right, rem, text: count });
  axis(svg, lower, Math.max(1, ...deficits), { left, right, rem, text: (value) => compact(String(value)) });
  svg.append(
    label(left, top - 0.55 * rem, "accounts below their line", "axis-name", "start"),
    label(left, middle - 0.2 * rem, "deficit: what they would owe", "axis-name", "start"),
  );
  const width1 = Math.max(1, bar - Math.max(1, bar * 0.18));
  moves.forEach((at, index) => {
    const from = x(changes[index]) - width1 / 2;
    const isBeyond = cash !== null && deficits[index] > cash;
    svg.append(
      box(from, upper(below[index]), width1, upper(0) - upper(below[index]), "bar", { "data-value": at.below }),
      box(from, lower(deficits[index]), width1, lower(0) - lower(deficits[index]),
        isBeyond ? "bar is-beyond" : "bar is-deficit", { "data-value": at.deficit }),
    );
  });
  if (cash !== null && cash > 0) {
    const y = lower(cash);
    svg.append(line(left, y, right, y, "fund-line"),
      label((left + right) / 2, y - 0.35 * rem, `fund ${compact(fund)}`, "fund-name"));
  }
  for (const tick of ticks(changes[0], changes.at(-1), Math.max(2, (right - left) / (4 * rem)))) {
    svg.append(label(x(tick), bottom + 1.2 * rem, change(String(tick), 0), "tick"));
  }
  svg.append(line(x(0), top, x(0), bottom, "zero"), line(left, bottom, right, bottom, "axis"));
  return { places: changes.map((value) => x(value)), top, bottom };
}

function axis(svg, scale, most, { left, right, rem, text }) {
  for (const tick of ticks(0, most, 3)) {
    const y = scale(tick);
    svg.append(line(left, y, right, y, "grid"), label(left - 0.4 * rem, y + 0.28 * rem, text(tick), "tick", "end"));
  }
}
