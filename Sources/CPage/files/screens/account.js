// One account: how far from its line, why, what if, and how it came here.
import { accountRoute, explained, get } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { modeWords } from "../core/words.js";
import { replaceParameters, route } from "../core/router.js";
import { entries } from "../core/live.js";
import { name as shownName } from "../core/format.js";
import { eventFeed } from "../parts/events.js";
import { collateralPart, gaugePart, numbersPart, poolsPart } from "../parts/figures.js";
import { historyPart } from "../parts/history.js";
import { emptyState, panel, showProblem } from "../parts/panel.js";
import { positionsPart } from "../parts/positions.js";
import { setStamp } from "../parts/stamp.js";
import { tiersPart } from "../parts/tiers.js";
import { WhatIf } from "../parts/whatif.js";
import { openWhy } from "../parts/why.js";
import { mountList } from "./accounts.js";

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
