// Keys: `/` searches, `g` and a letter goes to a screen, `?` explains all of this.
import { h } from "../core/dom.js";
import { bandBadge, bandNames } from "./band.js";

const places = {
  r: ["bridge", "Bridge: the risk of the book"], b: ["bridge", "Bridge"], a: ["account", "Account"], m: ["map", "Liquidation map"],
  q: ["adl", "ADL queue"], h: ["health", "Feeds and health"], t: ["time", "Time machine"],
  l: ["alerts", "Alerts and their rules"],
};

const words = [
  ["Equity", "wallet and unrealised profit, after haircuts where there are several assets"],
  ["Maintenance", "what the open positions must keep"],
  ["Freeboard", "equity − maintenance: how far the hull rides above the load line"],
  ["Ratio", "maintenance ÷ equity; the line is at 100 %"],
  ["Available", "equity − initial margin of the cross pools, never below zero"],
  ["Stale", "the number rests on a price that is older than the rulebook allows"],
];

const bandMeaning = {
  safe: "far from the line", watch: "worth a look", call: "near the line", liquidation: "below the line",
};

let sequence = 0;

/** Listens to keys; `actions.search()` puts the cursor into the search field. */
export function watchKeyboard(actions) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    if (document.querySelector("dialog[open]:not(.drawer)")) return;
    if (event.key === "/") {
      event.preventDefault();
      actions.search();
    } else if (event.key === "?") {
      openHelp();
    } else if (event.key === "g") {
      sequence = performance.now();
    } else if (places[event.key] && performance.now() - sequence < 1500) {
      sequence = 0;
      location.hash = `#/${places[event.key][0]}`;
    }
  });
}

function isTyping(target) {
  return target.matches("input:not([type=range]), textarea, select, [contenteditable]");
}

/** Shows all keys and what the words mean. */
export function openHelp() {
  if (document.getElementById("help-dialog")) return;
  const keys = [
    ["/", "search an account, a market or a liquidation"],
    ...Object.entries(places).filter(([letter]) => letter !== "b").map(([letter, [, name]]) => [`g ${letter}`, name]),
    ["← →", "move the line of a chart, the marks of the fleet, a slider"],
    ["Esc", "close what is open"], ["?", "this"],
  ];
  const dialog = h(
    "dialog", { id: "help-dialog", "aria-labelledby": "help-title", "data-testid": "help-dialog" },
    h("h2", { id: "help-title" }, "Keys and words"),
    h("div", { class: "columns" },
      h("dl", { class: "keys" }, ...keys.map(([key, what]) => h("div", {},
        h("dt", {}, ...key.split(" ").map((one) => h("kbd", {}, one))), h("dd", {}, what)))),
      h("div", {},
        h("dl", { class: "keys" }, ...words.map(([word, what]) => h("div", {}, h("dt", {}, word), h("dd", {}, what)))),
        h("dl", { class: "keys" }, ...bandNames.map((band) => h("div", {},
          h("dt", {}, bandBadge(band)), h("dd", {}, bandMeaning[band])))))),
    h("form", { method: "dialog", class: "actions" }, h("button", { class: "primary", autofocus: true }, "Close")),
  );
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
