// The queue of deleveraging: who is closed first if nobody takes a bankrupt position, and by which number.
import { explained, get } from "../core/api.js";
import { h, s, setText } from "../core/dom.js";
import { amount, count, exact, price, signed } from "../core/format.js";
import { divide, fixed } from "../core/decimal.js";
import { replaceParameters, route } from "../core/router.js";
import { markets } from "../parts/markets.js";
import { pastLine, pastOf } from "../parts/past.js";
import { choice, emptyState, panel, showNumber, showProblem, waiting } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { fillAccount, table } from "../parts/table.js";

const refreshAfter = 2_500;
const sizes = [100, 1000];

/** The queue: `{title, update(changed), curl()}`. */
export function mount(root, { live, route: present, signal }) {
  const at = pastOf(present.parameters);
  const asked = {
    at,
    symbol: present.parts[0] ?? null,
    side: present.parts[1] === "short" ? "short" : "long",
    limit: present.parameters.get("limit") === String(sizes[1]) ? sizes[1] : sizes[0],
  };
  const part = panel({ title: "ADL queue", name: "adl", note: "who is deleveraged first" });
  const find = h("input", { type: "search", "aria-label": "Find an account in the queue", placeholder: "Find an account", "data-testid": "adl-find" });
  find.value = present.parameters.get("find") ?? "";
  const picker = h("div", { class: "filters" });
  const formula = h("p", { class: "readout", "data-testid": "adl-formula" });
  const found = h("p", { class: "verdict is-calm", role: "status" });
  /** The asset in which the market is settled, and so the profit of its positions. */
  let settle = "";
  const rows = queueTable(() => queue, () => settle);
  const empty = h("div");
  const more = h("button", { type: "button", click: () => {
    asked.limit = sizes[1];
    replaceParameters({ limit: asked.limit });
    load();
  } }, `Show up to ${count(sizes[1])}`);
  part.body.append(picker, pastLine(at, () => dispatchEvent(new HashChangeEvent("hashchange"))), formula, found, rows.root, empty, h("div", { class: "actions" }, more));
  root.append(h("div", { class: "grid one" }, part.root));
  rows.root.hidden = true;
  more.hidden = true;
  empty.append(waiting());

  let queue = null;
  const draw = () => {
    const wanted = find.value.trim().toLowerCase();
    const items = wanted === "" ? queue.items : queue.items.filter((item) => item.account.toLowerCase().includes(wanted));
    setText(formula, `Score = ${queue.formula}. The highest is first when a ${other(queue.side)} of ${queue.symbol} is bankrupt.`);
    setText(found, saying(wanted, items, queue));
    rows.draw(items);
    rows.root.hidden = items.length === 0;
    empty.replaceChildren(queue.items.length === 0
      ? emptyState("Nobody is in this queue", `No ${queue.side} of ${queue.symbol} is in profit.`,
        h("a", { href: route("adl", [queue.symbol, other(queue.side)]) }, `The ${other(queue.side)}s of ${queue.symbol}`)) : "");
    more.hidden = queue.items.length < asked.limit || asked.limit === sizes[1];
    setStamp(part.stamp, { seq: queue.seq, base: at === null ? 0 : Math.max(0, live.now() - queue.asOf), isPast: at !== null });
  };
  const load = async () => {
    try {
      queue = await get("v1/adl", asked, signal);
      draw();
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(empty, reason, load);
    }
  };
  const begin = async () => {
    try {
      const { items } = await markets(live, signal);
      const symbols = items.map((item) => item.symbol);
      asked.symbol ??= symbols[0];
      settle = items.find((item) => item.symbol === asked.symbol)?.settle ?? "";
      if (asked.symbol === undefined) {
        root.replaceChildren(emptyState("No markets", "The venue has defined none yet."));
        return;
      }
      const go = (symbol, side) => {
        location.hash = route("adl", [symbol, side], { find: find.value.trim(), at });
      };
      picker.append(
        choice("Market", symbols.map((symbol) => [symbol, symbol]), asked.symbol, (symbol) => go(symbol, asked.side)),
        choice("Side", [["long", "long"], ["short", "short"]], asked.side, (side) => go(asked.symbol, side)),
        find,
      );
      await load();
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(root, reason, null);
    }
  };
  find.addEventListener("input", () => {
    replaceParameters({ find: find.value.trim() });
    if (queue) draw();
  });
  begin();
  let loadedAt = performance.now();
  return {
    title: "ADL queue",
    update(changed) {
      if (at !== null || !changed.has("book") || queue === null || performance.now() - loadedAt < refreshAfter) return;
      loadedAt = performance.now();
      load();
    },
    curl: () => [["v1/adl", asked]],
  };
}

function other(side) {
  return side === "long" ? "short" : "long";
}

function saying(wanted, items, queue) {
  if (wanted === "") return "";
  if (items.length === 0) return `Not among the first ${count(queue.items.length)}.`;
  const [first] = items;
  return items.length === 1
    ? `${first.account} is number ${count(first.rank)}, because ${first.factors.map((factor) => `${factor.name} is ${exact(fixed(factor.value, 4))}`).join(" and ")}.`
    : `${count(items.length)} of the first ${count(queue.items.length)} have this in their name.`;
}

function queueTable(queue, settle) {
  return table({
    caption: "Queue of deleveraging",
    testid: "adl",
    key: (item) => item.account,
    columns: [
      { label: "Rank", kind: "rank", fill: (cell, item) => setText(cell, count(item.rank)) },
      { label: "Account", kind: "name", fill: (cell, item) => fillAccount(cell, item.account) },
      { label: "Score", kind: "number", fill: (cell, item) => showNumber(cell, item.score, (text) => exact(fixed(text, 6))) },
      {
        label: "",
        kind: "bar",
        fill: (cell, item) => {
          if (!cell.level) {
            cell.level = s("rect", { class: "share", height: "100%" });
            cell.append(s("svg", { class: "ratio-bar", "aria-hidden": "true" }, s("rect", { class: "rail", width: "100%", height: "100%" }), cell.level));
          }
          const part = Number(divide(item.score, queue().items[0].score) ?? 0);
          cell.level.setAttribute("width", `${(Math.min(Math.max(part, 0), 1) * 100).toFixed(1)}%`);
        },
      },
      {
        label: "Because",
        kind: "because",
        fill: (cell, item) => {
          setText(cell, item.factors.map((factor) => `${factor.name} ${exact(fixed(factor.value, 4))}`).join(", "));
          cell.title = item.factors.map((factor) => `${factor.name} ${factor.value}`).join(", ");
        },
      },
      { label: "Closed before", kind: "number", fill: (cell, item) => showNumber(cell, item.ahead, exact) },
      { label: "Quantity", kind: "number", fill: (cell, item) => showNumber(cell, item.quantity, exact) },
      { label: "Entry", kind: "number", fill: (cell, item) => showNumber(cell, item.entryPrice, price) },
      { label: "Mark", kind: "number", fill: (cell, item) => showNumber(cell, item.markPrice, price) },
      { label: "Profit", kind: "number", fill: (cell, item) => showNumber(cell, item.unrealizedPnl, (text) => signed(text, settle()), { unit: settle() }) },
      { label: "Leverage", kind: "number", fill: (cell, item) => showNumber(cell, item.effectiveLeverage, (text) => `${amount(text)}×`) },
    ],
  });
}
