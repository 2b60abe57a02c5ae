// Exact arithmetic on decimal texts, as the API writes them: "-61234.5".
// A value is kept as an integer of `scale` digits behind the point; nothing is ever rounded
// but where a function says so.

/** Reads a decimal text; `null` if it is none. */
export function parse(text) {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(String(text ?? ""));
  if (!match) return null;
  const [, sign, whole, fraction = ""] = match;
  const units = BigInt(whole + fraction);
  return { units: sign === "-" ? -units : units, scale: fraction.length };
}

/** Writes units of a scale without superfluous digits. */
export function write({ units, scale }) {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  const fraction = scale > 0 ? digits.slice(-scale).replace(/0+$/, "") : "";
  return (units < 0n ? "-" : "") + whole + (fraction === "" ? "" : `.${fraction}`);
}

function aligned(left, right) {
  const [a, b] = [parse(left), parse(right)];
  if (!a || !b) return null;
  const scale = Math.max(a.scale, b.scale);
  const units = (value) => value.units * 10n ** BigInt(scale - value.scale);
  return { a: units(a), b: units(b), scale };
}

/** left + right; `null` if one of them is no decimal. */
export function add(left, right) {
  const pair = aligned(left, right);
  return pair && write({ units: pair.a + pair.b, scale: pair.scale });
}

/** left − right; `null` if one of them is no decimal. */
export function subtract(left, right) {
  const pair = aligned(left, right);
  return pair && write({ units: pair.a - pair.b, scale: pair.scale });
}

/** left × right; `null` if one of them is no decimal. */
export function multiply(left, right) {
  const [a, b] = [parse(left), parse(right)];
  return a && b && write({ units: a.units * b.units, scale: a.scale + b.scale });
}

/** left ÷ right, cut after `digits`; `null` if there is no quotient. */
export function divide(left, right, digits = 12) {
  const pair = aligned(left, right);
  if (!pair || pair.b === 0n) return null;
  return write({ units: (pair.a * 10n ** BigInt(digits)) / pair.b, scale: digits });
}

/** Below, at or above: −1, 0, 1; `null` if one of them is no decimal. */
export function compare(left, right) {
  const pair = aligned(left, right);
  if (!pair) return null;
  return pair.a < pair.b ? -1 : pair.a > pair.b ? 1 : 0;
}

/** −1, 0 or 1; `null` if it is no decimal. */
export function sign(text) {
  return compare(text, "0");
}

/**
 * A decimal with exactly `digits` behind the point, as text.
 *
 * `half`: the nearest, halves away from zero. `down`: cut, for ratios, which must never seem to have
 * reached a line that they have not reached.
 */
export function fixed(text, digits, rounding = "half") {
  const value = parse(text);
  if (!value) return null;
  let { units } = value;
  const surplus = value.scale - digits;
  if (surplus > 0) {
    const divisor = 10n ** BigInt(surplus);
    const half = rounding === "half" ? divisor / 2n : 0n;
    units = (units < 0n ? units - half : units + half) / divisor;
  } else {
    units *= 10n ** BigInt(-surplus);
  }
  const shown = (units < 0n ? -units : units).toString().padStart(digits + 1, "0");
  const whole = digits > 0 ? shown.slice(0, -digits) : shown;
  return (units < 0n ? "-" : "") + whole + (digits > 0 ? `.${shown.slice(-digits)}` : "");
}
