// Why a number is what it is: the terms that the node added up, each with its formula and its numbers.
import { accountRoute, explained, get } from "../core/api.js";
import { h } from "../core/dom.js";
import { exact, none, ratio } from "../core/format.js";
import { noPriceWords } from "../core/words.js";
import { replaceParameters } from "../core/router.js";
import { positionName } from "./distance.js";
import { emptyState } from "./panel.js";
import { makeStamp, setStamp } from "./stamp.js";

const titles = {
  equity: "Equity", maintenanceMargin: "Maintenance margin", freeboard: "Freeboard", availableBalance: "Available",
  marginRatio: "Ratio", initialMargin: "Initial margin", unrealizedPnl: "Unrealised profit", notional: "Notional",
  liquidationPrice: "Liquidation price", bankruptcyPrice: "Bankruptcy price",
};

/** Which terms of a pool make a figure, and how the figure follows from its parts. */
const makers = {
  equity: { figures: ["wallet", "unrealizedPnl", "collateral", "equity"], rule: "the sum" },
  maintenanceMargin: { figures: ["maintenanceMargin"], rule: "the sum" },
  initialMargin: { figures: ["initialMargin", "orderInitialMargin"], rule: "the sum" },
  freeboard: { parts: ["equity", "maintenanceMargin"], rule: "equity − maintenance" },
  availableBalance: { parts: ["equity", "initialMargin"], figures: ["available"], rule: "equity − initial margin, not below zero; cross pools only" },
  marginRatio: { parts: ["maintenanceMargin", "equity"], rule: "maintenance ÷ equity" },
};

