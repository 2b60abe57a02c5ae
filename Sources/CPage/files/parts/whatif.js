// What if: sliders ask, the node computes, this page only shows before and after.
import { accountRoute, explained, post } from "../core/api.js";
import { debounce, h, setText } from "../core/dom.js";
import { amount, change, price, ratio, signed } from "../core/format.js";
import { sign, subtract } from "../core/decimal.js";
import { replaceParameters } from "../core/router.js";
import { setBand } from "./band.js";
import { showNumber } from "./panel.js";
import { positionName } from "./distance.js";
import { slidersPart } from "./sliders.js";
import { setStamp } from "./stamp.js";
import { Supposition } from "./supposition.js";

/** The market goes on: an answer older than this is asked for again with the next sample. */
const refreshAfter = 2_000;

const rows = [
  ["equity", "Equity"], ["maintenanceMargin", "Maintenance"], ["freeboard", "Freeboard"], ["availableBalance", "Available"],
];

/** The part of the account's screen that asks what if: `{root, draw(account, markets), body()}`. */
export class WhatIf {
  #account = null;
  #name;
  #signal;
  #stamp;
  #supposition;
  #sliders;
  #answer = h("div", { class: "whatif-answer", "data-testid": "whatif" });
  #problem = h("p", { class: "problem", role: "status" });
  #took = h("span", { class: "faint", "data-testid": "whatif-took" });
  #askedAt = 0;
  /** One question at a time: a drag asks again as soon as the node has answered. */
  #isAsking = false;
  #isDirty = false;
  /** Browsers forbid to write the address at every step of a drag. */
  #keep = debounce(250, () => replaceParameters(this.#supposition.parameters()));
  #cells;
  #prices;
  root;

  constructor(name, { parameters, signal, stamp }) {
    this.#name = name;
    this.#signal = signal;
    this.#stamp = stamp;
    this.#supposition = new Supposition(parameters);
    this.#sliders = slidersPart(this.#supposition, () => {
      this.#keep();
      this.#send();
    });
    this.#makeAnswer();
    const reset = h("button", { type: "button", class: "tool", click: () => this.#sliders.reset(this.#account) }, "Reset");
    this.root = h("div", { class: "whatif" }, this.#sliders.root,
      h("div", { class: "actions" }, this.#took, reset), this.#problem, this.#answer);
    signal.addEventListener("abort", () => this.#keep.cancel());
  }

  /** Follows what the account is now. */
  draw(account, markets) {
    const isFirst = this.#account === null;
    this.#account = account;
    this.#sliders.draw(account, markets);
    if (isFirst || performance.now() - this.#askedAt > refreshAfter) this.#send();
  }

  /** The body of the request that is asked now. */
  body() {
    return this.#supposition.body(this.#account?.positions ?? []);
  }

  #makeAnswer() {
    const cell = () => h("td", { class: "number" });
    this.#cells = new Map([...rows.map(([name]) => name), "marginRatio", "state"].map((name) => [name, [cell(), cell(), cell()]]));
    const line = (name, title) => h("tr", { "data-figure": name }, h("th", { scope: "row" }, title), ...this.#cells.get(name));
    this.#prices = h("tbody");
    this.#answer.append(h("table", {}, h("caption", { class: "unseen" }, "Before and after"),
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, h("span", { class: "unseen" }, "Figure")),
        ...["Now", "After", "Change"].map((title) => h("th", { scope: "col", class: "number" }, title)))),
      h("tbody", {}, ...rows.map(([name, title]) => line(name, title)), line("marginRatio", "Ratio"), line("state", "Band")),
      this.#prices));
  }

  async #send() {
    if (this.#isAsking) {
      this.#isDirty = true;
      return;
    }
    this.#isAsking = true;
    this.#isDirty = false;
    this.#askedAt = performance.now();
    try {
      const answer = await post(accountRoute(this.#name, "/whatif"), this.body(), this.#signal);
      setText(this.#took, `answered in ${Math.round(performance.now() - this.#askedAt)} ms`);
      setStamp(this.#stamp, { seq: answer.now.seq });
      this.#show(answer);
    } catch (error) {
      const reason = explained(error);
      if (reason) setText(this.#problem, reason);
    }
    this.#isAsking = false;
    if (this.#isDirty && !this.#signal.aborted) this.#send();
  }

  #show({ now, after, problem }) {
    setText(this.#problem, problem ? `${problem.detail ?? problem.code} ${problem.remedy ?? ""}` : "");
    const asset = now.asset;
    for (const [name] of [...rows, ["marginRatio"]]) {
      const [before, then, difference] = this.#cells.get(name);
      const isRatio = name === "marginRatio";
      const format = isRatio ? (text) => ratio(text, 2) : (text) => amount(text, asset);
      showNumber(before, now[name], format, { isStale: now.stale.length > 0, reason: "equity is not above zero" });
      showNumber(then, after?.[name] ?? null, format, { isStale: (after?.stale ?? []).length > 0, reason: "equity is not above zero" });
      const gap = after && now[name] !== null && after[name] !== null ? subtract(after[name], now[name]) : null;
      showNumber(difference, gap, isRatio ? (text) => `${change(text, 2).replace("%", "pp")}` : (text) => signed(text, asset), { reason: "one of the two is not known" });
    }
    const [before, then] = this.#cells.get("state");
    setBand(before, now.state);
    setBand(then, after?.state ?? "");
    this.#prices.replaceChildren(...now.positions.map((position) => priceRow(position, after)));
  }
}

/** The liquidation price of a position, before and after. */
function priceRow(position, after) {
  const name = positionName(position);
  const next = after?.positions.find((one) => positionName(one) === name);
  const cell = (text, kind) => {
    const element = h("td", { class: "number", "data-testid": `liq-${kind}-${name}` });
    showNumber(element, text ?? null, price, { reason: kind === "after" && after && !next ? "the position is closed" : "there is no such price" });
    return element;
  };
  const gap = next?.liquidationPrice && position.liquidationPrice
    ? subtract(next.liquidationPrice, position.liquidationPrice) : null;
  const moved = h("td", { class: "number" });
  showNumber(moved, gap, (text) => (sign(text) === 1 ? "+" : "") + price(text, position.liquidationPrice),
    { reason: "one of the two prices does not exist" });
  return h("tr", {}, h("th", { scope: "row" }, `Liq. ${name}`),
    cell(position.liquidationPrice, "now"), cell(next?.liquidationPrice, "after"), moved);
}
