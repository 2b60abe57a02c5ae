// The time machine: an account as it was, the liquidations, and the receipt of each.
import { explained, get, accountRoute } from "../core/api.js";
import { debounce, h } from "../core/dom.js";
import { age, moment } from "../core/format.js";
import { accountLink, replaceParameters } from "../core/router.js";
import { historyChart } from "../charts/lines.js";
import { gaugePart, numbersPart, poolsPart } from "../parts/figures.js";
import { liquidationsPart } from "../parts/liquidations.js";
import { emptyState, panel, showProblem } from "../parts/panel.js";
import { positionsPart } from "../parts/positions.js";
import { setStamp } from "../parts/stamp.js";
import { mountReceipt } from "./receipt.js";

const steps = [["−1 h", -3_600_000], ["−1 min", -60_000], ["−1 s", -1_000], ["+1 s", 1_000], ["+1 min", 60_000], ["+1 h", 3_600_000]];

/** The machine, or the receipt of `#/time/liquidation/NUMBER`. */
export function mount(root, context) {
  const [kind, number] = context.route.parts;
  return kind === "liquidation" ? mountReceipt(root, context, number) : mountMachine(root, context);
}

function mountMachine(root, { live, thresholds, route: present, signal }) {
  let name = present.parameters.get("account") ?? "";
  let at = Number(present.parameters.get("at")) || null;
  let first = null;

  const controls = panel({ title: "Time machine", name: "machine", note: "the book at any moment that the journal holds" });
  const then = panel({ title: "As it was", name: "then" });
  const positions = panel({ title: "Positions then", name: "positions" });
  const list = panel({ title: "Liquidations", name: "liquidations", note: "newest first" });
  const grid = h("div", { class: "grid machine" }, controls.root, then.root, positions.root, list.root);
  root.append(grid);

  const account = h("input", { type: "search", "aria-label": "Account", placeholder: "Account", "data-testid": "time-account", list: "time-accounts" });
  const offered = h("datalist", { id: "time-accounts" });
  account.value = name;
  const input = h("input", { type: "text", class: "moment-input", "aria-label": "Moment, UTC", spellcheck: "false", autocomplete: "off", "data-testid": "time-input" });
  const slider = h("input", { type: "range", min: 0, max: 1000, step: 1, "aria-label": "Moment between the first and now", "data-testid": "time-slider" });
  const said = h("p", { class: "readout", "data-testid": "time-readout", role: "status" });
  const chartHost = h("div", { class: "chart-history" });
  controls.body.append(
    h("div", { class: "filters" }, account, offered, h("label", { class: "moment" }, "UTC ", input),
      h("div", { class: "choice", role: "group", "aria-label": "Step" }, ...steps.map(([text, by]) => (
        h("button", { type: "button", click: () => go((at ?? live.now()) + by) }, text)))),
      h("button", { type: "button", class: "tool", click: () => go(null) }, "Now")),
    slider, said, chartHost);
  const [hull, numbers, pools, rows] = [gaugePart(null), numbersPart(null), poolsPart(null), positionsPart(null)];
  const figures = h("div", { class: "then" }, hull.root, h("div", {}, numbers.root, pools.root));
  const problem = h("div");
  then.body.append(figures, problem);
  positions.body.append(rows.root);
  const liquidations = liquidationsPart(list, { account: () => name, signal });

  let points = [];
  const chart = historyChart(chartHost, { testid: "chart-time", move: (index) => go(points[index].time) });

  const load = debounce(60, async () => {
    chartHost.hidden = points.length < 2;
    if (name === "") {
      figures.hidden = true;
      positions.root.hidden = true;
      problem.replaceChildren(emptyState("Which account?", "Name one above, or open the receipt of a liquidation below."));
      return;
    }
    try {
      const value = await get(accountRoute(name), { at }, signal);
      figures.hidden = false;
      positions.root.hidden = false;
      problem.replaceChildren();
      for (const part of [numbers, pools, rows]) part.draw(value);
      hull.draw(value, thresholds());
      for (const part of [then, positions, controls]) {
        setStamp(part.stamp, { seq: value.seq, base: Math.max(0, live.now() - value.asOf), isPast: at !== null });
      }
      said.replaceChildren(h("b", {}, name), ` at ${moment(value.asOf)}, `,
        at === null ? "now" : `${age(live.now() - value.asOf)} ago`, ". ", h("a", { href: accountLink(name) }, "As it is now"));
    } catch (error) {
      const reason = explained(error);
      if (!reason) return;
      figures.hidden = true;
      positions.root.hidden = true;
      showProblem(problem, reason, load);
    }
  });
  const loadHistory = async () => {
    points = [];
    if (name !== "" && first !== null) {
      const answer = await get(accountRoute(name, "/history"), { from: first, to: live.now(), points: 400 }, signal).catch(() => null);
      points = answer?.items ?? [];
    }
    chartHost.hidden = points.length < 2;
    drawChart();
  };
  const drawChart = () => {
    if (points.length < 2) return;
    let nearest = points.length - 1;
    if (at !== null) {
      points.forEach((point, index) => {
        if (Math.abs(point.time - at) < Math.abs(points[nearest].time - at)) nearest = index;
      });
    }
    chart.update(points, nearest);
  };
  const drawControls = () => {
    const shown = at ?? live.now();
    input.value = moment(shown).replace(" UTC", "");
    input.removeAttribute("aria-invalid");
    const from = first ?? shown - 3_600_000;
    slider.value = String(Math.round(((shown - from) / Math.max(1, live.now() - from)) * 1000));
    slider.setAttribute("aria-valuetext", moment(shown));
  };
  function go(time) {
    const now = live.now();
    at = time === null || time >= now ? null : Math.round(time);
    replaceParameters({ at, account: name });
    drawControls();
    drawChart();
    load();
  }
  slider.addEventListener("input", () => {
    const from = first ?? live.now() - 3_600_000;
    const part = Number(slider.value) / 1000;
    go(part >= 1 ? null : from + part * (live.now() - from));
  });
  input.addEventListener("change", () => {
    const time = Date.parse(`${input.value.trim().replace(" ", "T").replace(/Z$/, "")}Z`);
    if (Number.isFinite(time)) {
      go(time);
    } else {
      input.setAttribute("aria-invalid", "true");
      said.replaceChildren("A moment is written as 2026-01-31 14:02:11, in UTC.");
    }
  });
  account.addEventListener("input", debounce(150, async () => {
    const text = account.value.trim();
    const answer = await get("v1/accounts", { search: text, limit: 8 }, signal).catch(() => null);
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
    const status = live.value("status") ?? await get("v1/status", {}, signal).catch(() => null);
    first = status?.startedAt ?? null;
    drawControls();
    load();
    loadHistory();
    liquidations.load();
  };
  begin();
  return {
    title: "Time machine",
    update() {},
    curl: () => [name === "" ? ["v1/liquidations"] : [accountRoute(name), { at }]],
  };
}
