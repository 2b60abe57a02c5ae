// One account: how far from its line, why, what if, and how it came here.
import { accountRoute, explained, get } from "../core/api.js";
import { debounce, h, setText } from "../core/dom.js";
import { modeWords } from "../core/words.js";
import { replaceParameters, route } from "../core/router.js";
import { entries } from "../core/live.js";
import { historyChart } from "../charts/lines.js";
import { amount, clock, name as shownName } from "../core/format.js";
import { eventFeed } from "../parts/events.js";
import { collateralPart, gaugePart, numbersPart, poolsPart } from "../parts/figures.js";
import { choice, emptyState, panel, showProblem } from "../parts/panel.js";
import { positionsPart } from "../parts/positions.js";
import { setStamp } from "../parts/stamp.js";
import { tiersPart } from "../parts/tiers.js";
import { WhatIf } from "../parts/whatif.js";
import { openWhy } from "../parts/why.js";
import { mountList } from "./accounts.js";

const spans = [[15, "15 min"], [60, "1 h"], [360, "6 h"], [1440, "24 h"]];

/** An account, or the list of all where none is named. */
export function mount(root, context) {
  const name = context.route.parts[0];
  return name === undefined ? mountList(root, context) : mountAccount(root, context, name);
}

function mountAccount(root, context, name) {
  const { live, thresholds, rules, route: present, signal } = context;
  const topic = `account:${name}`;
  const ask = (figure) => openWhy(name, figure, signal);
  const head = headPart(name);
  const gauge = panel({ title: "Load line", name: "gauge" });
  const figures = panel({ title: "Figures", name: "figures", note: "a number opens into its arithmetic" });
  const positions = panel({ title: "Positions", name: "positions", note: "nearest to liquidation first" });
  const tiers = panel({ title: "Tiers and funding", name: "tiers", note: "where the next bracket begins" });
  const whatIf = panel({ title: "What if", name: "whatif", note: "computed by the node" });
  const history = panel({ title: "History", name: "history" });
  const events = panel({ title: "Events", name: "events" });
  const grid = h("div", { class: "grid account-grid" }, head.root, gauge.root, figures.root, positions.root,
    whatIf.root, tiers.root, history.root, events.root);
  root.append(grid);

  const [hull, numbers, pools, collateral, rows] = [gaugePart(ask), numbersPart(ask), poolsPart(ask), collateralPart(), positionsPart(ask)];
  gauge.body.append(hull.root);
  figures.body.append(numbers.root, pools.root, collateral.root);
  positions.body.append(rows.root);
  const brackets = tiersPart(ask);
  tiers.body.append(brackets.root);
  const supposed = new WhatIf(name, { parameters: present.parameters, signal, stamp: whatIf.stamp });
  whatIf.body.append(supposed.root);
  const past = historyPart(history, name, context);
  const feed = eventFeed({ shown: 40, filter: present.parameters.get("events") ?? "all", keep: (events) => replaceParameters({ events }), quiet: "Nothing has happened to this account since the node keeps effects." });
  events.body.append(feed.root);
  events.head.querySelector(".panel-tools").append(feed.tools);

  grid.classList.add("is-waiting");
  let known = [];
  let account = null;
  const draw = (value, at) => {
    account = value;
    grid.classList.remove("is-waiting");
    const stamp = { seq: value.seq, at };
    for (const part of [gauge, figures, positions, tiers]) setStamp(part.stamp, stamp);
    head.draw(value);
    for (const part of [numbers, pools, collateral, rows]) part.draw(value);
    supposed.draw(value, live.value("markets"));
    hull.draw(value, thresholds());
    brackets.draw(value, rules(), live.value("markets"));
    past.append(value, at);
  };
  const drawEvents = () => {
    const fresh = live.effects.filter((entry) => entry.effects?.some((effect) => effect.account === name))
      .map((entry) => ({ ...entry, effects: entry.effects.filter((effect) => effect.account === name) }));
    const seen = new Set(fresh.map((entry) => entry.seq));
    feed.draw([...fresh, ...known.filter((entry) => !seen.has(entry.seq))]);
    setStamp(events.stamp, { seq: account?.seq ?? null, at: live.at(topic) ?? performance.now() });
  };
  const load = async () => {
    try {
      draw(await get(accountRoute(name), {}, signal), performance.now());
      live.follow(name);
      const why = present.parameters.get("why");
      if (why) ask(why);
      known = entries((await get(accountRoute(name, "/events"), { limit: 100 }, signal)).items);
      drawEvents();
    } catch (error) {
      const reason = explained(error);
      if (!reason) return;
      if (error.status === 404) {
        root.replaceChildren(emptyState("There is no account of this name", shownName(name),
          h("a", { href: route("account") }, "All accounts")));
      } else {
        showProblem(root, reason, () => {
          root.replaceChildren(grid);
          load();
        });
      }
    }
  };
  load();
  return {
    title: shownName(name),
    update(changed) {
      if (account === null) return;
      const value = live.value(topic);
      if (changed.has("account") && value && value.seq >= account.seq) draw(value, live.at(topic));
      if (changed.has("rules")) {
        hull.draw(account, thresholds());
        brackets.draw(account, rules(), live.value("markets"));
      }
      if (changed.has("effects")) drawEvents();
    },
    cli: () => [["account", name], ["positions", name]],
    curl: () => [[accountRoute(name)], [accountRoute(name, "/explain")],
      [accountRoute(name, "/whatif"), {}, supposed.body()]],
  };
}

