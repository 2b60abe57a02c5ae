// The receipt of a liquidation: each step with its arithmetic, and whether it holds when computed again.
import { explained, get } from "../core/api.js";
import { h } from "../core/dom.js";
import { clock, count, exact, moment } from "../core/format.js";
import { parse } from "../core/decimal.js";
import { route } from "../core/router.js";
import { outcomeText, spelled } from "../core/words.js";
import { panel, showProblem, waiting } from "../parts/panel.js";
import { setStamp } from "../parts/stamp.js";
import { accountAnchor } from "../parts/table.js";

/** The receipt with this number: `{title, update(), curl()}`. */
export function mountReceipt(root, { signal }, number) {
  const address = `v1/liquidations/${encodeURIComponent(number)}`;
  const part = panel({ title: `Receipt of liquidation ${number}`, name: "receipt" });
  root.append(h("div", { class: "grid one" }, h("nav", { class: "crumbs", "aria-label": "Way" },
    h("a", { href: route("time") }, "Time machine"), " / liquidation ", number), part.root));
  part.body.append(waiting());
  const load = async () => {
    try {
      const receipt = await get(address, {}, signal);
      part.body.replaceChildren(summary(receipt), steps(receipt));
      setStamp(part.stamp, { seq: receipt.seq ?? null });
    } catch (error) {
      const reason = explained(error);
      if (reason) showProblem(part.body, reason, load);
    }
  };
  load();
  return { title: `Receipt ${number}`, update() {}, curl: () => [[address]] };
}

function summary(receipt) {
  const began = receipt.steps[0]?.time;
  const number = receipt.liquidation;
  const beside = (to, text) => h("a", { href: route("time", ["liquidation", String(to)]) }, text);
  const holds = { true: "Every line was computed again and holds.", false: "Something does not hold: see the steps." };
  return h("div", { class: "receipt-head" },
    h("dl", { class: "facts" }, ...[
      ["Account", accountAnchor(receipt.account)], ["Pool", receipt.pool], ["Outcome", outcomeText(receipt.outcome)],
      ["Began", moment(began)], ["Rulebook", receipt.rulebook],
      ["Verified", holds[String(receipt.holds)] ?? "Not computed again"],
    ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
    h("p", { class: "receipt-ways" },
      h("a", { href: route("time", [], { account: receipt.account, at: began }) }, "The account at that moment"),
      number > 1 ? beside(number - 1, "previous") : null,
      number < receipt.liquidations ? beside(number + 1, "next") : null));
}

function steps(receipt) {
  return h("ol", { class: "steps", "data-testid": "receipt-steps" }, ...receipt.steps.map((step, index) => (
    h("li", { "data-type": step.type },
      h("span", { class: "step-number", "aria-hidden": "true" }, count(index + 1)),
      h("div", { class: "step-body" },
        h("h3", {}, step.title),
        h("p", { class: "faint" }, h("time", { title: moment(step.time) }, clock(step.time)), ` · ${spelled(step.type)}`,
          step.line === undefined ? "" : ` · event ${count(step.line)}`),
        step.details.length > 0 ? h("pre", {}, step.details.join("\n")) : null,
        checks(step.checks ?? []), values(step.values ?? {}))))));
}

function checks(list) {
  if (list.length === 0) return null;
  const said = { true: ["holds", "holds"], false: ["fails", "does not hold"], null: ["open", "not checked"] };
  return h("ul", { class: "checks" }, ...list.map((check) => {
    const [kind, word] = said[String(check.holds)];
    return h("li", { class: `check-${kind}` }, h("b", {}, word), ` ${check.check}: ${check.detail}`);
  }));
}

function values(list) {
  const pairs = Object.entries(list);
  if (pairs.length === 0) return null;
  return h("details", {}, h("summary", {}, "Values"),
    h("dl", { class: "facts" }, ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, shown(name, value))))));
}

function shown(name, value) {
  if (Array.isArray(value)) return value.join(", ");
  if (/time$/i.test(name)) return moment(value);
  return parse(value) ? exact(String(value)) : String(value);
}
