// What is supposed of an account: moved prices, added margin, a position closed in part. It is kept in
// the address, and is the body of the question that the node answers.
import { compare, fixed, multiply, sign } from "../core/decimal.js";
import { positionName } from "./distance.js";

/** Reads `BTCUSDT:-0.12,ETHUSDT:0.06`: names with decimals that are not zero. */
export function parsePairs(text) {
  return new Map((text ?? "").split(",").map((part) => {
    const colon = part.lastIndexOf(":");
    return [part.slice(0, colon), part.slice(colon + 1)];
  }).filter(([name, value]) => name && sign(value) !== null && sign(value) !== 0));
}

/** A supposition about one account. */
export class Supposition {
  /** Symbol → fraction by which its price moves. */
  shocks;
  /** `{asset, amount}`, or `null`. */
  deposit;
  /** `{position, part}`: the name of a position and the fraction of it that is closed, or `null`. */
  close;

  /** Reads the parameters `shock`, `add` and `close` of an address. */
  constructor(parameters) {
    this.shocks = parsePairs(parameters.get("shock"));
    const [added] = parsePairs(parameters.get("add"));
    this.deposit = added && sign(added[1]) === 1 ? { asset: added[0], amount: added[1] } : null;
    const [closed] = parsePairs(parameters.get("close"));
    const isPart = closed && sign(closed[1]) === 1 && compare(closed[1], "1") <= 0;
    this.close = isPart ? { position: closed[0], part: closed[1] } : null;
  }

  /** The same as parameters of an address. */
  parameters() {
    return {
      shock: [...this.shocks].map(([symbol, value]) => `${symbol}:${value}`).join(","),
      add: this.deposit ? `${this.deposit.asset}:${this.deposit.amount}` : null,
      close: this.close ? `${this.close.position}:${this.close.part}` : null,
    };
  }

  /** The body of the question, for the positions that the account has now. */
  body(positions) {
    const body = { shocks: Object.fromEntries(this.shocks) };
    if (this.deposit) body.deposit = this.deposit;
    const position = positions.find((one) => positionName(one) === this.close?.position);
    const quantity = position ? fixed(multiply(position.quantity.replace("-", ""), this.close.part), 8, "down") : "0";
    if (sign(quantity) === 1) {
      const side = sign(position.quantity) === 1 ? "sell" : "buy";
      body.trade = { symbol: position.symbol, side, quantity };
      if (position.leg !== "net") body.trade.leg = position.leg;
    }
    return body;
  }

  /** Supposes nothing. */
  clear() {
    this.shocks.clear();
    this.deposit = null;
    this.close = null;
  }
}
