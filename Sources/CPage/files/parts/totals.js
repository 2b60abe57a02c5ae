// The sums over the book, and how many accounts are in each band.
import { h, setText } from "../core/dom.js";
import { age, compact, count, headline } from "../core/format.js";
import { add, multiply, sign } from "../core/decimal.js";
import { route } from "../core/router.js";
import { bandBadge, bandNames } from "./band.js";
import { showNumber } from "./panel.js";
import { makeStamp, setStamp } from "./stamp.js";

/** The row of totals: `{root, draw(book, markets, stamp, trail)}`; without a trail nothing is said of changes. */
export function totalsRow() {
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
  const moved = Object.fromEntries(["equity", "freeboard"].map((name) => [name, h("dd", { class: "moved", "data-testid": `moved-${name}` })]));
  const stampElement = makeStamp();
  const root = h("section", { class: "totals", "aria-label": "Totals", "data-testid": "totals" },
    h("dl", {}, ...names.map(([name, text], index) => h("div", {},
      h("dt", {}, text, " ", units[index]), h("dd", {}, cells[name]), moved[name] ?? null))),
    h("div", { class: "bands-box" }, bands, h("p", { class: "bands-said" }, liquidating, stampElement)));
  return {
    root,
    draw(book, markets, stamp, trail) {
      setStamp(stampElement, stamp);
      for (const name of ["equity", "freeboard"]) drawMoved(moved[name], trail?.changed(name, book[name]) ?? null);
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

/** How a figure has changed lately, once there is something to compare with. */
function drawMoved(element, change) {
  const { difference, span } = change ?? { difference: null, span: 0 };
  const isKnown = difference !== null && span > 5_000;
  setText(element, isKnown ? `${sign(difference) === 1 ? "+" : ""}${compact(difference)} in ${age(span)}` : "");
  element.title = isKnown ? difference : "";
}

/** The cash of the funds in the book's currency; `null` if none holds it. */
export function fundOf(book) {
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
