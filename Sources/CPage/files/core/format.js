// Decimal texts as people read them. The exact text goes into the title of what shows it.
import { compare, fixed, multiply, parse, sign } from "./decimal.js";

/** What stands where there is no number. */
export const none = "—";

const minus = "\u2212";
const thin = "\u202f";
const units = [["1000000000000", "T", 12], ["1000000000", "B", 9], ["1000000", "M", 6], ["1000", "K", 3]];

/** All digits, with thousands separators: `-61234.5` is `−61,234.5`. */
export function exact(text) {
  if (!parse(text)) return none;
  const [whole, fraction] = String(text).replace(/^[+-]/, "").split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return (String(text).startsWith("-") ? minus : "") + grouped + (fraction ? `.${fraction}` : "");
}

/** How many digits behind the point an amount of an asset is shown with. */
export function digitsOf(asset) {
  if (["BTC", "XBT"].includes(asset)) return 8;
  return ["ETH", "SOL", "BNB"].includes(asset) ? 6 : 2;
}

/** An amount of an asset: two digits for money, eight for bitcoin. */
export function amount(text, asset = "") {
  return exact(fixed(text, digitsOf(asset)));
}

/** An amount short where it is large: `412.8 M`, else with the digits of its asset. */
export function shortAmount(text, asset = "") {
  const magnitude = String(text ?? "").replace("-", "");
  return compare(magnitude, "1000") >= 0 ? compact(text) : amount(text, asset);
}

/** An amount for a headline: whole units from a million on. */
export function headline(text, asset = "") {
  const magnitude = String(text ?? "").replace("-", "");
  return compare(magnitude, "1000000") >= 0 ? exact(fixed(text, 0)) : amount(text, asset);
}

/** An amount with its sign, `+` included. */
export function signed(text, asset = "") {
  const shown = amount(text, asset);
  return sign(text) === 1 ? `+${shown}` : shown;
}

/** A price: more digits where it is small; a difference of prices has those of `reference`. */
export function price(text, reference = text) {
  const magnitude = String(reference ?? "").replace("-", "");
  if (compare(magnitude, "1000000000") >= 0) return compact(text);
  if (compare(magnitude, "1000") >= 0) return exact(fixed(text, 2));
  return exact(fixed(text, compare(magnitude, "1") >= 0 ? 4 : 8));
}

/** A rate as per cent, cut: 0.99999 is 99.9 %, never 100 %. From 1,000 % on without fractions. */
export function ratio(text, digits = 1) {
  const value = multiply(text, "100");
  if (value === null) return none;
  return `${exact(fixed(value, compare(value, "1000") >= 0 ? 0 : digits, "down"))}${thin}%`;
}

/** A change as per cent with its sign. */
export function change(text, digits = 1) {
  const value = multiply(text, "100");
  if (value === null) return none;
  const shown = `${exact(fixed(value, digits))}${thin}%`;
  return sign(text) === 1 ? `+${shown}` : shown;
}

/** A distance as per cent with its sign; beyond ten times it is only said to be far. */
export function far(text) {
  if (compare(String(text ?? "").replace("-", ""), "10") > 0) return `> ${sign(text) === 1 ? "+" : minus}1,000${thin}%`;
  return change(text, 1);
}

/** Short, for axes and bars: `412.8 M`. */
export function compact(text) {
  if (!parse(text)) return none;
  const magnitude = String(text).replace("-", "");
  for (const [limit, letter, zeros] of units) {
    if (compare(magnitude, limit) < 0) continue;
    const scaled = multiply(text, `0.${"0".repeat(zeros - 1)}1`);
    return `${exact(fixed(scaled, 1)).replace(/\.0$/, "")}${thin}${letter}`;
  }
  return exact(fixed(text, 2)).replace(/\.00$/, "");
}

/** Characters that are not seen or that turn others around. */
const unseen = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** A name from outside: what cannot be seen in it is written out, so that no name looks like another. */
export function name(text) {
  return String(text).replace(unseen, (character) => `\u2039${character.codePointAt(0).toString(16).padStart(4, "0")}\u203a`);
}

/** A count. */
export function count(number) {
  return number === null || number === undefined ? none : exact(String(number));
}

/** Bytes in binary units. */
export function bytes(number) {
  let [value, index] = [number ?? 0, 0];
  while (value >= 1024 && index < 4) [value, index] = [value / 1024, index + 1];
  return `${value.toFixed(index === 0 ? 0 : 1)}${thin}${["B", "KiB", "MiB", "GiB", "TiB"][index]}`;
}

/** How long ago or how long: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`, `4 d`. */
export function age(milliseconds) {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)}${thin}s`;
  if (seconds < 90) return `${Math.round(seconds)}${thin}s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 90) return `${minutes}${thin}min`;
  if (minutes < 2880) return `${Math.floor(minutes / 60)}${thin}h ${minutes % 60}${thin}min`;
  return `${Math.round(minutes / 1440)}${thin}d`;
}

/** The time of day in UTC: `14:02:11`. */
export function clock(time) {
  return Number.isFinite(time) ? new Date(time).toISOString().slice(11, 19) : none;
}

/** A moment in UTC, to the millisecond. */
export function moment(time) {
  if (!Number.isFinite(time)) return none;
  return new Date(time).toISOString().replace("T", " ").replace("Z", " UTC");
}

/** A number for drawing only; `null` where there is none. */
export function forDrawing(text) {
  if (text === null || text === undefined || text === "") return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}
