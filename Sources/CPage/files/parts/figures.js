// The four numbers of an account, its gauge, its pools: the same for now, for then and for what if.
import { h, keyed, setText } from "../core/dom.js";
import { amount, compact, far as farText, price, ratio } from "../core/format.js";
import { sign } from "../core/decimal.js";
import { modeWords, noPriceWords } from "../core/words.js";
import { gaugeChart } from "../charts/gauge.js";
import { setBand } from "./band.js";
import { byDistance, distance, positionName } from "./distance.js";
import { emptyState, showNumber } from "./panel.js";
import { table } from "./table.js";

const four = [
  ["equity", "Equity", "wallet and unrealised profit"],
  ["maintenanceMargin", "Maintenance", "what the positions must keep"],
  ["freeboard", "Freeboard", "above the load line"],
  ["availableBalance", "Available", "for new positions"],
];

/** A button around a number that asks why it is what it is; a mere number where nobody can say. */
export function whyButton(figure, ask) {
  if (ask === null) return h("span", { "data-figure": figure });
  return h("button", {
    type: "button", class: "why", "data-figure": figure, "aria-label": `Why is ${figure} this?`,
    click: () => ask(figure),
  });
}

/** The gauge with the ratio in large: `{root, draw(account, thresholds)}`. */
export function gaugePart(ask) {
  const host = h("div", { class: "chart-gauge" });
  const gauge = gaugeChart(host);
  const value = whyButton("marginRatio", ask);
  const band = h("span", { class: "gauge-band", "data-testid": "account-band" });
  const note = h("p", { class: "faint" });
  value.classList.add("huge");
  value.dataset.testid = "account-ratio";
  const root = h("div", { class: "gauge" },
    h("div", { class: "gauge-words" }, h("p", { class: "label" }, "Ratio"), value, band, note), host);
  return {
    root,
    draw(account, thresholds) {
      const isStale = account.stale.length > 0;
      showNumber(value, account.marginRatio, (text) => ratio(text, 2), { isStale, reason: noRatio(account) });
      labelWhy(value, "Ratio");
      if (account.missing.length > 0) {
        delete band.dataset.band;
        band.replaceChildren("cannot be computed");
      } else {
        setBand(band, account.state);
      }
      setText(note, noteOf(account));
      gauge.update({ ratio: account.marginRatio, state: account.state }, thresholds);
    },
  };
}

/**
 * Shows a figure of a position, which is in the asset that it is settled in. An account with several
 * assets is valued in another one; then the figure says in which it is.
 */
export function showPositionMoney(element, text, position, account, format = amount) {
  const { asset } = position;
  showNumber(element, text, (value) => `${format(value, asset)}${asset === account.asset ? "" : `\u00a0${asset}`}`,
    { unit: asset, isStale: account.stale.includes(position.symbol), reason: "no price" });
}

/** A button's name says the number too. */
export function labelWhy(button, name) {
  if (button.type === "button") button.setAttribute("aria-label", `${name} ${button.textContent}, why?`);
}

function noRatio(account) {
  if (account.positions.length === 0) return "nothing is held that needs margin";
  return account.missing?.length > 0
    ? `no price of ${account.missing.join(", ")}` : "equity is not above zero";
}

function noteOf(account) {
  if (account.missing?.length > 0) return `No price of ${account.missing.join(", ")}: nothing that rests on it can be computed.`;
  if (account.positions.length === 0) return "Nothing is at risk.";
  const side = sign(account.freeboard) < 0 ? "below the line" : "above the line";
  return `${compact(account.freeboard?.replace("-", ""))} ${account.asset} ${side}`;
}

