// The head of the page: where one is, how fresh everything is, and what is wrong with the stream.
import { h, setAttribute, setText } from "../core/dom.js";
import { age, count } from "../core/format.js";

const stateWords = { connecting: "CONNECTING", live: "LIVE", lost: "LOST", refused: "NOT ALLOWED" };
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

  /** Marks the screen that is shown. */
  select(screen) {
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
    const copy = h("button", { type: "button", class: "tool", "data-testid": "copy-curl" }, "Copy as curl");
    copy.addEventListener("click", async () => {
      const done = await copied(actions.commands().join("\n"));
      setText(copy, done ? "Copied" : "Not allowed");
      setTimeout(() => setText(copy, "Copy as curl"), 1500);
    });
    strip.append(...Object.values(this.#cells), copy);
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
    document.body.dataset.stream = kind;
    setText(cells.state, stateWords[kind]);
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
    setText(cells.replica, `replica ${count(status.replica.lag)} ms behind`);
    setText(cells.verified, verifiedText(status.verification));
  }
}

/** Reasons of the node may come without a full stop. */
function sentence(text) {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function verifiedText(verification) {
  const words = { passed: "verified", running: "verifying", found: "verification found differences" };
  return words[verification?.state] ?? "not verified yet";
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
