// What the stream has told so far, and since when. Screens read from here and never from the stream.
import { get } from "./api.js";
import { Stream } from "./stream.js";

const kept = 600;
const common = ["book", "markets", "status", "effects", "alerts"];

/** The present state of each topic with the time of its arrival, and the last effects. */
export class Live {
  /** topic → `{value, at}`; `at` is on the page's own clock. */
  #topics = new Map();
  #listeners = new Set();
  #pending = new Set();
  #account = null;
  #stream;
  /** `{kind, reason, retryAt, since}` of the stream; `isNarrow`: only an account, because of `refusal`. */
  state = { kind: "connecting", since: performance.now() };
  /** Effects newest first: `{seq, time, effects}`, or `{gap: {from, to}}`. */
  effects = [];
  /** Alerts newest first, since the page was opened. */
  alerts = [];

  constructor() {
    this.#stream = new Stream({
      onMessage: (event, data) => this.#take(event, data),
      onState: (state) => this.#enter(state),
    });
  }

  /** Begins to read, with one account among the topics or none. */
  follow(account) {
    this.#account = account;
    const own = account === null ? [] : [`account:${account}`];
    this.#stream.open(this.state.isNarrow && own.length > 0 ? own : [...common, ...own]);
  }

  /** Begins anew after the key changed. */
  restart() {
    this.state = { ...this.state, isNarrow: false, refusal: null };
    this.#stream.restart();
  }

  /** Tries to connect now. */
  retry() {
    this.#stream.retry();
  }

  /** The last value of a topic, or `null`. */
  value(topic) {
    return this.#topics.get(topic)?.value ?? null;
  }

  /** When the last value of a topic arrived, on the page's clock. */
  at(topic) {
    return this.#topics.get(topic)?.at ?? null;
  }

  /** The time at the node, as far as its last sample tells. */
  now() {
    const book = this.#topics.get("book");
    const told = book?.value.sampledAt ?? book?.value.asOf;
    return told === undefined ? Date.now() : Math.round(told + performance.now() - book.at);
  }

  /** Calls `listener(set of what changed)` at most once a frame; returns how to stop it. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Fetches the effects before the stream began. */
  async loadEffects() {
    const answer = await get("v1/events", { limit: 200 });
    const known = new Set(this.effects.map((entry) => entry.seq));
    const older = entries(answer.items).filter((entry) => !known.has(entry.seq));
    this.effects = [...this.effects, ...older].sort((a, b) => order(b) - order(a)).slice(0, kept);
    this.#changed("effects");
  }

  #take(event, data) {
    const at = performance.now();
    const set = (topic, value) => {
      this.#topics.set(topic, { value, at });
      this.#changed(topic.startsWith("account:") ? "account" : topic);
    };
    if (event === "snapshot") {
      for (const [topic, value] of Object.entries(data.topics ?? {})) {
        if (value && !Array.isArray(value)) set(topic, value);
      }
    } else if (event === "account") {
      set(`account:${data.account}`, data);
    } else if (["book", "markets", "status"].includes(event)) {
      set(event, data);
    } else if (event === "effects") {
      if (this.effects.some((entry) => entry.seq === data.seq)) return;
      this.#remember(data);
    } else if (event === "gap") {
      this.#remember({ gap: data, seq: data.to });
    } else if (event === "alert") {
      this.alerts = [data, ...this.alerts].slice(0, kept);
      this.#changed("alerts");
    }
  }

  #remember(entry) {
    this.effects.unshift(entry);
    if (this.effects.length > kept) this.effects.length = kept;
    this.#changed("effects");
  }

  #enter(state) {
    // A key that sees one account may not read the book; that account it may.
    if (state.kind === "refused" && this.#account !== null) {
      if (!this.state.isNarrow) {
        this.state = { ...state, since: performance.now(), isNarrow: true, refusal: state.reason };
        this.follow(this.#account);
        return;
      }
    }
    const isSame = state.kind === this.state.kind;
    this.state = {
      ...state,
      isNarrow: this.state.isNarrow,
      refusal: this.state.refusal,
      since: isSame ? this.state.since : performance.now(),
    };
    this.#changed("state");
  }

  #changed(what) {
    if (this.#pending.size === 0) {
      requestAnimationFrame(() => {
        const changed = this.#pending;
        this.#pending = new Set();
        for (const listener of [...this.#listeners]) listener(changed);
      });
    }
    this.#pending.add(what);
  }
}

const order = (entry) => entry.seq ?? 0;

/** Lists of effects come as one entry an event, or as one effect an entry. */
export function entries(items) {
  return (items ?? []).map((item) => (
    item.effects ? item : { seq: item.seq, time: item.time, effects: [item] }
  ));
}
