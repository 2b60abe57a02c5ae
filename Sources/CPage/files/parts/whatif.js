// What if: sliders for prices and for added margin. The node computes; this page only shows before and
// after. The sliders' values are in the address.
import { accountRoute, explained, post } from "../core/api.js";
import { debounce, h, setText } from "../core/dom.js";
import { amount, change, price, ratio, signed } from "../core/format.js";
import { compare, divide, fixed, multiply, sign, subtract } from "../core/decimal.js";
import { replaceParameters } from "../core/router.js";
import { setBand } from "./band.js";
import { showNumber } from "./panel.js";
import { positionName } from "./positions.js";
import { setStamp } from "./stamp.js";

/** Beyond this many symbols, sliders would be a wall. */
const mostSymbols = 6;

/** The market goes on: an answer older than this is asked for again with the next sample. */
const refreshAfter = 2_000;

const rows = [
  ["equity", "Equity"], ["maintenanceMargin", "Maintenance"], ["freeboard", "Freeboard"], ["availableBalance", "Available"],
];

/** Reads `BTCUSDT:-0.12,ETHUSDT:0.06`. */
export function parseShocks(text) {
  return new Map((text ?? "").split(",").map((part) => part.split(":")).filter(([symbol, value]) => (
    symbol && sign(value) !== null && sign(value) !== 0
  )));
}

/** The part of the account's screen that asks what if: `{root, draw(account), body()}`. */
export class WhatIf {
  #account = null;
  #name;
  #signal;
  #stamp;
  #shocks;
  #deposit;
  #sliders = h("div", { class: "sliders" });
  #answer = h("div", { class: "whatif-answer", "data-testid": "whatif" });
  #problem = h("p", { class: "problem", role: "status" });
  #askedAt = 0;
  #key = "";
  #asked = new AbortController();
  #ask = debounce(70, () => this.#send());
  #cells;
  root;

