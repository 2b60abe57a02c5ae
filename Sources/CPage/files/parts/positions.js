// The positions of an account, the one nearest to its liquidation first.
import { h, setText } from "../core/dom.js";
import { exact, far, price, signed } from "../core/format.js";
import { sign } from "../core/decimal.js";
import { noPriceWords } from "../core/words.js";
import { distanceBar } from "../charts/distance.js";
import { byDistance, distance, positionName } from "./distance.js";
import { labelWhy, noPositions, showPositionMoney, whyButton } from "./figures.js";
import { showNumber } from "./panel.js";
import { table } from "./table.js";

/** The table of positions: `{root, draw(account)}`; `ask(figure)` opens an explanation, `null`: there is none. */
export function positionsPart(ask) {
  let account = null;
  const isStale = (position) => account.stale.includes(position.symbol);
  const why = (cell, name, position) => {
    cell.why ??= cell.appendChild(whyButton(`${name}:${positionName(position)}`, ask));
    return cell.why;
  };
  const money = (name, title, format) => ({
    label: title,
    kind: "number",
    fill: (cell, position) => {
      const button = why(cell, name, position);
      showPositionMoney(button, position[name], position, account, format);
      labelWhy(button, `${position.symbol} ${title}`);
    },
  });
  const part = table({
    caption: "Positions, the nearest to liquidation first",
    testid: "positions",
    key: positionName,
    columns: [
      { label: "Market", kind: "head", fill: fillMarket },
      { label: "Quantity", kind: "number", fill: (cell, position) => showNumber(cell, position.quantity, exact) },
      { label: "Entry", kind: "number", fill: (cell, position) => showNumber(cell, position.entryPrice, price) },
      { label: "Mark", kind: "number", fill: (cell, position) => showNumber(cell, position.markPrice, price, { isStale: isStale(position), reason: "no price" }) },
      money("unrealizedPnl", "Profit", signed), money("maintenanceMargin", "Maintenance"),
      {
        label: "Liquidation",
        kind: "number",
        fill: (cell, position) => fillLiquidation(why(cell, "liquidationPrice", position), position, isStale(position)),
      },
      { label: "Distance", kind: "distance", fill: fillDistance },
    ],
  });
  const empty = h("div", { class: "positions-empty" });
  return {
    root: h("div", {}, part.root, empty),
    draw(next) {
      account = next;
      const hasPositions = next.positions.length > 0;
      part.root.hidden = !hasPositions;
      empty.hidden = hasPositions;
      if (!hasPositions) empty.replaceChildren(noPositions(next));
      part.draw(byDistance(next.positions));
    },
  };
}

function fillMarket(cell, position) {
  cell.parts ??= [h("b"), h("span", { class: "faint second" })];
  if (cell.childElementCount === 0) cell.append(...cell.parts);
  setText(cell.parts[0], position.symbol);
  const side = position.leg !== "net" ? position.leg : sign(position.quantity) < 0 ? "short" : "long";
  setText(cell.parts[1], `${side} · ${position.marginMode} ${exact(position.leverage)}×`);
}

function fillLiquidation(button, position, isStale) {
  const reason = noPriceWords[position.liquidationPriceReason] ?? "there is none";
  showNumber(button, position.liquidationPrice, price, { isStale, reason });
  if (position.liquidationPrice === null) setText(button, position.liquidationPriceReason === "missingPrice" ? "no price" : "none");
  labelWhy(button, `${position.symbol} liquidation price`);
}

function fillDistance(cell, position) {
  cell.bar ??= distanceBar();
  cell.text ??= h("span", { class: "distance-text" });
  if (cell.childElementCount === 0) cell.append(h("div", { class: "distance-box" }, cell.bar.root, cell.text));
  const away = distance(position);
  cell.bar.root.toggleAttribute("hidden", away === null);
  cell.bar.update({ mark: position.markPrice, liquidation: position.liquidationPrice, entry: position.entryPrice });
  if (away === null) {
    setText(cell.text, noPriceWords[position.liquidationPriceReason] ?? "");
    cell.text.classList.add("faint");
  } else {
    cell.text.classList.remove("faint");
    showNumber(cell.text, away, far);
  }
}
