// The live stream: reads, notices silence, comes back after a drop where it left off.
import { address, headers, problemOf } from "./api.js";
import { askForKey } from "./key.js";
import { EventParser } from "./sse.js";

/** The node sends at least a comment every 15 s; after this long in silence the stream is dead. */
const silenceLimit = 35_000;
const delays = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/**
 * A stream of topics.
 *
 * `onMessage(event, data)` gets each message. `onState(state)` gets
 * `{kind: "connecting" | "live" | "lost" | "refused", reason, retryAt}`.
 */
export class Stream {
  #onMessage;
  #onState;
  #topics = "";
  #account = null;
  #abort = null;
  #timer = 0;
  #attempt = 0;
  #lastId = null;

  constructor({ onMessage, onState }) {
    this.#onMessage = onMessage;
    this.#onState = onState;
    addEventListener("online", () => this.retry());
    addEventListener("offline", () => this.#abort?.abort("offline"));
  }

  /** Reads these topics, and an account or none, from now on; the same ones change nothing. */
  open(topics, account = null) {
    if (topics.join(",") === this.#topics && account === this.#account) return;
    this.#choose(topics, account);
    this.#connect();
  }

  /** Reads these from the beginning, with another key. */
  begin(topics, account) {
    this.#choose(topics, account);
    this.#restart();
  }

  #choose(topics, account) {
    this.#topics = topics.join(",");
    this.#account = account;
    this.#attempt = 0;
  }

  /** Tries now instead of later. */
  retry() {
    if (this.#isOpen && !this.#abort) this.#connect();
  }

  get #isOpen() {
    return this.#topics !== "" || this.#account !== null;
  }

  /** Forgets where it was and begins anew. */
  #restart() {
    this.#lastId = null;
    this.#attempt = 0;
    if (this.#isOpen) this.#connect();
  }

  async #connect() {
    clearTimeout(this.#timer);
    this.#abort?.abort("replaced");
    const abort = new AbortController();
    this.#abort = abort;
    this.#onState({ kind: "connecting" });
    let reason = "The stream ended.";
    try {
      reason = await this.#read(abort);
    } catch (error) {
      if (abort.signal.reason === "replaced") return;
      reason = this.#reasonOf(error, abort);
      if (error.status === 403) {
        this.#abort = null;
        this.#onState({ kind: "refused", reason });
        return;
      }
      if (error.status === 401) {
        this.#abort = null;
        this.#onState({ kind: "refused", reason });
        if (await askForKey(reason)) this.#restart();
        return;
      }
    }
    if (abort.signal.reason === "replaced") return;
    this.#abort = null;
    this.#retryLater(reason);
  }

  #reasonOf(error, abort) {
    if (abort.signal.reason === "silence") return "The node has been silent for too long.";
    if (abort.signal.reason === "offline") return "This machine is offline.";
    return error.status ? error.message : "The node cannot be reached.";
  }

  /** Reads until the end; returns why it ended. */
  async #read(abort) {
    const resume = this.#lastId === null ? {} : { "Last-Event-ID": this.#lastId };
    const response = await fetch(address("v1/stream", { topics: this.#topics, account: this.#account }), {
      headers: headers({ Accept: "text/event-stream", ...resume }),
      cache: "no-store",
      credentials: "same-origin",
      signal: abort.signal,
    });
    if (!response.ok) throw await problemOf(response);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    let reason = "The stream ended.";
    let watchdog = 0;
    try {
      for (;;) {
        clearTimeout(watchdog);
        watchdog = setTimeout(() => abort.abort("silence"), silenceLimit);
        const { done, value } = await reader.read();
        if (done || abort.signal.aborted) return reason;
        for (const message of parser.push(value)) {
          if (message.id !== null) this.#lastId = message.id;
          reason = this.#take(message) ?? reason;
        }
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  /** Hands a message on; returns why the node will close, if this says so. */
  #take(message) {
    let data;
    try {
      data = JSON.parse(message.data);
    } catch {
      return null;
    }
    if (message.event === "snapshot") {
      this.#attempt = 0;
      this.#onState({ kind: "live" });
    }
    this.#onMessage(message.event, data);
    if (message.event !== "closing") return null;
    return data.reason === "slow"
      ? "This page read too slowly." : "The node is shutting down.";
  }

  #retryLater(reason) {
    const base = delays[Math.min(this.#attempt, delays.length - 1)];
    this.#attempt += 1;
    const delay = base * (0.75 + Math.random() / 2);
    this.#onState({ kind: "lost", reason, retryAt: performance.now() + delay });
    this.#timer = setTimeout(() => this.#connect(), delay);
  }
}