/** The name, how it may trade, and ways to other screens. */
function headPart(name) {
  const mode = h("span", { class: "mode" });
  const root = h("header", { class: "screen-head" },
    h("h1", { title: shownName(name) }, h("bdi", {}, shownName(name))), mode,
    h("nav", { "aria-label": "About this account" },
      h("a", { href: route("account") }, "All accounts"),
      h("a", { href: route("time", [], { account: name }) }, "As it was")));
  return {
    root,
    draw(account) {
      const worst = account.pools.find((pool) => pool.mode === "liquidating") ?? account.pools.find((pool) => pool.mode !== "normal");
      setText(mode, worst ? `${worst.pool}: ${modeWords[worst.mode] ?? worst.mode}` : "");
    },
  };
}

function historyPart({ body, head, stamp }, name, { live, route: present, signal }) {
  const host = h("div", { class: "chart-history" });
  const readout = h("p", { class: "readout" });
  const empty = emptyState("No history yet", "The node records figures as they change.");
  body.append(readout, host, empty);
  let [points, chosen] = [[], null];
  let minutes = spans.find(([span]) => String(span) === present.parameters.get("span"))?.[0] ?? 60;
  const chart = historyChart(host, {
    testid: "chart-history",
    move: (index) => {
      chosen = index === points.length - 1 ? null : index;
      say();
    },
  });
  const say = () => {
    const point = points[chosen ?? points.length - 1];
    if (point) setText(readout, `${clock(point.time)} UTC: equity ${amount(point.equity)}, maintenance ${amount(point.maintenanceMargin)}`);
  };
  const draw = () => {
    const hasPoints = points.length > 1;
    for (const element of [host, readout]) element.hidden = !hasPoints;
    empty.hidden = hasPoints;
    if (!hasPoints) return;
    chart.update(points, chosen);
    say();
  };
  const load = debounce(0, async () => {
    const now = live.now();
    try {
      const answer = await get(accountRoute(name, "/history"), { from: now - minutes * 60_000, to: now, points: 240 }, signal);
      points = answer.items;
      chosen = null;
      setStamp(stamp, { seq: points.at(-1)?.seq ?? null });
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
    /** Goes on with a new sample, at most one a second. */
    append(account, at) {
      const last = points.at(-1);
      if (!last || account.asOf - last.time < 1000) return;
      const from = account.asOf - minutes * 60_000;
      const before = points.length;
      points = [...points.filter((point) => point.time >= from), { ...account, time: account.asOf }];
      if (chosen !== null) chosen = Math.max(0, chosen - (before + 1 - points.length));
      setStamp(stamp, { seq: account.seq, at });
      draw();
    },
  };
}