/** Opens the explanation of `figure`: `equity`, `equity@POOL` or `liquidationPrice:POSITION`. */
export async function openWhy(account, figure, signal) {
  document.querySelector("dialog.drawer")?.remove();
  const stamp = makeStamp();
  const body = h("div", { class: "why-body" }, h("p", { class: "faint" }, "Asking the node."));
  const [title, subject] = named(figure);
  const dialog = h("dialog", { class: "drawer", "aria-labelledby": "why-title", "data-testid": "why" },
    h("header", { class: "panel-head" }, h("h2", { id: "why-title" }, `Why ${title}`),
      h("span", { class: "panel-note" }, subject), h("span", { class: "panel-tools" }, stamp),
      h("form", { method: "dialog" }, h("button", { class: "tool", "aria-label": "Close" }, "Close"))),
    body);
  dialog.addEventListener("close", () => {
    dialog.remove();
    replaceParameters({ why: null });
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  replaceParameters({ why: figure });
  try {
    const symbol = figure.includes(":") ? figure.split(":")[1].split(" ")[0] : null;
    const answer = await get(accountRoute(account, "/explain"), { symbol }, signal);
    setStamp(stamp, { seq: answer.seq ?? null });
    body.replaceChildren(...explain(answer, figure));
  } catch (error) {
    const reason = explained(error);
    if (reason) body.replaceChildren(emptyState("This could not be explained", reason));
  }
}

function named(figure) {
  const [, name, subject = ""] = /^(\w+)[:@]?(.*)$/.exec(figure) ?? [null, figure, ""];
  return [titles[name] ?? name, subject];
}

function explain(answer, figure) {
  const notes = (answer.notes ?? []).map((text) => h("p", { class: "faint" }, text));
  const stale = answer.stale?.length > 0
    ? [h("p", { class: "is-stale" }, `These prices are too old: ${answer.stale.join(", ")}`)] : [];
  const missing = answer.missing?.length > 0
    ? [h("p", {}, `No price of ${answer.missing.join(", ")}: what rests on it is unknown.`)] : [];
  const name = figure.split(/[:@]/)[0];
  if (name === "liquidationPrice" || name === "bankruptcyPrice") {
    const subject = figure.slice(name.length + 1);
    const solution = answer.solutions.find((one) => one.figure === name && positionName(one) === subject);
    return [...stale, ...missing, ...solved(solution), ...notes];
  }
  if (figure.includes(":")) return [...stale, ...missing, ...ofPosition(answer, name, figure.split(":")[1]), ...notes];
  const wanted = figure.includes("@") ? figure.slice(name.length + 1) : null;
  const pools = answer.pools.filter((pool) => wanted === null || pool.pool === wanted);
  if (pools.length === 0) return [emptyState("There is nothing to add up", "The account has no pool with this figure.")];
  return [...stale, ...missing, ...pools.flatMap((pool) => ofPool(pool, name)), ...notes];
}

function ofPool(pool, name) {
  const maker = makers[name] ?? { figures: [name], rule: "the sum" };
  const terms = pool.terms.filter((term) => maker.figures?.includes(term.figure));
  const parts = (maker.parts ?? []).flatMap((part) => {
    const inner = pool.terms.filter((term) => makers[part].figures.includes(term.figure));
    return [row(titles[part], "", pool[part], "part"), ...inner.map(termRow)];
  });
  const result = name === "marginRatio" ? `${exact(pool.marginRatio)} = ${ratio(pool.marginRatio, 4)}` : exact(pool[name]);
  return [
    h("h3", {}, pool.pool, h("span", { class: "faint" }, ` ${pool.band}`)),
    h("table", { class: "ledger" }, h("tbody", {}, ...parts, ...terms.map(termRow),
      h("tr", { class: "result" }, h("td", {}, titles[name] ?? name, h("span", { class: "faint" }, ` ${maker.rule}`)),
        h("td", { class: "number", "data-value": pool[name] ?? "" }, pool[name] === null ? none : result)))),
  ];
}

function ofPosition(answer, name, position) {
  const figure = name === "notional" ? "maintenanceMargin" : name;
  const [symbol, leg = ""] = position.split(" ");
  const terms = answer.pools.flatMap((pool) => pool.terms)
    .filter((term) => term.figure === figure && [symbol, `${symbol} ${leg}`].includes(term.subject));
  if (terms.length === 0) return [emptyState("There is nothing to add up", "The node names no term for this figure.")];
  return [h("table", { class: "ledger" }, h("tbody", {}, ...terms.map(termRow)))];
}

function solved(solution) {
  if (!solution) return [emptyState("There is no such position", "It was closed, or it never was.")];
  if (solution.price === null) {
    return [emptyState("There is no such price", `Because ${noPriceWords[solution.priceReason] ?? "there is none"}.`)];
  }
  const checks = (solution.checks ?? []).map((check) => h("tr", {},
    h("td", { class: "number" }, exact(check.price)), h("td", { class: "number" }, exact(check.equity)),
    h("td", { class: "number" }, exact(check.requirement)), h("td", {}, check.isBelow ? "below the line" : "not below")));
  return [
    h("p", { class: "big", "data-value": solution.price }, exact(solution.price)),
    h("p", { class: "faint" }, `Solved in ${grouped(solution.bracket)}. At this price, all else equal:`),
    h("table", { class: "ledger" }, h("tbody", {}, ...solution.terms
      .filter((term) => !["initialMargin", "orderInitialMargin"].includes(term.figure)).map(termRow))),
    h("h3", {}, "Check"),
    h("div", { class: "scroll" }, h("table", {}, h("thead", {}, h("tr", {}, ...["Price", "Equity", "Requirement", ""].map((text) => (
      h("th", { scope: "col", class: text ? "number" : "" }, text))))), h("tbody", {}, ...checks))),
  ];
}

function termRow(term) {
  return row(`${term.subject ? `${term.subject} ` : ""}${grouped(term.label)}`, filled(term), term.value, "");
}

function row(title, formula, value, kind) {
  return h("tr", { class: kind },
    h("td", {}, title, formula ? h("span", { class: "formula" }, formula) : null),
    h("td", { class: "number", "data-value": value ?? "" }, exact(value)));
}

/** Digits in a label with thousands separators. */
function grouped(text) {
  return text.replace(/\d{4,}(\.\d+)?/g, (digits) => exact(digits));
}

/** The formula, and the same with its numbers put in. */
function filled(term) {
  const { operands, formula } = term;
  if (!formula) return Object.entries(operands).map(([name, value]) => `${name} ${exact(value)}`).join(", ");
  const put = formula.replace(/\p{L}+/gu, (name, place) => {
    if (operands[name] === undefined) return name;
    const shown = exact(operands[name]);
    return shown.startsWith("\u2212") && place > 0 ? `(${shown})` : shown;
  });
  return `${formula} = ${put}`;
}
