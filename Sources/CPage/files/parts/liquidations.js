// The list of liquidations; each leads to its receipt.
import { explained, get } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { age, amount, clock, count, exact, moment } from "../core/format.js";
import { route } from "../core/router.js";
import { outcomeText } from "../core/words.js";
import { emptyState, showNumber, showProblem } from "./panel.js";
import { setStamp } from "./stamp.js";
import { fillAccount, table } from "./table.js";

const pageSize = 50;

/** Draws into a panel: `{load()}`; `account()` is whose, or empty for all. */
export function liquidationsPart(part, { account, signal }) {
  const rows = liquidationsTable();
  const empty = h("div");
  const more = h("button", { type: "button", click: () => read(true) }, "Show more");
  part.body.append(rows.root, empty, h("div", { class: "actions" }, more));
  rows.root.hidden = true;
  more.hidden = true;
  let [items, cursor] = [[], null];
  const read = async (isMore) => {
    try {
      const answer = await get("v1/liquidations", { account: account(), limit: pageSize, cursor: isMore ? cursor : null }, signal);
      items = isMore ? [...items, ...answer.items] : answer.items;
      cursor = answer.nextCursor;
      rows.draw(items);
      rows.root.hidden = items.length === 0;
      more.hidden = cursor === null;
      empty.replaceChildren(items.length === 0
        ? emptyState("No liquidations", account() ? `${account()} has never been liquidated.` : "Nobody has been liquidated.") : "");
      setStamp(part.stamp, { seq: answer.seq ?? null });
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(empty, reason, () => read(isMore));
    }
  };
  return { load: () => read(false) };
}

function liquidationsTable() {
  const money = (name, title) => ({
    label: title, kind: "number", fill: (cell, item) => showNumber(cell, item[name], amount),
  });
  return table({
    caption: "Liquidations",
    testid: "liquidations",
    key: (item) => item.liquidation,
    columns: [
      {
        label: "Receipt",
        fill: (cell, item) => {
          if (cell.firstChild) return;
          cell.append(h("a", { href: route("time", ["liquidation", String(item.liquidation)]) }, `No. ${count(item.liquidation)}`));
        },
      },
      {
        label: "Began",
        fill: (cell, item) => {
          setText(cell, clock(item.startedAt));
          cell.title = moment(item.startedAt);
        },
      },
      { label: "Account", kind: "name", fill: (cell, item) => fillAccount(cell, item.account) },
      { label: "Pool", fill: (cell, item) => setText(cell, item.pool) },
      {
        label: "Outcome",
        fill: (cell, item) => {
          setText(cell, item.outcome ?? "under way");
          cell.title = outcomeText(item.outcome);
        },
      },
      { label: "Took", kind: "number", fill: (cell, item) => setText(cell, item.endedAt === null ? "—" : age(item.endedAt - item.startedAt)) },
      { label: "Orders", kind: "number", fill: (cell, item) => setText(cell, count(item.orders)) },
      { label: "Market", fill: (cell, item) => setText(cell, item.symbol ?? "several") },
      { label: "Quantity", kind: "number", fill: (cell, item) => showNumber(cell, item.quantity, exact) },
      money("loss", "Loss"), money("paidByFund", "Paid by fund"),
    ],
  });
}
