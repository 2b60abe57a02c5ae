// In which tier a position is, where the next begins, and what the announced funding would cost it.
import { h, setText } from "../core/dom.js";
import { amount, exact, ratio, shortAmount, signed } from "../core/format.js";
import { divide, multiply, sign, subtract } from "../core/decimal.js";
import { ruler } from "../charts/ruler.js";
import { labelWhy, showPositionMoney, whyButton } from "./figures.js";
import { emptyState, showNumber } from "./panel.js";
import { byDistance, positionName } from "./distance.js";
import { table } from "./table.js";

/** The table: `{root, draw(account, rules, markets)}`; `rules` is the rulebook, `null` until it is read. */
export function tiersPart(ask) {
  let [account, rules, markets] = [null, null, null];
  const tiersOf = (position) => tierOf(position, rules);
  const part = table({
    caption: "Tiers and funding",
    testid: "tiers",
    key: positionName,
    columns: [
      { label: "Market", kind: "head", fill: (cell, position) => setText(cell, positionName(position)) },
      {
        label: "Notional",
        kind: "number",
        fill: (cell, position) => {
          cell.why ??= cell.appendChild(whyButton(`notional:${positionName(position)}`, ask));
          showPositionMoney(cell.why, position.notional, position, account);
          labelWhy(cell.why, `${position.symbol} notional`);
        },
      },
      { label: "Tier", kind: "number", fill: (cell, position) => setText(cell, tierText(tiersOf(position))) },
      { label: "Rate", kind: "number", fill: (cell, position) => showNumber(cell, position.maintenanceRate, (text) => ratio(text, 2), { reason: "the rulebook has no tiers for this market" }) },
      { label: "Ruler", kind: "distance", fill: (cell, position) => fillRuler(cell, tiersOf(position)) },
      { label: "Next tier", kind: "number next", fill: (cell, position) => fillNext(cell, tiersOf(position)) },
      { label: "Funding", kind: "number", fill: (cell, position) => fillRate(cell, rateOf(position, markets)) },
      { label: "Due", kind: "number", fill: (cell, position) => fillDue(cell, position, rateOf(position, markets), account) },
    ],
  });
  const empty = h("div");
  return {
    root: h("div", {}, part.root, empty),
    draw(...next) {
      [account, rules, markets] = next;
      const hasPositions = account.positions.length > 0;
      part.root.hidden = !hasPositions;
      if (hasPositions) empty.replaceChildren();
      else if (!empty.firstChild) empty.append(emptyState("No tier and no funding", "Both are of positions, and there are none."));
      part.draw(byDistance(account.positions));
    },
  };
}

/** `{floors, index, size, asset}` of a position, `asset` that of a size which is money; `null` where the rulebook has no tiers for it. */
function tierOf(position, rules) {
  const instrument = rules?.instruments?.[position.symbol];
  const floors = (instrument?.brackets ?? []).map((bracket) => bracket.floor);
  if (!position.bracket || position.bracket > floors.length) return null;
  const isMoney = instrument.floorsMeasure === "notional";
  const size = isMoney ? position.notional : position.quantity;
  return size === null ? null
    : { floors, index: position.bracket - 1, size: size.replace("-", ""), asset: isMoney ? position.asset : "" };
}

function tierText(tier) {
  return tier ? `${tier.index + 1} of ${tier.floors.length}` : "none";
}

function fillRuler(cell, tier) {
  cell.ruler ??= ruler();
  if (!cell.ruler.root.isConnected) cell.append(cell.ruler.root);
  cell.ruler.root.toggleAttribute("hidden", tier === null);
  if (tier) cell.ruler.update(tier);
}

function fillNext(cell, tier) {
  const cap = tier?.floors[tier.index + 1] ?? null;
  const isLast = tier !== null && cap === null;
  const room = cap === null ? null : subtract(cap, tier.size);
  showNumber(cell, room, (text) => `+${shortAmount(text, tier.asset)} (+${ratio(divide(text, tier.size), 0)})`,
    { unit: tier?.asset, reason: isLast ? "this is the last tier" : "the rulebook has no tiers for this market" });
  if (room !== null) cell.title = `The next tier begins at ${exact(cap)} ${tier.asset}`.trim();
}

function rateOf(position, markets) {
  const rate = markets?.items.find((item) => item.symbol === position.symbol)?.fundingRate ?? null;
  return sign(rate) === 0 ? null : rate;
}

function fillRate(cell, rate) {
  showNumber(cell, rate, (text) => ratio(text, 4), { reason: "no rate was announced" });
  if (rate === null) setText(cell, "none");
}

/** A long pays a positive rate, a short receives it. */
function fillDue(cell, position, rate, account) {
  const paid = rate === null || position.notional === null ? null
    : multiply(multiply(position.notional.replace("-", ""), rate), sign(position.quantity) === 1 ? "-1" : "1");
  if (rate === null) {
    showNumber(cell, null, signed, { reason: "no rate was announced" });
    return;
  }
  showPositionMoney(cell, paid, position, account, signed);
  if (paid !== null) cell.title = `${amount(paid, position.asset)} ${position.asset} at the next settlement; the node is not told when that is`;
}
