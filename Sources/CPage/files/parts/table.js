// Tables that keep their rows while their numbers change, and become cards where there is no room.
import { h, keyed, setAttribute, setText } from "../core/dom.js";
import { name } from "../core/format.js";
import { accountLink } from "../core/router.js";

/**
 * A table: `{root, draw(items)}`.
 *
 * A column is `{label, kind, fill(cell, item, index)}`; `kind` is `number`, `name`, `wide` or nothing. A label that
 * changes is a function.
 */
export function table({ caption, testid, columns, key, cards = true, rowClass }) {
  const body = h("tbody");
  const label = (column) => (typeof column.label === "function" ? column.label() : column.label);
  const head = h("tr", {}, ...columns.map((column) => (
    h("th", { scope: "col", class: column.kind ?? "" }, label(column))
  )));
  const element = h("table", { "data-testid": testid, class: cards ? "cards" : "" },
    h("caption", { class: "unseen" }, caption), h("thead", {}, head), body);
  const make = () => h("tr", {}, ...columns.map((column) => (
    h("td", { class: column.kind ?? "", "data-label": label(column) })
  )));
  const update = (row, item, index) => {
    if (rowClass) row.className = rowClass(item);
    columns.forEach((column, place) => {
      if (typeof column.label === "function") setAttribute(row.children[place], "data-label", label(column));
      column.fill(row.children[place], item, index);
    });
  };
  return {
    root: h("div", { class: "scroll", tabindex: "-1" }, element),
    draw(items) {
      columns.forEach((column, place) => setText(head.children[place], label(column)));
      keyed(body, items, key, make, update);
    },
  };
}

/** Puts a link to an account into a cell; a long name is cut, its whole is the title. */
export function fillAccount(cell, account) {
  if (cell.dataset.account === account) return;
  cell.dataset.account = account;
  cell.replaceChildren(accountAnchor(account));
}

/** A link to an account. */
export function accountAnchor(account) {
  return h("a", { class: "account", href: accountLink(account), title: name(account) },
    h("bdi", {}, name(account)));
}
