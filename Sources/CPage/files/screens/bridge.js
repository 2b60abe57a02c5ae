// The bridge: is the data fresh, who is in trouble, what move breaks the fund, what changed.
import { h, s, setText } from "../core/dom.js";
import { change, compact, count, exact, headline, price, ratio } from "../core/format.js";
import { add, compare, divide, multiply } from "../core/decimal.js";
import { replaceParameters, route } from "../core/router.js";
import { bandNames, setBand, bandBadge } from "../parts/band.js";
import { eventFeed } from "../parts/events.js";
import { panel, showNumber } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { fillAccount, table } from "../parts/table.js";
import { fleetChart } from "../charts/fleet.js";
import { ratioBar } from "../charts/gauge.js";
import { exhaustion, movesChart } from "../charts/moves.js";

/** The bridge: `{title, update(changed), curl()}`. */
export function mount(root, { live, thresholds, route: present }) {
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
  const worst = troubleTable(thresholds);
  trouble.body.append(worst.root);
  const move = movesPart(moves.body, present.parameters.get("move"));
  const shares = concentrationTable();
  concentration.body.append(shares.root);
  const marks = marksTable();
  markets.body.append(marks.root);
  const feed = eventFeed({ quiet: "Bands, liquidations and refusals appear here as they happen." });
  events.body.append(feed.root);
  events.head.querySelector(".panel-tools").append(feed.tools);

  root.append(h("div", { class: "grid bridge" }, totals.root, fleet.root, trouble.root, moves.root,
    concentration.root, markets.root, events.root));

  const drawBook = () => {
    const book = live.value("book");
    if (!book) return;
    const stamp = { seq: book.seq, at: live.at("book") };
    for (const part of [fleet, trouble, moves, concentration, markets]) setStamp(part.stamp, stamp);
    totals.draw(book, live.value("markets"), stamp);
    fleetDrawn.update(book, thresholds());
    worst.draw(book.worst);
    move.draw(book);
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
  return {
    title: "Bridge",
    update(changed) {
      if (changed.has("book") || changed.has("markets") || changed.has("rules")) drawBook();
      if (changed.has("effects")) drawEvents();
    },
    curl: () => [["v1/book"], ["v1/events", { limit: 100 }]],
  };
}

function totalsRow() {
  const names = [
    ["equity", "Equity"], ["maintenanceMargin", "Maintenance"], ["freeboard", "Freeboard"],
    ["fund", "Insurance"], ["openInterest", "Open interest"],
  ];
  const cells = Object.fromEntries(names.map(([name]) => [name, h("span", { class: "big", "data-testid": `total-${name}` })]));
  const units = names.map(() => h("span", { class: "unit" }));
  const bands = h("ul", { class: "bands", "aria-label": "Accounts by band" });
  const counts = Object.fromEntries(bandNames.map((band) => [band, h("b", {})]));
  bands.append(...bandNames.map((band) => h("li", {},
    h("a", { href: route("account", [], { band }) }, bandBadge(band), counts[band]))));
  const liquidating = h("span", { class: "faint" });
  const root = h("section", { class: "totals", "aria-label": "Totals", "data-testid": "totals" },
    h("dl", {}, ...names.map(([name, text], index) => h("div", {},
      h("dt", {}, text, " ", units[index]), h("dd", {}, cells[name])))),
    h("div", { class: "bands-box" }, bands, liquidating));
  return {
    root,
    draw(book, markets) {
      const isStale = book.stale.length > 0;
      const unit = book.asset;
      const fund = fundOf(book);
      const format = (text) => headline(text, unit);
      for (const name of ["equity", "maintenanceMargin", "freeboard"]) {
        showNumber(cells[name], book[name], format, { unit, isStale });
      }
      showNumber(cells.fund, fund, format, { unit, reason: `no fund holds ${unit}` });
      const interest = openInterest(book, markets);
      showNumber(cells.openInterest, interest, format,
        { unit, isStale, reason: "the markets are not valued in one currency" });
      for (const element of units) setText(element, unit);
      for (const band of bandNames) setText(counts[band], count(book.bands[band]));
      setText(liquidating, book.liquidating === 0
        ? `of ${count(book.accounts)} accounts; nobody is being liquidated`
        : `of ${count(book.accounts)} accounts; ${count(book.liquidating)} in liquidation now`);
    },
  };
}

/** The cash of the funds in the book's currency; `null` if none holds it. */
function fundOf(book) {
  const own = book.funds.filter((fund) => fund.asset === book.asset);
  return own.length === 0 ? null : own.reduce((sum, fund) => add(sum, fund.balance), "0");
}

/** The open interest in the book's currency, exactly, where all markets are quoted in it. */
function openInterest(book, markets) {
  const kinds = new Map((markets?.items ?? []).map((item) => [item.symbol, item]));
  let sum = "0";
  for (const market of book.markets) {
    const kind = kinds.get(market.symbol);
    if (kind?.quote !== book.asset || kind.payoff === "quanto" || market.mark === null) return null;
    sum = add(sum, kind.payoff === "inverse" ? market.openInterest : multiply(market.openInterest, market.mark));
  }
  return sum;
}

function troubleTable(thresholds) {
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
        kind: "bar spare",
        fill: (cell, item) => {
          cell.bar ??= ratioBar();
          if (!cell.bar.root.isConnected) cell.append(cell.bar.root);
          cell.bar.update(item.marginRatio, thresholds());
        },
      },
      {
        label: "Freeboard",
        kind: "number",
        fill: (cell, item) => showNumber(cell, item.freeboard, compact, { isStale: item.isStale }),
      },
      { label: "Largest", kind: "extra", fill: (cell, item) => setText(cell, item.largest ?? "none") },
    ],
  });
}