  constructor(name, { parameters, signal, stamp }) {
    this.#name = name;
    this.#signal = signal;
    this.#stamp = stamp;
    this.#shocks = parseShocks(parameters.get("shock"));
    const [asset, added] = (parameters.get("add") ?? "").split(":");
    this.#deposit = sign(added) === 1 ? { asset, amount: added } : null;
    this.#makeAnswer();
    const reset = h("button", { type: "button", class: "tool", click: () => this.#reset() }, "Reset");
    this.root = h("div", { class: "whatif" }, this.#sliders, h("div", { class: "actions" }, reset), this.#problem, this.#answer);
    signal.addEventListener("abort", () => {
      this.#ask.cancel();
      this.#asked.abort();
    });
  }

  /** Makes sliders for what the account holds now. */
  draw(account) {
    const isFirst = this.#account === null;
    this.#account = account;
    const symbols = [...new Set(account.positions.map((position) => position.symbol))].slice(0, mostSymbols);
    const key = [...symbols, account.asset].join(" ");
    if (key !== this.#key) {
      this.#key = key;
      this.#makeSliders(symbols);
    }
    if (isFirst || performance.now() - this.#askedAt > refreshAfter) this.#send();
  }

  /** The body of the request that is asked now. */
  body() {
    const body = { shocks: Object.fromEntries(this.#shocks) };
    if (this.#deposit) body.deposit = this.#deposit;
    return body;
  }

  #makeSliders(symbols) {
    const shocks = symbols.map((symbol) => this.#slider({
      title: symbol,
      name: `shock-${symbol}`,
      range: [-400, 400, 5],
      value: Number(this.#shocks.get(symbol) ?? 0) * 1000,
      text: (value) => change(perMille(value), 1),
      set: (value) => {
        if (value === 0) this.#shocks.delete(symbol);
        else this.#shocks.set(symbol, perMille(value));
      },
    }));
    const most = roomOf(this.#account);
    const asset = this.#deposit?.asset ?? this.#account.asset;
    const step = (value) => fixed(multiply(most, perMille(value)), 2);
    const added = this.#slider({
      title: `Add margin, ${asset}`,
      name: "add",
      range: [0, 1000, 5],
      value: this.#deposit ? Number(divide(this.#deposit.amount, most)) * 1000 : 0,
      text: (value) => (value === 0 ? "none" : signed(this.#deposit?.amount ?? step(value), asset)),
      set: (value) => {
        this.#deposit = value === 0 ? null : { asset, amount: step(value) };
      },
    });
    this.#sliders.replaceChildren(...shocks, added);
  }

  #slider({ title, name, range: [min, max, step], value, text, set }) {
    const id = `slider-${name}`;
    const output = h("output", { for: id }, text(value));
    const input = h("input", { type: "range", id, min, max, step, "data-testid": id });
    input.value = String(value);
    input.setAttribute("aria-valuetext", output.textContent);
    input.addEventListener("input", () => {
      set(Number(input.value));
      setText(output, text(Number(input.value)));
      input.setAttribute("aria-valuetext", output.textContent);
      this.#ask();
    });
    return h("div", { class: "slider" }, h("label", { for: id }, title), output, input);
  }

  #makeAnswer() {
    const cell = () => h("td", { class: "number" });
    this.#cells = new Map([...rows.map(([name]) => name), "marginRatio"].map((name) => [name, [cell(), cell(), cell()]]));
    const band = [cell(), cell(), cell()];
    this.#cells.set("state", band);
    const line = (name, title) => h("tr", { "data-figure": name }, h("th", { scope: "row" }, title), ...this.#cells.get(name));
    this.#prices = h("tbody");
    this.#answer.append(h("table", {}, h("caption", { class: "unseen" }, "Before and after"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, ""), ...["Now", "After", "Change"].map((title) => h("th", { scope: "col", class: "number" }, title)))),
      h("tbody", {}, ...rows.map(([name, title]) => line(name, title)), line("marginRatio", "Ratio"), line("state", "Band")),
      this.#prices));
  }

  #prices;

  async #send() {
    this.#asked.abort();
    this.#asked = new AbortController();
    this.#askedAt = performance.now();
    const signal = AbortSignal.any([this.#signal, this.#asked.signal]);
    replaceParameters({
      shock: [...this.#shocks].map(([symbol, value]) => `${symbol}:${value}`).join(","),
      add: this.#deposit ? `${this.#deposit.asset}:${this.#deposit.amount}` : null,
    });
    try {
      const answer = await post(accountRoute(this.#name, "/whatif"), this.body(), signal);
      setStamp(this.#stamp, { seq: answer.now?.seq ?? null });
      this.#show(answer);
    } catch (error) {
      const reason = explained(error);
      if (reason) setText(this.#problem, reason);
    }
  }

  #show({ now, after, problem }) {
    setText(this.#problem, problem ? `${problem.title ?? problem.code ?? "It cannot be computed"}: ${problem.detail ?? ""}` : "");
    const asset = now.asset;
    for (const [name] of [...rows, ["marginRatio"]]) {
      const [before, then, difference] = this.#cells.get(name);
      const isRatio = name === "marginRatio";
      const format = isRatio ? (text) => ratio(text, 2) : (text) => amount(text, asset);
      showNumber(before, now[name], format, { isStale: now.stale.length > 0 });
      showNumber(then, after?.[name] ?? null, format, { isStale: (after?.stale ?? []).length > 0, reason: "equity is not above zero" });
      const gap = after && now[name] !== null && after[name] !== null ? subtract(after[name], now[name]) : null;
      showNumber(difference, gap, isRatio ? (text) => `${change(text, 2).replace("%", "pp")}` : (text) => signed(text, asset));
    }
    const [before, then] = this.#cells.get("state");
    setBand(before, now.state);
    setBand(then, after?.state ?? "");
    this.#prices.replaceChildren(...now.positions.map((position) => {
      const next = after?.positions.find((one) => positionName(one) === positionName(position));
      const cell = (text) => {
        const element = h("td", { class: "number" });
        showNumber(element, text ?? null, price, { reason: "there is no such price" });
        return element;
      };
      const gap = next?.liquidationPrice && position.liquidationPrice
        ? subtract(next.liquidationPrice, position.liquidationPrice) : null;
      const moved = h("td", { class: "number" });
      showNumber(moved, gap, (text) => (sign(text) === 1 ? "+" : "") + price(text, position.liquidationPrice));
      return h("tr", {}, h("th", { scope: "row" }, `Liq. ${positionName(position)}`),
        cell(position.liquidationPrice), cell(next?.liquidationPrice), moved);
    }));
  }

  #reset() {
    this.#shocks.clear();
    this.#deposit = null;
    for (const input of this.#sliders.querySelectorAll("input")) {
      input.value = "0";
      input.dispatchEvent(new Event("input"));
    }
  }
}

/** Thousandths as decimal text: `-120` is `-0.12`. */
function perMille(value) {
  return multiply(String(Math.round(value)), "0.001");
}

/** The end of the margin slider: what the account has, and at least a hundred. */
function roomOf(account) {
  const equity = account.equity ?? account.walletBalance ?? "0";
  return compare(equity, "100") > 0 ? fixed(equity, 0) : "100";
}
