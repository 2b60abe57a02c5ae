// Effects of the engine in words that a risk officer uses.
import { amount, exact, none, price, signed } from "./format.js";
import { sign } from "./decimal.js";

const bands = ["safe", "watch", "call", "liquidation"];

/** Why there is no liquidation or bankruptcy price. */
export const noPriceWords = {
  noPosition: "there is no position",
  hedged: "the legs cancel: no price moves the pool to its line",
  overCollateralised: "no price that the market admits reaches the line",
  missingPrice: "a price is missing, so nothing can be solved",
};

/** Modes of a pool. */
export const modeWords = {
  normal: "normal",
  reduceOnly: "may only reduce",
  liquidating: "in liquidation",
};

const outcomeWords = {
  recovered: "recovered: back above its exit level",
  closed: "closed: nothing is left",
  absorbed: "absorbed by the fund",
};

/** What an outcome of a liquidation means. */
export function outcomeText(outcome) {
  return outcome ? outcomeWords[outcome] ?? outcome : "under way";
}

/** A type that this page does not know yet, as words: `lossSocialised` is `loss socialised`. */
export function spelled(name) {
  return String(name).replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
}

/** A pool that may only reduce for a while is noise beside those that change their band. */
function standing(effect) {
  const isMinor = effect.band === effect.fromBand && effect.mode !== "liquidating" && effect.fromMode !== "liquidating";
  return { category: isMinor ? "mode" : "standing", ...standingWords(effect) };
}

function standingWords(effect) {
  if (effect.band !== effect.fromBand) {
    const isWorse = bands.indexOf(effect.band) > bands.indexOf(effect.fromBand);
    const text = isWorse ? `entered ${effect.band}` : `is back to ${effect.band}`;
    return { text, detail: figures(effect), band: effect.band };
  }
  return { text: modeWords[effect.mode] ?? effect.mode, detail: figures(effect), band: effect.band };
}

function figures(effect) {
  return `equity ${amount(effect.equity)}, maintenance ${amount(effect.maintenanceMargin)}`;
}

function insurance(effect) {
  const money = `${amount(effect.amount).replace("\u2212", "")} ${effect.asset}`;
  const after = `its cash is ${amount(effect.balance)} ${effect.asset}`;
  if (effect.reason === "takeover") {
    const paid = sign(effect.amount) < 0 ? `, losing ${money}` : "";
    return { text: `${effect.fund} took over ${exact(effect.quantity)} ${effect.symbol}${paid}`, detail: after };
  }
  if (effect.reason === "fee") return { text: `${effect.fund} received a fee of ${money}`, detail: after };
  return { text: `${effect.fund} paid ${money} of a debt`, detail: after };
}

const writers = {
  marginStateChanged: standing,
  liquidationOrdered: (effect) => ({
    category: "enforcement",
    band: "liquidation",
    text: `must ${effect.side} ${exact(effect.quantity)} ${effect.symbol} at ${price(effect.limit)} or better`,
    detail: `equity ${amount(effect.equity)}, maintenance ${amount(effect.maintenance)}`,
  }),
  liquidationOrdersToCancel: (effect) => ({
    category: "enforcement",
    text: `Liquidation orders ${effect.orders?.join(", ")} are to be cancelled`,
  }),
  liquidationEnded: (effect) => ({
    category: "enforcement",
    text: `liquidation is over, ${outcomeText(effect.outcome)}`,
  }),
  insuranceMoved: (effect) => ({ category: "enforcement", ...insurance(effect), account: null }),
  deleveraged: (effect) => ({
    category: "enforcement",
    text: `was deleveraged: ${exact(effect.change)} ${effect.symbol} at ${price(effect.price)}`,
    detail: effect.rank ? `rank ${effect.rank}, score ${exact(effect.score)}` : "pro rata",
  }),
  lossSocialised: (effect) => ({
    category: "enforcement",
    text: `pays ${amount(effect.amount)} ${effect.asset} of a loss of ${amount(effect.loss)}`,
  }),
  bankruptcyDeclared: (effect) => ({
    category: "enforcement",
    band: "liquidation",
    text: `owed ${amount(effect.deficit)} more than it had`,
    detail: `the fund paid ${amount(effect.paidByFund)}, others ${amount(effect.socialised)}`,
  }),
  priceRefused: (effect) => ({
    category: "enforcement",
    text: `${effect.symbol}: the price ${price(effect.price)} was not believed`,
    detail: `reference ${price(effect.reference)}, ${effect.agreeing} agreeing`,
  }),
  refused: (effect) => ({
    category: "ledger",
    text: `An event was refused: ${effect.code}`,
    detail: effect.problem,
  }),
  balanceChanged: (effect) => ({
    category: "ledger",
    text: `${signed(effect.change, effect.asset)} ${effect.asset}, ${spelled(effect.source)}`,
    detail: `wallet ${amount(effect.balance, effect.asset)} ${effect.asset}`,
  }),
  positionChanged: (effect) => ({
    category: "ledger",
    text: sign(effect.quantity) === 0
      ? `closed ${effect.symbol}` : `now holds ${exact(effect.quantity)} ${effect.symbol}`,
  }),
  ordersToCancel: (effect) => ({
    category: "ledger",
    text: `orders are to be cancelled: ${effect.orders?.join(", ")}`,
  }),
};

/**
 * An effect for people: `{category, band, account, text, detail, liquidation}`.
 *
 * `text` follows the account's name where there is one. Categories are `standing`, `mode`, `enforcement`, `ledger`.
 */
export function effectWords(effect) {
  const write = writers[effect.type] ?? (() => ({ category: "ledger", text: spelled(effect.type ?? none) }));
  return {
    account: effect.account ?? null,
    liquidation: effect.liquidation ?? null,
    band: null,
    detail: "",
    ...write(effect),
  };
}
