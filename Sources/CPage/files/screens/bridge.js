// The bridge: is the data fresh, who is in trouble, what move breaks the fund, what changed.
import { h } from "../core/dom.js";
import { compare } from "../core/decimal.js";
import { replaceParameters } from "../core/router.js";
import { alertBar } from "../parts/alerts.js";
import { eventFeed } from "../parts/events.js";
import { marksTable } from "../parts/marks.js";
import { movesPart } from "../parts/moves.js";
import { panel } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { totalsRow } from "../parts/totals.js";
import { concentrationTable, troubleTable } from "../parts/trouble.js";
import { fleetChart } from "../charts/fleet.js";

/** The bridge: `{title, update(changed), curl()}`. */
export function mount(root, { live, thresholds, route: present, signal }) {
  const totals = totalsRow();
  const fleet = panel({ title: "Fleet", name: "fleet", note: "every account; darker cells hold more" });
  const trouble = panel({ title: "In trouble", name: "trouble", note: "nearest to the line" });
  const moves = panel({ title: "If the market moves", name: "moves", note: "all marks together" });
  const concentration = panel({ title: "Concentration", name: "concentration", note: "share of open interest" });
  const markets = panel({ title: "Marks", name: "markets" });
  const events = panel({ title: "Events", name: "events" });

  const fleetHost = h("div", { class: "chart-fleet" });
  fleet.body.append(fleetHost);
  const fleetDrawn = fleetChart(fleetHost);
  const worst = troubleTable(thresholds, () => live.trail);
  trouble.body.append(worst.root);
  const move = movesPart(moves.body, present.parameters.get("move"), signal);
  let largest = "0";
  const shares = concentrationTable(() => largest);
  concentration.body.append(shares.root);
  const marks = marksTable(live);
  markets.body.append(marks.root);
  const feed = eventFeed({ filter: present.parameters.get("events") ?? "risk", keep: (events) => replaceParameters({ events }), quiet: "Bands, liquidations and refusals appear here as they happen." });
  events.body.append(feed.root);
  events.head.querySelector(".panel-tools").append(feed.tools);

  const bar = alertBar();
  const grid = h("div", { class: "grid bridge" }, h("div", { class: "bridge-top" }, totals.root, bar.root), fleet.root, trouble.root, moves.root,
    concentration.root, markets.root, events.root);
  root.append(grid);

  const drawBook = () => {
    const book = live.value("book");
    grid.classList.toggle("is-waiting", !book);
    if (!book) return;
    const stamp = { seq: book.seq, at: live.at("book") };
    for (const part of [fleet, trouble, moves, concentration, markets]) setStamp(part.stamp, stamp);
    totals.draw(book, live.value("markets"), stamp, live.trail);
    fleetDrawn.update(book, thresholds());
    worst.draw(book.worst);
    move.draw(book);
    largest = book.concentration.reduce((most, item) => (compare(item.share, most) > 0 ? item.share : most), "0");
    shares.draw(book.concentration.map((item) => ({ ...item, isStale: book.stale.includes(item.symbol) })));
    marks.draw(book.markets);
  };
  const drawEvents = () => {
    feed.draw(live.effects);
    const newest = live.effects[0];
    if (newest) setStamp(events.stamp, { seq: newest.seq, at: live.at("book") ?? performance.now() });
  };
  drawBook();
  drawEvents();
  bar.draw(live.alerts);
  return {
    title: "Bridge",
    update(changed) {
      if (changed.has("book") || changed.has("markets") || changed.has("rules")) drawBook();
      if (changed.has("effects")) drawEvents();
      if (changed.has("alerts")) bar.draw(live.alerts);
    },
    cli: () => [["status"], ["top"]],
    curl: () => [["v1/book"], ["v1/events", { limit: 100 }]],
  };
}
