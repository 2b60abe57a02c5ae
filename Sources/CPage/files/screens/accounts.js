// The list of accounts: a page at a time, by band, order and a part of the name. Never all of them.
import { explained, get } from "../core/api.js";
import { debounce, h, setText } from "../core/dom.js";
import { amount, count, ratio } from "../core/format.js";
import { replaceParameters } from "../core/router.js";
import { modeWords } from "../core/words.js";
import { ratioBar } from "../charts/gauge.js";
import { bandNames, setBand } from "../parts/band.js";
import { choice, emptyState, panel, showNumber, showProblem, waiting } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { fillAccount, table } from "../parts/table.js";

const pageSize = 100;
const orders = [["ratio", "by ratio"], ["equity", "by equity"], ["account", "by name"]];

/** The list: `{title, update(), curl()}`. */
export function mountList(root, { route: present, thresholds, signal }) {
  const part = panel({ title: "Accounts", name: "accounts" });
  const search = h("input", { type: "search", "aria-label": "Part of the name", placeholder: "Part of the name", "data-testid": "accounts-search" });
  const asked = {
    band: present.parameters.get("band") ?? "",
    sort: present.parameters.get("sort") ?? "ratio",
    search: present.parameters.get("search") ?? "",
  };
  search.value = asked.search;
  const rows = accountsTable(thresholds);
  const more = h("button", { type: "button", click: () => load(true) }, "Show more");
  const said = h("p", { class: "faint", role: "status" });
  const foot = h("div", { class: "actions" }, said, more);
  const empty = h("div");
  const filters = h("div", { class: "filters" }, search,
    choice("Band", [["", "all"], ...bandNames.map((band) => [band, band])], asked.band, (value) => change({ band: value })),
    choice("Order", orders, asked.sort, (value) => change({ sort: value })));
  part.body.append(filters, rows.root, empty, foot);
  root.append(h("div", { class: "grid one" }, part.root));

  rows.root.hidden = true;
  more.hidden = true;
  empty.append(waiting());

  let items = [];
  let cursor = null;
  let loading = new AbortController();
  const change = (changes) => {
    Object.assign(asked, changes);
    replaceParameters(asked);
    load(false);
  };
  const load = async (isMore) => {
    loading.abort();
    loading = new AbortController();
    try {
      const answer = await get("v1/accounts", { ...asked, limit: pageSize, cursor: isMore ? cursor : null },
        AbortSignal.any([signal, loading.signal]));
      items = isMore ? [...items, ...answer.items] : answer.items;
      cursor = answer.nextCursor;
      setStamp(part.stamp, { seq: answer.seq });
      rows.draw(items);
      rows.root.hidden = items.length === 0;
      empty.replaceChildren(items.length === 0
        ? emptyState("No account is like this", "Another band, or another part of the name, may have some.") : "");
      more.hidden = cursor === null;
      setText(said, items.length === 0 ? "" : `${count(items.length)} shown${cursor === null ? ", that is all" : ""}`);
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(empty, reason, () => load(isMore));
    }
  };
  search.addEventListener("input", debounce(150, () => change({ search: search.value.trim() })));
  load(false);
  return {
    title: "Accounts",
    update() {},
    cli: () => [["accounts", ...Object.entries(asked).filter(([, value]) => value).flatMap(([name, value]) => [`--${name}`, value])]],
    curl: () => [["v1/accounts", { ...asked, limit: pageSize }]],
  };
}

function accountsTable(thresholds) {
  const money = (name, title) => ({
    label: title,
    kind: "number",
    fill: (cell, item) => showNumber(cell, item[name], (text) => amount(text, item.asset), { unit: item.asset, isStale: item.isStale }),
  });
  return table({
    caption: "Accounts",
    testid: "accounts",
    key: (item) => item.account,
    columns: [
      { label: "Account", kind: "name", fill: (cell, item) => fillAccount(cell, item.account) },
      { label: "Band", fill: (cell, item) => setBand(cell, item.band) },
      { label: "Ratio", kind: "number", fill: (cell, item) => showNumber(cell, item.marginRatio, (text) => ratio(text, 2), { isStale: item.isStale, reason: "equity is not above zero" }) },
      {
        label: "",
        kind: "bar",
        fill: (cell, item) => {
          cell.bar ??= ratioBar();
          if (!cell.bar.root.isConnected) cell.append(cell.bar.root);
          cell.bar.update(item.marginRatio, thresholds());
        },
      },
      money("equity", "Equity"), money("maintenanceMargin", "Maintenance"), money("freeboard", "Freeboard"),
      { label: "Positions", kind: "number", fill: (cell, item) => setText(cell, count(item.positions)) },
      { label: "Mode", kind: "extra", fill: (cell, item) => setText(cell, modeWords[item.mode] ?? item.mode) },
    ],
  });
}