function movesPart(body, asked) {
  const host = h("div", { class: "chart-moves" });
  const sentence = h("p", { class: "readout", "data-testid": "moves-readout" });
  const verdict = h("p", { class: "verdict", "data-testid": "fund-verdict" });
  body.append(sentence, host, verdict);
  let wanted = asked ?? "-0.1";
  let book = null;
  const chart = movesChart(host, (index) => {
    wanted = book.moves[index].change;
    replaceParameters({ move: wanted });
    draw();
  });
  const indexOf = () => {
    let best = 0;
    book.moves.forEach((at, index) => {
      const distance = Math.abs(Number(at.change) - Number(wanted));
      if (distance < Math.abs(Number(book.moves[best].change) - Number(wanted))) best = index;
    });
    return best;
  };
  const draw = () => {
    if (!book?.moves?.length) return;
    const fund = fundOf(book);
    const index = indexOf();
    const at = book.moves[index];
    const ofFund = fund === null ? null : divide(at.deficit, fund);
    sentence.replaceChildren(
      "At ", h("b", {}, change(at.change, 0)), ": ",
      h("b", { "data-value": at.below }, count(at.below)), " accounts below their line with ",
      h("b", { title: at.maintenanceBelow }, compact(at.maintenanceBelow)), " maintenance; deficit ",
      h("b", { title: at.deficit, "data-value": at.deficit }, compact(at.deficit)),
      ofFund === null ? "" : `, ${compare(ofFund, "10") > 0 ? `${exact(ofFund.split(".")[0])} times` : `${ratio(ofFund, 0)} of`} the fund`,
    );
    const { down, up } = exhaustion(book.moves, fund);
    verdict.replaceChildren(fund === null ? "There is no fund in this currency."
      : down === null && up === null ? "No move of this range uses the fund up."
        : `The fund is used up at ${[down, up].filter(Boolean).map((one) => change(one.change, 0)).join(" and at ")}.`);
    verdict.classList.toggle("is-calm", fund !== null && down === null && up === null);
    chart.update(book.moves, fund, index);
  };
  return {
    draw(next) {
      book = next;
      draw();
    },
  };
}

function concentrationTable() {
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
      { label: "", kind: "bar", fill: shareBar },
    ],
  });
}

function shareBar(cell, item) {
  if (!cell.level) {
    cell.level = s("rect", { class: "share", height: "100%" });
    cell.append(s("svg", { class: "ratio-bar", "aria-hidden": "true" },
      s("rect", { class: "rail", width: "100%", height: "100%" }), cell.level));
  }
  cell.level.setAttribute("width", `${Math.min(100, Number(item.share) * 100).toFixed(1)}%`);
}

function marksTable() {
  return table({
    caption: "Marks",
    testid: "marks",
    key: (item) => item.symbol,
    cards: false,
    columns: [
      { label: "Market", kind: "name", fill: (cell, item) => fillMarket(cell, item.symbol) },
      { label: "Mark", kind: "number", fill: (cell, item) => showNumber(cell, item.mark, price, { isStale: item.isStale, reason: "no mark yet" }) },
      { label: "24 h", kind: "number spare", fill: (cell, item) => showNumber(cell, item.change24h, (text) => change(text, 2)) },
      { label: "Open int.", kind: "number", fill: (cell, item) => showNumber(cell, item.openInterest, compact) },
      {
        label: "Age",
        kind: "number",
        fill: (cell, item) => {
          cell.stamp ??= cell.appendChild(h("span", { class: "stamp" }));
          setStamp(cell.stamp, { base: item.age });
        },
      },
    ],
  });
}

function fillMarket(cell, symbol) {
  if (cell.dataset.symbol === symbol) return;
  cell.dataset.symbol = symbol;
  cell.replaceChildren(h("a", { href: route("map", [symbol]) }, symbol));
}
