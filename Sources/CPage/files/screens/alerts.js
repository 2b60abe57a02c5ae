// Alerts: what is active, what was, and the rules by which they fire.
import { explained, get } from "../core/api.js";
import { h } from "../core/dom.js";
import { replaceParameters } from "../core/router.js";
import { alertList } from "../parts/alerts.js";
import { emptyState, panel, showProblem } from "../parts/panel.js";
import { rulesPart } from "../parts/rules.js";
import { setStamp } from "../parts/stamp.js";

const pageSize = 50;
const unknown = "This node does not answer questions about alerts.";

/** The alerts: `{title, update(changed), curl()}`. */
export function mount(root, { live, route: present, signal }) {
  const active = panel({ title: "Active alerts", name: "active", note: "the worst first" });
  const past = panel({ title: "Past alerts", name: "past", note: "newest first" });
  const rules = panel({ title: "Rules", name: "rules", note: "when an alert fires" });
  root.append(h("div", { class: "grid alerts" }, active.root, past.root, rules.root));

  const now = alertList("alerts-active");
  const calm = h("div");
  const box = h("div", { class: "feed-box" }, now.root, calm);
  active.body.append(box);
  const drawActive = () => {
    const { isTold, count } = live.alerts;
    calm.replaceChildren(count > 0 ? "" : isTold
      ? emptyState("No alert is active", "What the rules watch is within its limits.")
      : emptyState("Nothing is known of alerts", unknown));
    now.root.hidden = count === 0;
    now.draw(live.alerts.active);
    setStamp(active.stamp, { seq: live.value("status")?.seq ?? null, at: live.at("status") ?? performance.now() });
  };
  const earlier = pastPart(past, live, present, signal);
  rulesPart(rules, signal);
  drawActive();
  return {
    title: "Alerts",
    update(changed) {
      if (changed.has("alerts") || changed.has("status")) drawActive();
      if (changed.has("alerts")) earlier.draw();
    },
    curl: () => [["v1/alerts"], ["v1/alerts/rules"]],
  };
}

/** Alerts that ended: what ended while the page was open, and what the node has kept. */
function pastPart(part, live, present, signal) {
  const list = alertList("alerts-past");
  const empty = h("div");
  let account = present.parameters.get("account") ?? "";
  const field = h("input", { type: "search", "aria-label": "Account", placeholder: "Account", value: account, "data-testid": "alerts-account" });
  const more = h("button", { type: "button", hidden: true, click: () => load(true) }, "Show more");
  part.body.append(h("div", { class: "filters" }, field), h("div", { class: "feed-box" }, list.root, empty, h("div", { class: "actions" }, more)));
  let [items, cursor] = [[], null];
  const draw = () => {
    const known = new Set(items.map((alert) => alert.id));
    const fresh = live.alerts.ended.filter((alert) => !known.has(alert.id) && (account === "" || alert.account === account));
    const all = [...fresh, ...items];
    list.draw(all);
    if (all.length > 0) empty.replaceChildren();
    else if (!empty.firstChild) empty.append(emptyState("No alert has ended", account === "" ? "None has fired and ended yet." : `None of ${account}.`));
  };
  const load = async (isMore) => {
    try {
      const answer = await get("v1/alerts", { state: "ended", account, limit: pageSize, cursor: isMore ? cursor : null }, signal);
      items = isMore ? [...items, ...answer.items] : answer.items;
      cursor = answer.nextCursor;
      more.hidden = cursor === null;
      setStamp(part.stamp, {});
      empty.replaceChildren();
      draw();
    } catch (error) {
      if (error.status === 404) empty.replaceChildren(emptyState("Not here", unknown));
      else if (explained(error)) showProblem(empty, explained(error), () => load(isMore));
    }
  };
  field.addEventListener("change", () => {
    account = field.value.trim();
    replaceParameters({ account });
    load(false);
  });
  load(false);
  return { draw };
}
