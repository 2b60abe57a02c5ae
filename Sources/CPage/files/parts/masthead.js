// The head of the page: where one is, how fresh everything is, and what is wrong with the stream.
import { h, setAttribute, setText } from "../core/dom.js";
import { age, count } from "../core/format.js";
import { verifiedWords } from "../core/verified.js";
import { demoPart } from "./demo.js";
import { severityShape } from "./alerts.js";

const stateWords = { connecting: "CONNECTING", live: "LIVE", lost: "LOST", refused: "NOT ALLOWED" };
/** Samples come several times a second; after this long without one, numbers are not called live. */
const lateAfter = 5_000;
const themes = ["system", "light", "dark"];

/** The masthead, the strip of freshness and the banner. */
export class Masthead {
  #live;
  #banner = document.getElementById("banner");
  #note = "";
  #cells = {};
  #isInterrupted = false;

  /** `actions`: `askForKey()`, `openHelp()`, `commands()`, which are the screen's questions for a terminal. */
  constructor(live, actions) {
    this.#live = live;
    this.#makeStrip(actions);
    document.getElementById("key").addEventListener("click", actions.askForKey);
    document.getElementById("help").addEventListener("click", actions.openHelp);
    this.#makeTheme(document.getElementById("theme"));
    this.#retry = h("button", { type: "button", click: () => live.retry() }, "Try now");
    this.#banner.append(this.#text, this.#retry);
  }

  #text = h("span", {});
  #retry;
  #demo;
  #commands;

  /** Marks the screen that is shown; `hasCommands`: the command line can answer its questions. */
  select(screen, hasCommands) {
    this.#commands.hidden = !hasCommands;
    for (const link of document.querySelectorAll("#tabs a")) {
      setAttribute(link, "aria-current", link.dataset.screen === screen ? "page" : null);
    }
  }

  /** Says something that is wrong beside the stream; `null` says nothing. */
  note(text) {
    this.#note = text ?? "";
    this.#drawBanner();
  }

