// Alerts as lists: by shape and word, each with its moment and a way to what it is about.
import { h, keyed, s, setText } from "../core/dom.js";
import { age, clock, count, moment } from "../core/format.js";
import { route } from "../core/router.js";
import { shapePath } from "./band.js";
import { emptyState } from "./panel.js";
import { accountAnchor } from "./table.js";

const bands = { info: "safe", warning: "watch", critical: "liquidation" };

/** The shape of a severity. */
export function severityShape(severity) {
  const band = bands[severity] ?? "watch";
  return s("svg", { class: `shape band-${band}`, viewBox: "0 0 16 16", "aria-hidden": "true" }, s("path", { d: shapePath(band) }));
}

/** A list of alerts: `{root, draw(alerts)}`. */
export function alertList(testid) {
  const root = h("ol", { class: "feed", "data-testid": testid });
  return {
    root,
    draw: (alerts) => keyed(root, alerts, (alert) => `${alert.id} ${alert.state}`, makeRow, () => {}),
  };
}

function makeRow(alert) {
  const time = h("time", { title: `${moment(alert.firedAt)}, seq ${alert.seq}` }, clock(alert.firedAt));
  const over = alert.state === "ended" ? `, over after ${age(alert.endedAt - alert.firedAt)}` : "";
  return h("li", { "data-alert": alert.id, "data-state": alert.state, "data-severity": alert.severity },
    time, severityShape(alert.severity),
    h("div", {}, h("p", {}, ...sentence(alert)),
      h("p", { class: "faint" }, `${alert.severity} \u00b7 rule ${alert.rule}${over}`)));
}

/** The text, in which what it is about is a link. */
function sentence(alert) {
  const name = alert.account ?? alert.symbol;
  if (!name) return [alert.text];
  const link = alert.account ? accountAnchor(name) : h("a", { href: route("map", [name]) }, name);
  const at = alert.text.indexOf(name);
  return at < 0 ? [link, " ", alert.text] : [alert.text.slice(0, at), link, alert.text.slice(at + name.length)];
}

/** The bar above the bridge: the worst alerts, and a way to all: `{root, draw(alerts)}`. */
export function alertBar(shown = 3) {
  const list = alertList("bridge-alerts");
  const all = h("a", { href: "#/alerts", class: "alert-all" });
  const root = h("section", { class: "alert-bar", "aria-label": "Active alerts", hidden: true }, list.root, all);
  return {
    root,
    draw(alerts) {
      root.hidden = alerts.count === 0;
      list.draw(alerts.active.slice(0, shown));
      setText(all, alerts.count > shown ? `All ${count(alerts.count)} alerts` : "Alerts and rules");
    },
  };
}

/** The alerts within another screen: `{root, draw(alerts)}`. */
export function alertSummary(shown = 8) {
  const list = alertList("alerts");
  const said = h("div");
  const root = h("div", {}, list.root, said, h("div", { class: "actions" }, h("a", { href: "#/alerts" }, "All alerts and their rules")));
  let state = null;
  return {
    root,
    draw(alerts) {
      list.draw(alerts.active.slice(0, shown));
      const next = alerts.count > 0 ? "some" : alerts.isTold ? "none" : "unknown";
      if (next === state) return;
      state = next;
      said.replaceChildren(...{
        some: [],
        none: [emptyState("No alert is active", "What the rules watch is within its limits.")],
        unknown: [emptyState("Nothing is known of alerts", "This node does not answer questions about alerts.")],
      }[state]);
    },
  };
}
