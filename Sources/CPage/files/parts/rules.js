// The rules of alerts: read, changed here, sent back whole. The node checks them and says what is wrong.
import { explained, get, put } from "../core/api.js";
import { h, setAttribute, setText } from "../core/dom.js";
import { moment } from "../core/format.js";
import { severities } from "../core/alerts.js";
import { choice, emptyState, showProblem } from "./panel.js";
import { setStamp } from "./stamp.js";

const text = (name, title, hint = "") => ({ name, title, hint, read: (value) => value.trim() });
const seconds = (name, title) => ({ name, title, hint: "s", isWhole: true, read: (value) => (value.trim() === "" ? undefined : Number(value)) });

/** What each kind of rule compares; fields that are empty are left to the node. */
const kinds = {
  ratio: ["maintenance ÷ equity is above", text("above", "Above"), text("margin", "Ends below by"), text("accounts", "Accounts")],
  freeboard: ["equity − maintenance is below", text("below", "Below"), text("margin", "Ends above by"), text("accounts", "Accounts")],
  depletion: ["equity has fallen by a share", text("fall", "Fall"), seconds("within", "Within"), text("margin", "Ends below by"), text("least", "Equity at least"), text("accounts", "Accounts")],
  staleMark: ["a mark is too old", seconds("olderThan", "Older than"), text("symbols", "Markets")],
  fundDrawdown: ["an insurance fund has fallen by a share", text("fall", "Fall"), seconds("within", "Within"), text("margin", "Ends below by"), text("assets", "Assets")],
  verification: ["the last verification found something"],
  node: ["the journal or the replica has failed"],
};
const common = [seconds("after", "Holds for"), seconds("endsAfter", "Back for")];
const first = {
  ratio: { above: "0.9", accounts: "*" }, freeboard: { below: "1000", accounts: "*" }, depletion: { fall: "0.3", within: 300, accounts: "*" },
  staleMark: { olderThan: 60, symbols: "*" }, fundDrawdown: { fall: "0.1", within: 3600, assets: "*" }, verification: {}, node: {},
};

/** Draws the editor into a panel. */
export function rulesPart(part, signal) {
  const list = h("ol", { class: "rules", "data-testid": "rules" });
  const said = h("p", { class: "faint", role: "status", "data-testid": "rules-said" });
  const problem = h("p", { class: "problem", role: "alert" });
  const kind = h("select", { "aria-label": "Kind of the new rule" }, ...Object.keys(kinds).map((name) => h("option", { value: name }, name)));
  const add = h("button", { type: "button", "data-testid": "rules-add", click: () => {
    list.append(ruleRow({ id: freshName(kind.value, list), kind: kind.value, ...first[kind.value] }));
    list.lastElementChild.querySelector("input").focus();
  } }, "Add a rule");
  const save = h("button", { type: "button", class: "primary", "data-testid": "rules-save", click: () => send() }, "Save the rules");
  const tools = h("div", { class: "actions" }, said, kind, add, save);
  const empty = h("div");
  part.body.append(list, empty, problem, tools);
  let version = null;

  const draw = (answer) => {
    version = answer.version;
    list.replaceChildren(...answer.rules.map(ruleRow));
    tools.hidden = false;
    setText(said, answer.changedAt ? `version ${version}, changed ${moment(answer.changedAt)}` : `version ${version}`);
    setStamp(part.stamp, {});
    const hooks = (answer.webhooks ?? []).map((hook) => hookText(hook, answer.deliveries ?? []));
    empty.replaceChildren(hooks.length === 0 ? "" : h("ul", { class: "hooks", "data-testid": "hooks" }, ...hooks.map((line) => h("li", {}, line))));
  };
  const load = async () => {
    try {
      draw(await get("v1/alerts/rules", {}, signal));
    } catch (error) {
      tools.hidden = true;
      if (error.status === 404) empty.replaceChildren(emptyState("Not here", "This node does not answer questions about the rules of alerts."));
      else if (explained(error)) showProblem(empty, explained(error), load);
    }
  };
  const send = async () => {
    setText(problem, "");
    for (const row of list.children) row.mark(null);
    try {
      draw(await put("v1/alerts/rules", { version, rules: [...list.children].map((row) => row.read()) }, signal));
      setText(said, `saved as version ${version}`);
    } catch (error) {
      tell(error);
    }
  };
  const tell = (error) => {
    const reason = explained(error);
    if (!reason) return;
    setText(problem, error.code === "rule_conflict" ? `${reason} Somebody else has changed them: load the page again.` : reason);
    for (const { name, problem: what } of error.fields ?? []) {
      const place = /^rules\[(\d+)\]\.?(.*)$/.exec(name);
      list.children[place?.[1]]?.mark(`${place[2]} ${what}`.trim(), place[2]);
    }
  };
  tools.hidden = true;
  load();
}

/** A rule as fields: `read()` gives it back, `mark(text, field)` says what is wrong with it. */
function ruleRow(rule) {
  const [sentence, ...own] = kinds[rule.kind] ?? ["this page does not know this kind"];
  const inputs = new Map();
  const field = ({ name, title, hint, isWhole }) => {
    const input = h("input", { type: "text", inputmode: isWhole ? "numeric" : null, value: rule[name] ?? "", spellcheck: "false", autocomplete: "off", "aria-label": `${title} of ${rule.id}`, "data-field": name });
    inputs.set(name, input);
    return h("label", {}, h("span", {}, hint ? `${title}, ${hint}` : title), input);
  };
  const id = field(text("id", "Name"));
  const severity = h("select", { "aria-label": `Severity of ${rule.id}` },
    ...severities.map((name) => h("option", { value: name, selected: name === (rule.severity ?? "warning") }, name)));
  let isEnabled = rule.isEnabled ?? true;
  const wrong = h("p", { class: "problem" });
  const row = h("li", { "data-rule": rule.id, "data-kind": rule.kind },
    h("div", { class: "rule-head" }, h("b", {}, rule.kind), h("span", { class: "faint" }, sentence),
      choice(`Is ${rule.id} on?`, [["true", "on"], ["false", "off"]], String(isEnabled), (value) => { isEnabled = value === "true"; }),
      h("button", { type: "button", class: "tool", "aria-label": `Remove ${rule.id}`, click: () => row.remove() }, "Remove")),
    h("div", { class: "rule-fields" }, id, h("label", {}, h("span", {}, "Severity"), severity), ...[...own, ...common].map(field)), wrong);
  row.read = () => {
    const result = { ...rule, severity: severity.value, isEnabled, id: inputs.get("id").value.trim() };
    for (const { name, read } of [...own, ...common]) {
      const value = read(inputs.get(name).value);
      if (value === undefined || value === "") delete result[name];
      else result[name] = value;
    }
    return result;
  };
  row.mark = (what, name) => {
    setText(wrong, what ?? "");
    for (const [key, input] of inputs) setAttribute(input, "aria-invalid", what && key === name ? "true" : null);
  };
  return row;
}

function freshName(kind, list) {
  const taken = new Set([...list.children].map((row) => row.read().id));
  let number = 1;
  while (taken.has(`${kind}-${number}`)) number += 1;
  return `${kind}-${number}`;
}

function hookText(hook, deliveries) {
  const sent = deliveries.find((one) => one.webhook === hook.id);
  const told = sent ? `${sent.delivered} delivered, ${sent.waiting} waiting, ${sent.refused + sent.dropped} lost${sent.lastError ? `, last error: ${sent.lastError}` : ""}` : "nothing sent yet";
  return `Webhook ${hook.id} to ${hook.url}, ${hook.isEnabled === false ? "off" : "on"}: ${told}`;
}