  /** Draws what changed. */
  update(changed) {
    if (changed.has("state")) {
      const { kind } = this.#live.state;
      if (kind === "lost") this.#isInterrupted = true;
      if (kind === "live") [this.#isInterrupted, this.#note] = [false, ""];
      this.#drawBanner();
    }
    this.#drawStrip();
  }

  /** Lets times go on. */
  tick() {
    this.#drawStrip();
    if (this.#isInterrupted) this.#drawBanner();
  }

  #makeStrip(actions) {
    const strip = document.getElementById("strip");
    for (const name of ["state", "lag", "seq", "marks", "rulebook", "replica", "verified"]) {
      this.#cells[name] = h("span", { class: `strip-${name}`, "data-testid": `strip-${name}` });
    }
    this.#cells.alerts = h("a", { class: "strip-alerts", href: "#/alerts", "data-testid": "strip-alerts", hidden: true });
    this.#demo = demoPart(this.#live);
    this.#commands = copyButton("CLI", () => actions.commands("cli"));
    strip.append(...Object.values(this.#cells), h("span", { class: "strip-tools" }, this.#demo.root,
      copyButton("curl", () => actions.commands("curl")), this.#commands));
  }

  #makeTheme(button) {
    const root = document.documentElement;
    const draw = () => {
      const theme = root.dataset.theme ?? "system";
      setText(button, theme === "system" ? "Auto" : theme === "light" ? "Light" : "Dark");
      button.title = `Theme: ${theme}`;
    };
    button.addEventListener("click", () => {
      const next = themes[(themes.indexOf(root.dataset.theme ?? "system") + 1) % themes.length];
      if (next === "system") delete root.dataset.theme;
      else root.dataset.theme = next;
      try {
        localStorage.setItem("plimsoll.theme", next);
      } catch {
        // Storage may be forbidden; then the theme lives as long as the page.
      }
      draw();
    });
    draw();
  }

  #drawBanner() {
    const { kind, reason, retryAt, isNarrow, refusal } = this.#live.state;
    let text = this.#note;
    if (this.#isInterrupted) {
      const wait = kind === "lost" ? `, again in ${age(Math.max(0, retryAt - performance.now()))}` : "";
      text = `The stream dropped. ${kind === "lost" ? sentence(reason) : "Trying now."} Numbers stay and grow old${wait}.`;
    } else if (kind === "refused") {
      text = `Not allowed with this key: ${sentence(reason)}`;
    } else if (isNarrow) {
      text = `This key does not see the book: ${sentence(refusal)}`;
    }
    setText(this.#text, text);
    this.#banner.hidden = text === "";
    this.#retry.hidden = kind !== "lost";
  }

  #drawStrip() {
    const { kind } = this.#live.state;
    const book = this.#live.value("book");
    const status = this.#live.value("status");
    const at = this.#live.at("book") ?? this.#live.at("status");
    const cells = this.#cells;
    drawAlerts(cells.alerts, this.#live.alerts);
    this.#demo.draw();
    // A stream that is open and brings nothing new is not live.
    const isLate = kind === "live" && at !== null && performance.now() - at > lateAfter;
    document.body.dataset.stream = isLate ? "late" : kind;
    setText(cells.state, isLate ? "LATE" : stateWords[kind]);
    cells.state.title = isLate ? "The stream is open, but the node sends no new sample: it is busy." : "";
    if (at !== null) setText(cells.lag, `updated ${age(performance.now() - at)} ago`);
    const seq = book?.seq ?? status?.seq;
    if (seq !== undefined) setText(cells.seq, `seq ${count(seq)}`);
    if (book) {
      const fresh = book.markets.filter((market) => !market.isStale).length;
      setText(cells.marks, `marks ${fresh}/${book.markets.length} fresh`);
      cells.marks.classList.toggle("is-notable", fresh < book.markets.length || book.stale.length > 0);
      cells.marks.title = book.stale.length > 0 ? `Stale: ${book.stale.join(", ")}` : "";
      setText(cells.rulebook, `${book.rulebook.id}@${book.rulebook.version}`);
      cells.rulebook.title = `Rulebook hash ${book.rulebook.hash}`;
    }
    if (!status) return;
    setText(document.getElementById("venue"), status.venue);
    setText(cells.replica, status.replica.lag === 0 ? "replica up to date" : `replica ${count(status.replica.lag)} ${status.replica.lag === 1 ? "event" : "events"} behind`);
    const verified = verifiedWords(status.verification, this.#live.now());
    setText(cells.verified, verified.text);
    cells.verified.title = verified.title;
    cells.verified.classList.toggle("is-problem", verified.isWrong);
  }
}

/** How many alerts are active, by the worst; nothing where the node has none to tell. */
function drawAlerts(cell, alerts) {
  cell.hidden = !alerts.isTold;
  const worst = alerts.worst;
  const text = alerts.count === 0 ? "no alerts" : `${count(alerts.count)} ${alerts.count === 1 ? "alert" : "alerts"}`;
  if (cell.dataset.severity === String(worst) && cell.textContent === text) return;
  cell.dataset.severity = worst;
  cell.replaceChildren(...(worst === null ? [] : [severityShape(worst)]), text);
}

/** Where the key of a copied question comes from. */
const keyWords = {
  curl: "The key is not copied: it is read from the environment variable PLIMSOLL_KEY, and given to curl on its standard input, so that no list of processes shows it.",
  CLI: "The key is not copied: it is read from the environment variable PLIMSOLL_KEY.",
};

/** Reasons of the node may come without a full stop. */
function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A button that copies the questions of the screen in one form. */
function copyButton(form, text) {
  const name = `Copy as ${form}`;
  const button = h("button", { type: "button", class: "tool", "data-testid": `copy-${form.toLowerCase()}`, title: keyWords[form] }, name);
  button.addEventListener("click", async () => {
    setText(button, (await copied(text().join("\n"))) ? "Copied" : "Not allowed");
    setTimeout(() => setText(button, name), 1500);
  });
  return button;
}

/** Puts a text on the clipboard; `false` where that is not allowed. */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without a secure context there is no such API: a selected field does it.
    const field = h("textarea", { class: "unseen" });
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
