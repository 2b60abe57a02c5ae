// What the time machine shows: an account as it was, or the whole book.
import { h } from "../core/dom.js";
import { route } from "../core/router.js";
import { fleetChart } from "../charts/fleet.js";
import { gaugePart, numbersPart, poolsPart } from "./figures.js";
import { positionsPart } from "./positions.js";
import { totalsRow } from "./totals.js";
import { troubleTable } from "./trouble.js";

/** An account: `{root, draw(account)}`. */
export function accountThen(thresholds) {
  const [hull, numbers, pools, rows] = [gaugePart(null), numbersPart(null), poolsPart(null), positionsPart(null)];
  return {
    root: h("div", { "data-testid": "account-then" }, h("div", { class: "then" }, hull.root, h("div", {}, numbers.root, pools.root)), h("h3", {}, "Positions"), rows.root),
    draw(account) {
      for (const part of [numbers, pools, rows]) part.draw(account);
      hull.draw(account, thresholds());
    },
  };
}

/** The whole book: `{root, draw(book, markets, stamp)}`. */
export function bookThen(thresholds) {
  const totals = totalsRow();
  const host = h("div", { class: "chart-fleet" });
  const fleet = fleetChart(host);
  const worst = troubleTable(thresholds, null);
  const ways = h("p", { class: "receipt-ways" });
  return {
    root: h("div", { class: "book-then", "data-testid": "book-then" }, totals.root, ways, h("div", { class: "book-then-parts" }, host, worst.root)),
    draw(book, markets, stamp) {
      totals.draw(book, markets, stamp, null);
      fleet.update(book, thresholds());
      worst.draw(book.worst);
      ways.replaceChildren(...book.markets.slice(0, 12).flatMap((market) => [
        h("a", { href: route("map", [market.symbol], { at: book.asOf }) }, `Liquidation map of ${market.symbol}`),
        h("a", { href: route("adl", [market.symbol, "long"], { at: book.asOf }) }, `its ADL queue`),
      ]));
    },
  };
}
