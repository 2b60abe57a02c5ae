// The feed of effects: what changed, newest first, in words that lead to the account or the receipt.
import { h, keyed, setText } from "../core/dom.js";
import { clock, count, moment } from "../core/format.js";
import { route } from "../core/router.js";
import { effectWords } from "../core/words.js";
import { bandShape } from "./band.js";
import { choice, emptyState } from "./panel.js";
import { accountAnchor } from "./table.js";

const filters = {
  risk: (words) => words.category === "standing" || words.category === "enforcement",
  enforcement: (words) => words.category === "enforcement",
  all: () => true,
};

/** A feed: `{root, tools, draw(entries)}`; `entries` as `Live` keeps them. */
export function eventFeed({ shown = 60, filter = "risk", quiet, keep = () => {} }) {
  let chosen = filters[filter] ? filter : "all";
  let last = [];
  const list = h("ol", { class: "feed", "data-testid": "feed" });
  const empty = emptyState("Nothing yet", quiet);
  const root = h("div", { class: "feed-box" }, list, empty);
  const draw = (entries) => {
    last = entries;
    const rows = flatten(entries, filters[chosen], shown);
    empty.hidden = rows.length > 0;
    keyed(list, rows, (row) => row.key, makeRow, () => {});
  };
  const tools = choice("Which events", [["risk", "Risk"], ["enforcement", "Enforcement"], ["all", "All"]], chosen,
    (value) => {
      chosen = value;
      keep(value);
      draw(last);
    });
  return { root, tools, draw };
}

/** One row for each effect that is wanted, until there are enough. */
function flatten(entries, wanted, shown) {
  const rows = [];
  for (const entry of entries) {
    if (entry.gap) {
      rows.push({ key: `gap-${entry.gap.from}-${entry.gap.to}`, gap: entry.gap });
    } else {
      entry.effects.forEach((effect, index) => {
        const words = effectWords(effect);
        if (wanted(words)) rows.push({ key: `${entry.seq}-${index}`, words, entry });
      });
    }
    if (rows.length >= shown) break;
  }
  return rows.slice(0, shown);
}

function makeRow(row) {
  if (row.gap) {
    return h("li", { class: "feed-gap" },
      `Effects ${count(row.gap.from)} to ${count(row.gap.to)} are no longer kept by the node.`);
  }
  const { words, entry } = row;
  const time = h("time", { title: `${moment(entry.time)}, seq ${entry.seq}` });
  setText(time, clock(entry.time));
  const line = h("p", {},
    words.account ? accountAnchor(words.account) : null,
    words.account ? " " : null, words.text,
    words.liquidation !== null
      ? h("a", { class: "receipt", href: route("time", ["liquidation", String(words.liquidation)]) },
        `receipt ${words.liquidation}`)
      : null);
  return h("li", { "data-seq": entry.seq, "data-category": words.category },
    time, words.band ? bandShape(words.band) : h("span", { class: "shape-space" }),
    h("div", {}, line, words.detail ? h("p", { class: "faint" }, words.detail) : null));
}
