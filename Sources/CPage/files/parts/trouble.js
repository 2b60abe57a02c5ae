// Who is nearest to the line, and who holds most.
import { s, setText } from "../core/dom.js";
import { age, change, compact, ratio } from "../core/format.js";
import { divide } from "../core/decimal.js";
import { ratioBar } from "../charts/gauge.js";
import { setBand } from "./band.js";
import { showNumber } from "./panel.js";
import { fillAccount, table } from "./table.js";

/** The accounts nearest to their line; `trail()` knows how they were before, or is `null`: then nothing is said of it. */
export function troubleTable(thresholds, trail) {
  return table({
    caption: "Accounts nearest to their line",
    testid: "worst",
    key: (item) => item.account,
    cards: false,
    columns: [
      { label: "Account", kind: "name", fill: (cell, item) => fillAccount(cell, item.account) },
      { label: "Band", fill: (cell, item) => setBand(cell, item.band) },
      {
        label: "Ratio",
        kind: "number",
        fill: (cell, item) => showNumber(cell, item.marginRatio, ratio, { isStale: item.isStale, reason: "equity is not above zero" }),
      },
      {
        label: "",
        kind: "bar extra",
        fill: (cell, item) => {
          cell.bar ??= ratioBar();
          if (!cell.bar.root.isConnected) cell.append(cell.bar.root);
          cell.bar.update(item.marginRatio, thresholds());
        },
      },
      ...(trail === null ? [] : [{
        label: () => trail().window,
        kind: "number spare",
        fill: (cell, item) => fillChange(cell, item, trail()),
      }]),
      {
        label: "Freeboard",
        kind: "number",
        fill: (cell, item) => showNumber(cell, item.freeboard, compact, { isStale: item.isStale }),
      },
      { label: "Largest", kind: "extra", fill: (cell, item) => setText(cell, item.largest ?? "none") },
    ],
  });
}

/** How the ratio has changed; who came among the worst later has a shorter window than the column says. */
function fillChange(cell, item, trail) {
  const moved = trail.ratioChanged(item.account, item.marginRatio);
  const isLater = moved !== null && trail.length - moved.span > trail.length / 10;
  showNumber(cell, moved?.difference ?? null, (text) => `${change(text, 1).replace("%", "pp")}${isLater ? "*" : ""}`,
    { reason: "it was not among the worst before" });
  if (isLater) cell.title += `, in the ${age(moved.span)} since it is among the worst`;
}

/** The largest positions; `largest()` is the share that fills the bar. */
export function concentrationTable(largest) {
  return table({
    caption: "The largest positions",
    testid: "concentration",
    key: (item) => `${item.account} ${item.symbol} ${item.side}`,
    cards: false,
    columns: [
      { label: "Account", kind: "name", fill: (cell, item) => fillAccount(cell, item.account) },
      { label: "Position", fill: (cell, item) => setText(cell, `${item.side} ${item.symbol}`) },
      { label: "Notional", kind: "number", fill: (cell, item) => showNumber(cell, item.notional, compact, { isStale: item.isStale }) },
      { label: "Share", kind: "number", fill: (cell, item) => showNumber(cell, item.share, ratio) },
      { label: "", kind: "bar spare", fill: (cell, item) => shareBar(cell, divide(item.share, largest())) },
    ],
  });
}

/** A bar of a fraction. */
function shareBar(cell, fraction) {
  if (!cell.level) {
    cell.level = s("rect", { class: "share", height: "100%" });
    cell.append(s("svg", { class: "ratio-bar", "aria-hidden": "true" },
      s("rect", { class: "rail", width: "100%", height: "100%" }), cell.level));
  }
  cell.level.setAttribute("width", `${Math.min(100, Number(fraction ?? 0) * 100).toFixed(1)}%`);
}
