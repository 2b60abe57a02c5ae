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
 * Which assets can be paid in, the likeliest first: the account's own, the others that it holds, or that in which markets are
 * settled.
 *
 * An account that holds nothing, or several assets, has figures in the rulebook's currency, which nobody can pay in.
 */
function depositAssets(account, markets) {
  const held = account.collateral.map((item) => item.asset);
  const own = held.filter((asset) => asset === account.asset);
  const all = held.length > 0 ? [...own, ...held] : [markets?.items[0]?.settle].filter(Boolean);
  return [...new Set(all)];
}

/** Sliders for what an account holds: `{root, draw(account, markets), reset()}`; `moved()` hears of each change. */
export function slidersPart(supposition, moved) {
  const root = h("div", { class: "sliders" });
  let key = null;
  let assets = [];
  const make = (account) => {
    const sorted = byDistance(account.positions);
    const symbols = [...new Set(sorted.map((position) => position.symbol))].slice(0, mostSymbols);
    root.replaceChildren(
      ...symbols.map((symbol) => shockSlider(symbol, supposition, moved)),
      ...(assets.length > 0 ? [addSlider(account, assets, supposition, moved)] : []),
      ...(sorted.length > 0 ? [closeSlider(sorted.map(positionName), supposition, moved)] : []),
    );
  };
  return {
    root,
    draw(account, markets) {
      const supposed = supposition.deposit ? [supposition.deposit.asset] : [];
      assets = [...new Set([...depositAssets(account, markets), ...supposed])];
      const next = [...account.positions.map(positionName).sort(), "+", ...assets].join(" ");
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

function addSlider(account, assets, supposition, moved) {
  let asset = supposition.deposit?.asset ?? assets[0];
  const share = ({ amount }) => Math.round(Number(divide(amount, roomOf(account, asset))) * 1000);
  const row = slider({
    title: assets.length > 1 ? "Add margin" : `Add margin, ${asset}`,
    name: "add",
    range: [0, 1000, 5],
    value: supposition.deposit ? share(supposition.deposit) : 0,
    text: () => (supposition.deposit ? signed(supposition.deposit.amount, asset) : "none"),
    set: (value) => {
      const amount = () => plain(fixed(multiply(roomOf(account, asset), perMille(value)), digitsOf(asset)));
      supposition.deposit = value === 0 ? null : { asset, amount: amount() };
      moved();
    },
  });
  return chosenOf(row, assets, asset, { label: "Which asset is added", testid: "add-which" }, (name) => { asset = name; });
}

function closeSlider(names, supposition, moved) {
  let position = names.includes(supposition.close?.position) ? supposition.close.position : names[0];
  const row = slider({
    title: names.length > 1 ? "Close a part of" : `Close a part of ${position}`,
    name: "close",
    range: partRange,
    value: Number(supposition.close?.part ?? 0) * 1000,
    text: () => (supposition.close ? ratio(supposition.close.part, 0) : "none"),
    set: (value) => {
      supposition.close = value === 0 ? null : { position, part: perMille(value) };
      moved();
    },
  });
  return chosenOf(row, names, position, { label: "Which position is closed", testid: "close-which" }, (name) => { position = name; });
}

/** A slider with a choice of what it moves, where there is one: the other thing is moved as far as the first one was. */
function chosenOf(row, names, chosen, { label, testid }, choose) {
  if (names.length < 2) return row;
  const select = h("select", {
    "aria-label": label,
    "data-testid": testid,
    change: () => {
      choose(select.value);
      const input = row.querySelector("input");
      if (input.value !== "0") input.dispatchEvent(new Event("input"));
    },
  }, ...names.map((name) => h("option", { value: name, selected: name === chosen }, name)));
  row.querySelector("label").after(select);
  row.classList.add("has-select");
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
