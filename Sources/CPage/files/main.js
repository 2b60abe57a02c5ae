// Begins: takes the key, opens the stream, shows the screen that the address names.
import { command, curl, explained, get } from "./core/api.js";
import { h } from "./core/dom.js";
import { forDrawing } from "./core/format.js";
import { askForKey, takeKeyFromAddress } from "./core/key.js";
import { Live } from "./core/live.js";
import { parseRoute, replaceParameters } from "./core/router.js";
import { openHelp, watchKeyboard } from "./parts/keyboard.js";
import { Masthead } from "./parts/masthead.js";
import { emptyState } from "./parts/panel.js";
import { makeSearch } from "./parts/search.js";
import { ageStamps } from "./parts/stamp.js";
import * as account from "./screens/account.js";
import * as alerts from "./screens/alerts.js";
import * as adl from "./screens/adl.js";
import * as bridge from "./screens/bridge.js";
import * as health from "./screens/health.js";
import * as map from "./screens/map.js";
import * as time from "./screens/time.js";

const screens = { bridge, account, map, adl, health, alerts, time };
/** What an address says of one book, and of no other. */
const ofTheBook = ["at", "seq", "price", "range"];
/** Screens without a tab of their own stand under another's. */
const tabs = { alerts: "health" };
const main = document.getElementById("main");

takeKeyFromAddress();
const live = new Live();
const masthead = new Masthead(live, {
  askForKey: async () => {
    if (await askForKey("The node takes requests with a key.")) live.restart();
  },
  openHelp,
  commands: (form) => (form === "cli"
    ? (current?.cli?.() ?? []).map(command) : (current?.curl() ?? []).map((question) => curl(...question))),
});
const search = makeSearch(document.getElementById("search"), live);
watchKeyboard({ search: () => search.focus() });

// The ratios at which bands begin are the rulebook's; these hold until it is read.
let thresholds = { watch: 0.5, call: 0.8 };
let rules = null;
let rulebook = null;
let current = null;
let leaving = new AbortController();

/** Shows the screen of the present address. */
function show() {
  const route = parseRoute(location.hash);
  leaving.abort();
  leaving = new AbortController();
  document.querySelectorAll("dialog[open].drawer").forEach((drawer) => drawer.remove());
  main.replaceChildren();
  const screen = screens[route.screen];
  if (screen) {
    current = screen.mount(main, {
      live, route, thresholds: () => thresholds, rules: () => rules, signal: leaving.signal,
    });
  } else {
    current = null;
    main.append(emptyState("There is no such screen", location.hash, h("a", { href: "#/bridge" }, "To the bridge")));
  }
  masthead.select(screen ? tabs[route.screen] ?? route.screen : null, current?.cli !== undefined);
  document.title = `${current?.title ?? "Not found"} · Plimsoll`;
}

/** Reads at which ratios the bands of this venue begin. */
async function readRules(id) {
  try {
    rules = await get(`v1/rulebooks/${encodeURIComponent(id)}`);
    thresholds = {
      watch: forDrawing(rules.thresholds?.watch) ?? thresholds.watch,
      call: forDrawing(rules.thresholds?.call) ?? thresholds.call,
    };
    current?.update(new Set(["rules"]));
  } catch (error) {
    masthead.note(explained(error));
  }
}

live.listen((changed) => {
  const book = live.value("book");
  if (book && book.rulebook.hash !== rulebook) {
    rulebook = book.rulebook.hash;
    readRules(book.rulebook.id);
  }
  masthead.update(changed);
  if (changed.has("another")) replaceParameters(Object.fromEntries(ofTheBook.map((name) => [name, null])));
  if (changed.has("anew")) show();
  else current?.update(changed);
});
addEventListener("hashchange", () => {
  if (takeKeyFromAddress()) live.restart();
  show();
  scrollTo(0, 0);
});
document.getElementById("skip").addEventListener("click", () => main.focus());
setInterval(() => {
  ageStamps();
  masthead.tick();
}, 250);

live.follow(null);
show();
live.loadEffects().catch((error) => masthead.note(explained(error)));
