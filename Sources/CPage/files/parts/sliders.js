// The sliders of a supposition: one for each price, one for margin, one that closes a position in part.
import { h, setText } from "../core/dom.js";
import { change, digitsOf, ratio, signed } from "../core/format.js";
import { compare, divide, fixed, multiply, parse } from "../core/decimal.js";
import { byDistance, positionName } from "./distance.js";

/** Beyond this many symbols, sliders would be a wall. */
const mostSymbols = 6;

/** How far a price can be moved, and in which steps, in thousandths. */
const priceRange = [-400, 400, 5];
const partRange = [0, 1000, 10];

/**
 * Which asset would be paid in: the account's own, or that in which markets are settled; `null` if none is known.
 *
 * An account that holds nothing, or several assets, has figures in the rulebook's currency, which nobody can pay in.
 */
function depositAsset(account, markets) {
  const held = account.collateral.map((item) => item.asset);
  if (held.includes(account.asset)) return account.asset;
  return held[0] ?? markets?.items[0]?.settle ?? null;
}

/** Sliders for what an account holds: `{root, draw(account, markets), reset()}`; `moved()` hears of each change. */
export function slidersPart(supposition, moved) {
  const root = h("div", { class: "sliders" });
  let key = null;
  let asset = null;
  const make = (account) => {
    const sorted = byDistance(account.positions);
    const symbols = [...new Set(sorted.map((position) => position.symbol))].slice(0, mostSymbols);
    root.replaceChildren(
      ...symbols.map((symbol) => shockSlider(symbol, supposition, moved)),
      ...(asset === null ? [] : [addSlider(account, asset, supposition, moved)]),
      ...(sorted.length > 0 ? [closeSlider(sorted.map(positionName), supposition, moved)] : []),
    );
  };
  return {
    root,
    draw(account, markets) {
      asset = supposition.deposit?.asset ?? depositAsset(account, markets);
      const next = [...account.positions.map(positionName).sort(), asset].join(" ");
      if (next === key) return;
      key = next;
      make(account);
    },
    reset(account) {
      supposition.clear();
      make(account);
      moved();
    },
  };
}

function shockSlider(symbol, { shocks }, moved) {
  return slider({
    title: symbol,
    name: `shock-${symbol}`,
    range: priceRange,
    value: Number(shocks.get(symbol) ?? 0) * 1000,
    text: (value) => (value === 0 ? "as it is" : change(perMille(value), 1)),
    set: (value) => {
      if (value === 0) shocks.delete(symbol);
      else shocks.set(symbol, perMille(value));
      moved();
    },
  });
}

function addSlider(account, asset, supposition, moved) {
  const most = roomOf(account, asset);
  return slider({
    title: `Add margin, ${asset}`,
    name: "add",
    range: [0, 1000, 5],
    value: supposition.deposit ? Number(divide(supposition.deposit.amount, most)) * 1000 : 0,
    text: () => (supposition.deposit ? signed(supposition.deposit.amount, asset) : "none"),
    set: (value) => {
      supposition.deposit = value === 0 ? null : { asset, amount: plain(fixed(multiply(most, perMille(value)), digitsOf(asset))) };
      moved();
    },
  });
}

function closeSlider(names, supposition, moved) {
  let chosen = names.includes(supposition.close?.position) ? supposition.close.position : names[0];
  const row = slider({
    title: names.length > 1 ? "Close a part of" : `Close a part of ${chosen}`,
    name: "close",
    range: partRange,
    value: Number(supposition.close?.part ?? 0) * 1000,
    text: () => (supposition.close ? ratio(supposition.close.part, 0) : "none"),
    set: (value) => {
      supposition.close = value === 0 ? null : { position: chosen, part: perMille(value) };
      moved();
    },
  });
  if (names.length > 1) {
    const select = h("select", {
      "aria-label": "Which position is closed",
      "data-testid": "close-which",
      change: () => {
        chosen = select.value;
        if (!supposition.close) return;
        supposition.close.position = chosen;
        moved();
      },
    }, ...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
    row.querySelector("label").after(select);
    row.classList.add("has-select");
  }
  return row;
}

function slider({ title, name, range: [min, max, step], value, text, set }) {
  const id = `slider-${name}`;
  const output = h("output", { for: id });
  const input = h("input", { type: "range", id, min, max, step, "data-testid": id });
  const say = () => {
    setText(output, text(Number(input.value)));
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.value = String(value);
  input.addEventListener("input", () => {
    set(Number(input.value));
    say();
  });
  say();
  return h("div", { class: "slider" }, h("label", { for: id }, title), output, input);
}

/** Thousandths as decimal text: `-120` is `-0.12`. */
function perMille(value) {
  return multiply(String(Math.round(value)), "0.001");
}

/** Without superfluous zeros behind the point. */
function plain(text) {
  return parse(text) && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** The end of the margin slider: what the account has in this asset, and at least a hundred of money, or one coin. */
function roomOf(account, asset) {
  const held = account.collateral.find((item) => item.asset === asset);
  const has = held?.equity ?? held?.walletBalance ?? "0";
  const least = digitsOf(asset) > 2 ? "1" : "100";
  return compare(has, least) > 0 ? fixed(has, 0) : least;
}
