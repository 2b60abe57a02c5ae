// The time machine: the book, or an account, as it was; the liquidations, and the receipt of each.
import { explained, get, accountRoute } from "../core/api.js";
import { debounce, h } from "../core/dom.js";
import { age, moment, name as shownName } from "../core/format.js";
import { accountLink, replaceParameters, route } from "../core/router.js";
import { historyChart } from "../charts/lines.js";
import { liquidationsPart } from "../parts/liquidations.js";
import { emptyState, panel, showProblem, waiting } from "../parts/panel.js";
import { pastOf } from "../parts/past.js";
import { setStamp } from "../parts/stamp.js";
import { accountThen, bookThen } from "../parts/then.js";
import { timeControls, timeline } from "../parts/timeline.js";
import { mountReceipt } from "./receipt.js";

const liquidationsAfter = 2_000;
/** A far moment is replayed in turns: the node says so and goes on where it was when it is asked again. */
const again = 1_000;

/** The machine, or the receipt of `#/time/liquidation/NUMBER`. */
export function mount(root, context) {
  const [kind, number] = context.route.parts;
  return kind === "liquidation" ? mountReceipt(root, context, number) : mountMachine(root, context);
}

function mountMachine(root, { live, thresholds, route: present, signal }) {
  let name = present.parameters.get("account") ?? "";
  let at = pastOf(present.parameters);
  let seq = Number(present.parameters.get("seq")) || null;
  /** The ends of the journal; `null` while they are not known, `false` where the node has no past to show. */
  let ends = null;

  const controls = panel({ title: "Time machine", name: "machine", note: "the book at any moment that the journal holds" });
  const then = panel({ title: "As it was", name: "then" });
  const list = panel({ title: "Liquidations", name: "liquidations", note: "newest first" });
  root.append(h("div", { class: "grid machine" }, controls.root, then.root, list.root));

  const account = h("input", { type: "search", "aria-label": "Account; empty for the whole book", placeholder: "Account; empty: the book", "data-testid": "time-account", list: "time-accounts" });
  const offered = h("datalist", { id: "time-accounts" });
  account.value = name;
  const controlled = timeControls((place) => go(place));
  const said = h("p", { class: "readout", "data-testid": "time-readout", role: "status" });
  const chartHost = h("div", { class: "chart-history" });
  controls.body.append(h("div", { class: "filters" }, account, offered, ...controlled.row), controlled.slider, said, chartHost);
  const parts = { account: accountThen(thresholds), book: bookThen(thresholds) };
  const problem = h("div", { "data-testid": "time-problem" });
  then.body.append(parts.account.root, parts.book.root, problem);
  for (const part of Object.values(parts)) part.root.hidden = true;
  problem.append(waiting());
  const liquidations = liquidationsPart(list, { account: () => name, signal });
  const past = historyPart(chartHost, (time) => go({ at: time }));
  past.clear();

  const isPast = () => at !== null || seq !== null;
  const place = () => (seq !== null ? { seq } : { at });
  const show = (shown) => {
    for (const [kind, part] of Object.entries(parts)) part.root.hidden = kind !== shown;
    problem.hidden = shown !== null;
  };
  const drawControls = (time) => {
    const now = live.now();
    const from = ends ? ends.first?.at ?? now : now;
    controlled.draw(time ?? at ?? now, { from, to: now, seq: ends ? ends.first?.seq : null, isKnown: Boolean(ends?.first) }, seq);
  };
  const say = (value) => {
    const base = Math.max(0, live.now() - value.asOf);
    if (ends === false) controlled.slider.replaceChildren(h("p", { class: "faint" }, "This node does not answer questions about the past: this is now."));
    for (const part of [then, controls]) setStamp(part.stamp, { seq: value.seq, base, isPast: isPast() });
    said.replaceChildren(h("b", {}, name === "" ? "The book" : shownName(name)), ` at ${moment(value.asOf)}, after event ${value.seq.toLocaleString("en-US")}, `,
      isPast() ? `${age(base)} ago` : "now", ". ", h("a", { href: name === "" ? route("bridge") : accountLink(name) }, "As it is now"));
  };
  let asked = new AbortController();
  const load = debounce(60, async () => {
    asked.abort();
    asked = new AbortController();
    const both = AbortSignal.any([signal, asked.signal]);
    if (ends === false && isPast()) {
      show(null);
      problem.replaceChildren(emptyState("Not here", "This node does not answer questions about the past."));
      return;
    }
    try {
      if (name === "") {
        const [book, markets] = await Promise.all([get("v1/book", place(), both), get("v1/markets", place(), both)]);
        show("book");
        parts.book.draw(book, markets, { seq: book.seq, base: Math.max(0, live.now() - book.asOf), isPast: isPast() });
        say(book);
        drawControls(isPast() ? book.asOf : null);
      } else {
        const value = await get(accountRoute(name), place(), both);
        show("account");
        parts.account.draw(value);
        say(value);
        past.stand(isPast() ? value.asOf : null);
        drawControls(isPast() ? value.asOf : null);
      }
    } catch (error) {
      fail(error);
    }
  });
  const fail = (error) => {
    const reason = explained(error);
    if (!reason) return;
    show(null);
    if (["replaying", "busy"].includes(error.code)) {
      problem.replaceChildren(emptyState("The node is replaying its journal", `${reason} It is asked again by itself.`));
      setTimeout(() => !signal.aborted && load(), again);
    } else {
      showProblem(problem, reason, load);
    }
  };
  function go(next) {
    at = next?.at ?? null;
    seq = next?.seq ?? null;
    if (at !== null && at >= live.now()) at = null;
    if (at !== null && ends && ends.first) at = Math.max(at, ends.first.at);
    keep();
    drawControls();
    load();
  }
  const keep = debounce(200, () => replaceParameters({ at, seq, account: name }));
  signal.addEventListener("abort", () => keep.cancel());
  const loadHistory = async () => {
    past.clear();
    if (name === "") return;
    const answer = await get(accountRoute(name, "/history"), { from: ends ? ends.first?.at : null, to: live.now(), points: 400 }, signal).catch(() => null);
    past.draw(answer?.items ?? [], at);
  };
  account.addEventListener("input", debounce(150, async () => {
    const answer = await get("v1/accounts", { search: account.value.trim(), limit: 8 }, signal).catch(() => null);
    offered.replaceChildren(...(answer?.items ?? []).map((item) => h("option", { value: item.account })));
  }));
  account.addEventListener("change", () => {
    name = account.value.trim();
    replaceParameters({ account: name });
    load();
    loadHistory();
    liquidations.load();
  });
  const begin = async () => {
    try {
      ends = (await timeline(signal)) ?? false;
    } catch (error) {
      fail(error);
    }
    drawControls();
    load();
    loadHistory();
    liquidations.load();
  };
  begin();
  let listedAt = performance.now();
  return {
    title: "Time machine",
    update(changed) {
      if (!changed.has("effects") || performance.now() - listedAt < liquidationsAfter) return;
      listedAt = performance.now();
      if (live.effects[0]?.effects?.some((effect) => effect.liquidation !== undefined)) liquidations.load();
    },
    curl: () => [name === "" ? ["v1/book", place()] : [accountRoute(name), place()], ["v1/liquidations", { account: name }]],
  };
}

/** The history of an account with a line at the moment that is shown: `{draw(points, at), stand(at), clear()}`. */
function historyPart(host, go) {
  let points = [];
  const chart = historyChart(host, { testid: "chart-time", move: (index) => go(points[index].time) });
  const stand = (at) => {
    host.hidden = points.length < 2;
    if (points.length < 2) return;
    let nearest = points.length - 1;
    if (at !== null) {
      points.forEach((point, index) => {
        if (Math.abs(point.time - at) < Math.abs(points[nearest].time - at)) nearest = index;
      });
    }
    chart.update(points, nearest);
  };
  return {
    draw(next, at) {
      points = next;
      stand(at);
    },
    stand,
    clear() {
      points = [];
      host.hidden = true;
    },
  };
}
