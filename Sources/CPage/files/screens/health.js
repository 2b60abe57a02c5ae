// Feeds and health: what comes in, what is behind, what was refused, and whether the books agree.
import { explained, get } from "../core/api.js";
import { h, keyed, setText } from "../core/dom.js";
import { age, amount, bytes, clock, count, exact, moment, price, ratio } from "../core/format.js";
import { sign } from "../core/decimal.js";
import { spelled } from "../core/words.js";
import { alertSummary } from "../parts/alerts.js";
import { emptyState, panel, showNumber } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { table } from "../parts/table.js";
import { verificationPart } from "../parts/verification.js";

const totalsAfter = 5_000;

/** The health of the node: `{title, update(changed), curl()}`. */
export function mount(root, { live, signal }) {
  const node = panel({ title: "Node", name: "node" });
  const feeds = panel({ title: "Feeds", name: "feeds", note: "what comes in" });
  const marks = panel({ title: "Marks", name: "marks", note: "prices that everything rests on" });
  const checks = panel({ title: "Verification", name: "verification", note: "by a second computation" });
  const totals = panel({ title: "Balance sheet", name: "totals", note: "what came in is what is there" });
  const alerts = panel({ title: "Alerts", name: "alerts" });
  root.append(h("div", { class: "grid health" }, node.root, feeds.root, marks.root, checks.root, totals.root, alerts.root));

  const facts = h("dl", { class: "facts", "data-testid": "node-facts" });
  node.body.append(facts);
  const sources = feedsTable(live);
  const noFeeds = emptyState("No feeds", "No event with a source has arrived since the node began.");
  feeds.body.append(sources.root, noFeeds);
  const prices = marksTable(live);
  marks.body.append(prices.root);
  const verification = verificationPart(checks, () => live.now(), signal);
  const sheet = totalsTable();
  totals.body.append(sheet.root);
  const fired = alertSummary();
  alerts.body.append(fired.root);

  const drawStatus = () => {
    const status = live.value("status");
    if (!status) return;
    const stamp = { seq: status.seq, at: live.at("status") };
    for (const part of [node, feeds]) setStamp(part.stamp, stamp);
    keyed(facts, factsOf(status), ([name]) => name,
      () => h("div", {}, h("dt"), h("dd")),
      (element, [name, text, title]) => {
        setText(element.children[0], name);
        setText(element.children[1], text);
        element.children[1].title = title ?? text;
      });
    sources.draw(status.feeds);
    sources.root.hidden = status.feeds.length === 0;
    noFeeds.hidden = status.feeds.length > 0;
    verification.draw(status.verification);
  };
  const drawMarks = () => {
    const value = live.value("markets");
    if (!value) return;
    setStamp(marks.stamp, { seq: value.seq, at: live.at("markets") });
    prices.draw(value.items);
  };
  let totalsAt = -totalsAfter;
  const loadTotals = async () => {
    totalsAt = performance.now();
    try {
      const answer = await get("v1/totals", {}, signal);
      setStamp(totals.stamp, { seq: answer.seq ?? live.value("status")?.seq ?? null });
      sheet.draw(answer.items);
    } catch (error) {
      sheet.fail(explained(error));
    }
  };
  const drawAlerts = () => {
    fired.draw(live.alerts);
    setStamp(alerts.stamp, { seq: live.value("status")?.seq ?? null, at: live.at("status") ?? performance.now() });
  };
  drawStatus();
  drawMarks();
  loadTotals();
  drawAlerts();
  return {
    title: "Feeds and health",
    update(changed) {
      if (changed.has("status")) drawStatus();
      if (changed.has("markets")) drawMarks();
      if (changed.has("alerts") || changed.has("status")) drawAlerts();
      if (changed.has("status") && performance.now() - totalsAt > totalsAfter) loadTotals();
    },
    cli: () => [["status"]],
    curl: () => [["v1/status"], ["v1/markets"], ["v1/totals"], ["v1/verification"], ["v1/alerts"]],
  };
}

