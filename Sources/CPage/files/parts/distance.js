// Which position is nearest to its liquidation, and what it is called.
import { compare, divide, subtract } from "../core/decimal.js";

/** How far the mark has to go to the liquidation price, as a fraction; `null` if there is none. */
export function distance(position) {
  if (position.liquidationPrice === null || position.markPrice === null) return null;
  return divide(subtract(position.liquidationPrice, position.markPrice), position.markPrice);
}

/** Positions by the size of their distance; those without a liquidation price last. */
export function byDistance(positions) {
  const size = (position) => distance(position)?.replace("-", "") ?? null;
  return [...positions].sort((left, right) => {
    const [a, b] = [size(left), size(right)];
    if (a === null || b === null) return (a === null) - (b === null);
    return compare(a, b);
  });
}

/** What a position is called beside others: hedge mode has two of a symbol. */
export function positionName(position) {
  return position.leg === "net" ? position.symbol : `${position.symbol} ${position.leg}`;
}
