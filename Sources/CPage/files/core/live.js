// What the stream has told so far, and since when. Screens read from here and never from the stream.
import { Alerts } from "./alerts.js";
import { get } from "./api.js";
import { Stream } from "./stream.js";
import { Trail } from "./trail.js";

const kept = 600;
/** The node's history follows its journal by a moment: it is asked again after these pauses, until it is far enough. */
const lateHistory = [0, 500, 1_000, 2_000, 4_000, 8_000, 16_000];
const common = ["book", "markets", "status", "effects", "alerts"];

/** The present state of each topic with the time of its arrival, and the last effects. */
export class Live {
  /** topic → `{value, at}`; `at` is on the page's own clock. */
  #topics = new Map();
  #listeners = new Set();
  #pending = new Set();
  #account = null;
  #stream;
  /** Rises where what was seen is forgotten: an answer to a question of before says nothing any more. */
  #life = 0;
  /** `{kind, reason, retryAt, since}` of the stream; `isNarrow`: only an account, because of `refusal`. */
  state = { kind: "connecting", since: performance.now() };
  /** Effects newest first: `{seq, time, effects}`, or `{gap: {from, to}}`. */
  effects = [];
  /** The alerts that are active, and those that ended while this page was open. */
  alerts = new Alerts();
  /** What the last minutes were like, as far as this page has seen them. */
  trail = new Trail();

  constructor() {
    this.#stream = new Stream({
      onMessage: (event, data) => this.#take(event, data),
      onState: (state) => this.#enter(state),
    });
  }

  /** Begins to read, with one account among the topics or none. */
  follow(account) {
    this.#account = account;
    for (const topic of this.#topics.keys()) {
      if (topic.startsWith("account:") && topic !== `account:${account}`) this.#topics.delete(topic);
    }
    this.#stream.open(this.state.isNarrow && account !== null ? [] : common, account);
  }

  /** Begins anew after the key changed; what the other key saw is not for this one. */
  restart() {
    this.state = { ...this.state, isNarrow: false, refusal: null };
    this.#forget();
    this.alerts = new Alerts();
    this.#stream.begin(common, this.#account);
    this.loadEffects().catch(() => {});
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

  /** Fetches the effects that the stream did not bring: those before it began, or those of a gap. Returns how far the node's history goes, −1 where the question is of before. */
  async loadEffects() {
    const life = this.#life;
    const answer = await get("v1/events", { limit: kept });
    if (life !== this.#life) return -1;
    for (const entry of entries(answer.items)) this.#merge(entry);
    this.#changed("effects");
    return answer.seq;
  }

  #take(event, data) {
    const at = performance.now();
    const set = (topic, value) => {
      this.#topics.set(topic, { value, at });
      this.#changed(topic.startsWith("account:") ? "account" : topic);
    };
    if (event === "snapshot") {
      this.#begin(data.seq);
      if (!this.state.isNarrow) this.#reach(data.seq);
      for (const [topic, value] of Object.entries(data.topics ?? {})) {
        if (topic === "alerts") {
          this.alerts.begin(value);
          this.#changed("alerts");
        } else if (value && !Array.isArray(value)) {
          set(topic, value);
        }
      }
    } else if (event === "account") {
      set(`account:${data.account}`, data);
    } else if (["book", "markets", "status"].includes(event)) {
      set(event, data);
      if (event === "book") this.trail.add(data, at);
    } else if (event === "effects") {
      this.#merge(data);
      this.#changed("effects");
    } else if (event === "gap") {
      this.#fill(data);
    } else if (event === "alert") {
      this.alerts.take(data);
      this.#changed("alerts");
    }
  }

  /** A node whose history is shorter than what was seen has lost it, or is another one: begin anew. */
  #begin(seq) {
    const seen = Math.max(0, ...this.effects.map(order), ...[...this.#topics.values()].map(({ value }) => value.seq ?? 0));
    if (seq >= seen) return;
    this.#forget();
    this.#changed("another");
    this.loadEffects().catch(() => {});
  }

  #forget() {
    this.#life += 1;
    this.effects = [];
    this.#topics.clear();
    this.trail = new Trail();
    this.#changed("anew");
  }

  /**
   * Keeps what one event caused, newest first.
   *
   * It comes once for each topic: whole for the book, in part for an account. The larger one stays.
   */
  #merge(entry) {
    const index = this.effects.findIndex((one) => order(one) <= entry.seq);
    const present = index < 0 ? null : this.effects[index];
    if (present && !present.gap && present.seq === entry.seq) {
      if (entry.effects.length > present.effects.length) this.effects[index] = entry;
      return;
    }
    this.effects.splice(index < 0 ? this.effects.length : index, 0, entry);
    if (this.effects.length > kept) this.effects.length = kept;
  }

  /** Asks for the node's history, which is late by a moment, until it has everything up to an event; `false`: it never had. */
  async #reach(seq) {
    const life = this.#life;
    for (const wait of lateHistory) {
      await new Promise((done) => setTimeout(done, wait));
      if (life !== this.#life) return false;
      if (await this.loadEffects().catch(() => -1) >= seq) return true;
    }
    return false;
  }

  /** Shows the gap until the node's history has filled it; else it stays in the list and says what is missing. */
  async #fill(gap) {
    const hole = { gap, seq: gap.to, effects: [] };
    this.#merge(hole);
    this.#changed("effects");
    if (!await this.#reach(gap.to)) return;
    this.effects = this.effects.filter((entry) => entry !== hole);
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

/** Lists of effects have one item for each effect: one entry an event, its effects in their order. */
export function entries(items) {
  const events = new Map();
  for (const item of items ?? []) {
    const event = events.get(item.seq);
    if (event) event.effects.unshift(...item.effects);
    else events.set(item.seq, { seq: item.seq, time: item.time, effects: [...item.effects] });
  }
  return [...events.values()];
}
