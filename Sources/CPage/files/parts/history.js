// How an account came here: equity over maintenance, from the node's history and on with the stream.
import { accountRoute, explained, get } from "../core/api.js";
import { debounce, h, setText } from "../core/dom.js";
import { amount, clock } from "../core/format.js";
import { replaceParameters } from "../core/router.js";
import { historyChart } from "../charts/lines.js";
import { choice, emptyState } from "./panel.js";
import { setStamp } from "./stamp.js";

const spans = [[15, "15 min"], [60, "1 h"], [360, "6 h"], [1440, "24 h"]];
/** So many points are asked for, and the stream goes on as densely: more would not be seen. */
const most = 240;

/** The points of a span of time: of each what is drawn, and nothing else of the account. */
export class Points {
  #span;
  #points = [];

  /** Points of the last `span` milliseconds. */
  constructor(span, points = []) {
    this.#span = span;
    this.#points = points.map(drawn);
  }

  /** The points, the oldest first. */
  get list() {
    return this.#points;
  }

  /**
   * Goes on with a sample, at most one a second; returns how many points have left at the beginning.
   *
   * The last point moves with the samples until it is far enough from the one before.
   */
  add(sample) {
    const [before, last] = [this.#points.at(-2), this.#points.at(-1)];
    if (!last || sample.time - last.time < 1_000) return 0;
    if (before && last.time - before.time < this.#span / most) this.#points.pop();
    this.#points.push(drawn(sample));
    const first = this.#points.findIndex((point) => point.time >= sample.time - this.#span);
    this.#points.splice(0, first);
    return first;
  }
}

function drawn({ time, equity, maintenanceMargin }) {
  return { time, equity, maintenanceMargin };
}

/** Draws into a panel: `{append(account, at)}`. */
export function historyPart({ body, head, stamp }, name, { live, route: present, signal }) {
  const host = h("div", { class: "chart-history" });
  const readout = h("p", { class: "readout" });
  const empty = emptyState("No history yet", "The node records figures as they change.");
  body.append(readout, host, empty);
  let minutes = spans.find(([span]) => String(span) === present.parameters.get("span"))?.[0] ?? 60;
  let [points, chosen, asset] = [new Points(0), null, ""];
  const chart = historyChart(host, {
    testid: "chart-history",
    move: (index) => {
      chosen = index === points.list.length - 1 ? null : index;
      say();
    },
  });
  const say = () => {
    const point = points.list[chosen ?? points.list.length - 1];
    if (point) setText(readout, `${clock(point.time)} UTC: equity ${amount(point.equity, asset)}, maintenance ${amount(point.maintenanceMargin, asset)} ${asset}`);
  };
  const draw = () => {
    const hasPoints = points.list.length > 1;
    for (const element of [host, readout]) element.hidden = !hasPoints;
    empty.hidden = hasPoints;
    if (!hasPoints) return;
    chart.update(points.list, chosen);
    say();
  };
  const load = debounce(0, async () => {
    const now = live.now();
    const span = minutes * 60_000;
    try {
      const answer = await get(accountRoute(name, "/history"), { from: now - span, to: now, points: most }, signal);
      if (span !== minutes * 60_000) return;
      points = new Points(span, answer.items);
      chosen = null;
      setStamp(stamp, { seq: answer.items.at(-1)?.seq ?? null });
      draw();
    } catch (error) {
      const reason = explained(error);
      if (reason) {
        empty.querySelector("p:last-of-type").textContent = reason;
        draw();
      }
    }
  });
  head.querySelector(".panel-tools").append(choice("Span", spans, minutes, (value) => {
    minutes = value;
    replaceParameters({ span: minutes });
    load();
  }));
  load();
  return {
    /** Goes on with a new sample. */
    append(account, at) {
      asset = account.asset;
      const gone = points.add({ ...account, time: account.asOf });
      if (points.list.at(-1)?.time !== account.asOf) return;
      if (chosen !== null) chosen = Math.max(0, chosen - gone);
      setStamp(stamp, { seq: account.seq, at });
      draw();
    },
  };
}