function factsOf(status) {
  const { inbox, journal, replica, recovery } = status;
  return [
    ["Venue", `${status.venue}, ${status.mode}`],
    ["Version", status.version],
    ["Up for", age(status.uptime), `since ${moment(status.startedAt)}`],
    ["Engine clock", `${clock(status.asOf)} UTC`, moment(status.asOf)],
    ["Accounts, markets", `${count(status.accounts)}, ${count(status.markets)}`],
    ["Inbox", `${count(inbox.events)} of ${count(inbox.limit)} events`],
    ["Replica", `seq ${count(replica.seq)}, ${count(replica.lag)} events behind`],
    ["Journal", `${bytes(journal.bytes)}, durable to seq ${count(journal.durableSeq)}`],
    ["Snapshot", journal.snapshotSeq > 0 ? `at seq ${count(journal.snapshotSeq)}` : "none yet"],
    ["Durability", status.durability],
    ["Streams open", count(status.streams)],
    ["Recovery", recoveryText(recovery), (recovery.notes ?? []).join(" ") || recoveryText(recovery)],
    ["Chain", `${status.chain.slice(0, 16)}…`, status.chain],
  ];
}

function recoveryText({ snapshot, replayed, milliseconds, droppedBytes }) {
  if (snapshot === 0 && replayed === 0) return "a new journal";
  const from = snapshot > 0 ? `from the snapshot at seq ${count(snapshot)}` : "from the beginning";
  const dropped = droppedBytes > 0 ? `, ${bytes(droppedBytes)} of a torn end dropped` : "";
  return `${from}, ${count(replayed)} events replayed in ${age(milliseconds)}${dropped}`;
}

function feedsTable(live) {
  return table({
    caption: "Feeds",
    testid: "feeds",
    key: (feed) => feed.source,
    columns: [
      { label: "Source", fill: (cell, feed) => setText(cell, feed.source) },
      { label: "Sequence", kind: "number", fill: (cell, feed) => setText(cell, count(feed.sequence)) },
      { label: "Events", kind: "number", fill: (cell, feed) => setText(cell, count(feed.events)) },
      {
        label: "Refused",
        kind: "number",
        fill: (cell, feed) => {
          setText(cell, count(feed.refused));
          cell.classList.toggle("is-notable", feed.refused > 0);
        },
      },
      {
        label: "Last event",
        kind: "number",
        fill: (cell, feed) => {
          cell.stamp ??= cell.appendChild(h("span", { class: "stamp" }));
          cell.title = moment(feed.lastAt);
          setStamp(cell.stamp, { at: live.at("status"), base: live.value("status").asOf - feed.lastAt });
        },
      },
    ],
  });
}

function marksTable(live) {
  return table({
    caption: "Marks",
    testid: "health-marks",
    key: (item) => item.symbol,
    columns: [
      { label: "Market", fill: (cell, item) => setText(cell, item.symbol) },
      { label: "Mark", kind: "number", fill: (cell, item) => showNumber(cell, item.mark, price, { isStale: item.isStale, reason: "no mark yet" }) },
      { label: "Index", kind: "number", fill: (cell, item) => showNumber(cell, item.index, price, { reason: "no index yet" }) },
      {
        label: "Funding",
        kind: "number",
        fill: (cell, item) => showNumber(cell, sign(item.fundingRate) === 0 ? null : item.fundingRate, (text) => ratio(text, 4), { reason: "no rate was announced" }),
      },
      { label: "Longs", kind: "number", fill: (cell, item) => setText(cell, count(item.longs)) },
      { label: "Shorts", kind: "number", fill: (cell, item) => setText(cell, count(item.shorts)) },
      {
        label: "Age",
        kind: "number",
        fill: (cell, item) => {
          cell.stamp ??= cell.appendChild(h("span", { class: "stamp" }));
          setStamp(cell.stamp, { at: live.at("markets"), base: item.age });
        },
      },
    ],
  });
}

function totalsTable() {
  const names = ["deposits", "withdrawals", "inTransit", "wallets", "unrealized", "funds", "fees", "house", "difference"];
  const root = h("div", { "data-testid": "totals-sheet", class: "sheets" });
  return {
    root,
    draw(items) {
      if (items.length === 0) {
        root.replaceChildren(emptyState("Nothing yet", "No money has come in."));
        return;
      }
      root.replaceChildren(...items.map((item) => h("div", {}, h("h3", {}, item.asset),
        h("table", {}, h("tbody", {}, ...names.map((name) => {
          const cell = h("td", { class: "number" });
          showNumber(cell, item[name], name === "difference" ? exact : (text) => amount(text, item.asset), { unit: item.asset });
          const isWrong = name === "difference" && sign(item[name]) !== 0;
          return h("tr", { class: name === "difference" ? "result" : "" }, h("th", { scope: "row" }, spelled(name)), cell,
            name === "difference" ? h("td", { class: isWrong ? "problem" : "" }, isWrong ? "must be zero" : "balanced") : h("td"));
        }))))));
    },
    fail: (reason) => reason && root.replaceChildren(emptyState("This could not be read", reason)),
  };
}
