// The gauge: a ship's side with its load line. The water is the ratio; where it reaches the mark, the
// pool is liquidated.
import { forDrawing, ratio as percent } from "../core/format.js";
import { s } from "../core/dom.js";
import { bandOf, shapePath } from "../parts/band.js";
import { Frame, label, line, linear, round } from "./frame.js";

const highest = 1.2;

/** A gauge: `{update({ratio, state}, thresholds)}`; `ratio` is a decimal text or `null`. */
export function gaugeChart(host) {
  const frame = new Frame(host, { title: "Ratio", testid: "chart-gauge", draw });
  return {
    update: (account, thresholds) => frame.update(
      { account, thresholds }, `Ratio ${percent(account.ratio, 2)}, band ${account.state}`,
    ),
  };
}

function draw(svg, { width, height, rem }, { account, thresholds }) {
  const [left, right] = [2.6 * rem, width - 6.9 * rem];
  const [top, bottom] = [0.8 * rem, height - 0.8 * rem];
  // While the page is laid out anew there may be no room at all.
  if (right <= left || bottom <= top) return;
  const y = linear([0, highest], [bottom, top]);
  const value = account.ratio === null ? null : forDrawing(account.ratio);
  const shown = value === null ? null : Math.min(Math.max(value, 0), highest);

  const side = hull(left, right, top, bottom, Math.min(1.4 * rem, (right - left) / 2));
  const clip = s("clipPath", { id: "hull" }, s("path", { d: side }));
  svg.append(clip, s("path", { class: "hull", d: side }));
  if (shown !== null && shown > 0) {
    svg.append(water(left, right, y(shown), bottom, rem, bandOf(value, thresholds), account.ratio));
  }
  for (let tick = 0; tick <= 12; tick += 1) {
    const place = y(tick / 10);
    const isLong = tick % 2 === 0;
    svg.append(line(left - (isLong ? 0.5 : 0.3) * rem, place, left, place, "axis"));
    if (isLong) svg.append(label(left - 0.8 * rem, place + 0.3 * rem, String(tick * 10), "tick", "end"));
  }
  const marks = [["watch", thresholds.watch], ["call", thresholds.call], ["liquidation", 1]];
  for (const [band, at] of marks) {
    const place = y(at);
    svg.append(
      line(left, place, right + 0.4 * rem, place, `border band-${band}`),
      s("path", {
        d: shapePath(band), class: `mark band-${band}`,
        transform: `translate(${round(right + 0.8 * rem)} ${round(place - 0.45 * rem)}) scale(${round(rem / 17)})`,
      }),
      label(right + 2.1 * rem, place + 0.32 * rem,
        `${band === "liquidation" ? "line" : band} ${Math.round(at * 100)} %`, `zone-name band-${band}`, "start"),
    );
  }
  svg.append(disc((left + right) / 2, y(1), Math.min(1.5 * rem, (right - left) / 4)));
}

/** The side of the ship: upright above, rounded below. */
function hull(left, right, top, bottom, r) {
  return `M${left} ${top}V${bottom - r}Q${left} ${bottom} ${left + r} ${bottom}H${right - r}`
    + `Q${right} ${bottom} ${right} ${bottom - r}V${top}`;
}

/** Water up to `surface`, with a swell that is never higher than it is deep. */
function water(left, right, surface, bottom, rem, band, exact) {
  const swell = Math.min(0.16 * rem, (bottom - surface) / 3);
  const waves = Math.max(2, 2 * Math.round((right - left) / (5 * rem)));
  const step = (right - left) / waves;
  let top = `M${left} ${surface}`;
  for (let wave = 0; wave < waves; wave += 1) {
    top += `q${round(step / 2)} ${round(wave % 2 === 0 ? -2 * swell : 2 * swell)} ${round(step)} 0`;
  }
  return s("path", {
    class: `water band-${band}`, "data-value": exact, "clip-path": "url(#hull)", d: `${top}V${bottom}H${left}Z`,
  });
}

/** The mark itself. */
function disc(x, y, radius) {
  return s("g", { class: "plimsoll" },
    s("circle", { cx: round(x), cy: round(y), r: round(radius) }),
    line(x - radius * 1.7, y, x + radius * 1.7, y, "plimsoll-line"));
}

/** A level bar for small places, with the line drawn in it: `{root, update(ratio, thresholds)}`. */
export function ratioBar() {
  const level = s("rect", { height: "100%" });
  const mark = s("line", {
    class: "rail-line", y1: "0", y2: "100%", x1: `${round(100 / highest)}%`, x2: `${round(100 / highest)}%`,
  });
  const root = s("svg", { class: "ratio-bar", "aria-hidden": "true" },
    s("rect", { class: "rail", width: "100%", height: "100%" }), level, mark);
  return {
    root,
    update(text, thresholds) {
      const value = text === null ? highest : forDrawing(text) ?? 0;
      level.setAttribute("class", `level band-${bandOf(value, thresholds)}`);
      level.setAttribute("width", `${round((Math.min(Math.max(value, 0), highest) / highest) * 100)}%`);
      root.dataset.value = text ?? "";
    },
  };
}