/** The numbers of an account, the nearest liquidation the last: `{root, draw(account)}`. */
export function numbersPart(ask) {
  const cells = four.map(([name]) => {
    const button = whyButton(name, ask);
    button.classList.add("big");
    button.dataset.testid = `number-${name}`;
    return button;
  });
  const units = four.map(() => h("span", { class: "unit" }));
  const root = h("dl", { class: "four" }, ...four.map(([, title, note], index) => h("div", {},
    h("dt", {}, title, " ", units[index]), h("dd", {}, cells[index]), h("dd", { class: "faint" }, note))));
  const nearest = nearestPart();
  root.append(nearest.root);
  return {
    root,
    draw(account) {
      const isStale = account.stale.length > 0;
      four.forEach(([name, title], index) => {
        showNumber(cells[index], account[name], (text) => amount(text, account.asset),
          { unit: account.asset, isStale, reason: noRatio(account) });
        labelWhy(cells[index], title);
        setText(units[index], account.asset);
      });
      nearest.draw(account);
    },
  };
}

/** The liquidation price that is nearest to its mark, or why there is none. */
function nearestPart() {
  const value = h("span", { class: "big", "data-testid": "number-nearest" });
  const which = h("span", { class: "unit" });
  const far = h("dd", { class: "faint" });
  return {
    root: h("div", { class: "nearest" }, h("dt", {}, "Nearest liquidation ", which), h("dd", {}, value), far),
    draw(account) {
      const position = byDistance(account.positions)[0] ?? null;
      const reason = position === null ? "nothing is held"
        : noPriceWords[position.liquidationPriceReason] ?? "a price is missing";
      const solved = position?.liquidationPrice ?? null;
      showNumber(value, solved, price, { isStale: account.stale.includes(position?.symbol), reason });
      if (solved === null) setText(value, "none");
      setText(which, position === null ? "" : positionName(position));
      setText(far, solved === null ? reason : `${farText(distance(position))} from the mark, all else equal`);
    },
  };
}

/** The pools that are compared with one requirement each: `{root, draw(account)}`. */
export function poolsPart(ask) {
  const money = (name, title) => ({
    label: title,
    kind: "number",
    fill: (cell, pool) => {
      cell.why ??= cell.appendChild(whyButton(`${name}@${pool.pool}`, ask));
      showNumber(cell.why, pool[name], (text) => amount(text, pool.asset), { unit: pool.asset, isStale: pool.isStale });
      labelWhy(cell.why, `${pool.pool} ${title}`);
    },
  });
  const pools = table({
    caption: "Pools",
    testid: "pools",
    key: (pool) => pool.pool,
    columns: [
      { label: "Pool", fill: (cell, pool) => setText(cell, pool.pool) },
      { label: "Band", fill: (cell, pool) => setBand(cell, pool.band) },
      { label: "Mode", fill: (cell, pool) => setText(cell, modeWords[pool.mode] ?? pool.mode) },
      { label: "Ratio", kind: "number", fill: (cell, pool) => showNumber(cell, pool.marginRatio, (text) => ratio(text, 2), { isStale: pool.isStale }) },
      money("equity", "Equity"), money("maintenanceMargin", "Maintenance"), money("initialMargin", "Initial"),
      money("freeboard", "Freeboard"),
    ],
  });
  return {
    root: pools.root,
    draw(account) {
      pools.root.hidden = account.pools.length === 0;
      pools.draw(account.pools);
    },
  };
}

/** The assets an account holds, where there are several: `{root, draw(account)}`. */
export function collateralPart() {
  const root = h("ul", { class: "collateral" });
  return {
    root,
    draw(account) {
      keyed(root, account.collateral, (item) => item.asset,
        () => h("li", {}, h("span", { class: "faint" }), " ", h("b")),
        (element, item) => {
          setText(element.children[0], `${item.asset} wallet`);
          showNumber(element.children[1], item.walletBalance, (text) => amount(text, item.asset), { unit: item.asset });
        });
    },
  };
}

/** What stands instead of positions. */
export function noPositions(account) {
  return emptyState("No positions", `Nothing is at risk and nothing is needed. ${amount(account.walletBalance, account.asset)} ${account.asset} in the wallet.`);
}
