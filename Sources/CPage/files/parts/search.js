// The search field: accounts by a part of their name, markets, liquidations by number.
import { explained, get } from "../core/api.js";
import { debounce, h, setAttribute } from "../core/dom.js";
import { name, ratio } from "../core/format.js";
import { accountLink, route } from "../core/router.js";
import { bandShape } from "./band.js";

/** A search field in `host`: `{focus()}`. */
export function makeSearch(host, live) {
  const input = h("input", {
    type: "search", role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list",
    "aria-label": "Search accounts, markets, liquidations", placeholder: "Search", "aria-keyshortcuts": "/",
    autocomplete: "off", spellcheck: "false", enterkeyhint: "go",
  });
  const list = h("ul", { id: "found", role: "listbox", "aria-label": "Found", hidden: true });
  host.append(input, h("kbd", { class: "hint", "aria-hidden": "true" }, "/"), list);
  let chosen = -1;
  let asked = new AbortController();

  const close = () => {
    list.hidden = true;
    setAttribute(input, "aria-expanded", "false");
    setAttribute(input, "aria-activedescendant", null);
    chosen = -1;
  };
  const open = (rows) => {
    list.replaceChildren(...rows);
    list.hidden = rows.length === 0;
    setAttribute(input, "aria-expanded", String(rows.length > 0));
    choose(rows.length > 0 && rows[0].dataset.href ? 0 : -1);
  };
  const choose = (index) => {
    chosen = index;
    [...list.children].forEach((row, place) => setAttribute(row, "aria-selected", String(place === index)));
    setAttribute(input, "aria-activedescendant", index < 0 ? null : list.children[index].id);
    list.children[index]?.scrollIntoView({ block: "nearest" });
  };
  const go = (row) => {
    if (!row?.dataset.href) return;
    location.hash = row.dataset.href;
    input.value = "";
    input.blur();
    close();
  };

  const look = debounce(120, async () => {
    const text = input.value.trim();
    asked.abort();
    asked = new AbortController();
    if (text === "") return close();
    try {
      const answer = await get("v1/accounts", { search: text, limit: 8, sort: "ratio" }, asked.signal);
      return open(rowsOf(text, answer.items, live));
    } catch (error) {
      const reason = explained(error);
      return reason && open([note(reason)]);
    }
  });
  input.addEventListener("input", look);
  input.addEventListener("focus", look);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("keydown", (event) => {
    const last = list.children.length - 1;
    if (event.key === "ArrowDown" && !list.hidden) choose(Math.min(chosen + 1, last));
    else if (event.key === "ArrowUp" && !list.hidden) choose(Math.max(chosen - 1, 0));
    else if (event.key === "Enter") go(list.children[chosen]);
    else if (event.key === "Escape") {
      input.value = "";
      close();
      input.blur();
    } else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    go(event.target.closest("li"));
  });
  return { focus: () => input.focus() };
}

function rowsOf(text, accounts, live) {
  const rows = accounts.map((item) => option(accountLink(item.account), name(item.account),
    bandShape(item.band), h("bdi", { class: "cut" }, name(item.account)), h("span", { class: "faint" }, ratio(item.marginRatio))));
  for (const market of live.value("book")?.markets ?? []) {
    if (!market.symbol.toLowerCase().includes(text.toLowerCase())) continue;
    rows.push(option(route("map", [market.symbol]), market.symbol,
      h("span", { class: "shape-space" }), h("span", { class: "cut" }, market.symbol), h("span", { class: "faint" }, "market")));
  }
  if (/^\d+$/.test(text)) {
    rows.push(option(route("time", ["liquidation", text]), text,
      h("span", { class: "shape-space" }), h("span", { class: "cut" }, `Receipt of liquidation ${text}`), h("span")));
  }
  return rows.length > 0 ? rows : [note("Nothing has this name.")];
}

let number = 0;

function option(href, title, ...children) {
  number += 1;
  return h("li", { role: "option", id: `option-${number}`, "data-href": href, title }, ...children);
}

function note(text) {
  return h("li", { class: "note", role: "option", "aria-disabled": "true" }, text);
}
