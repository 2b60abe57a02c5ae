// Alerts as the stream tells them: a snapshot of those that are active, then each that fires or ends.

/** From the worst to the mildest. */
export const severities = ["critical", "warning", "info"];

const keptEnded = 100;

/** What is active now, and what ended lately. */
export class Alerts {
  #active = new Map();
  #ended = [];
  /** Active ones that the snapshot counted and did not list. */
  #unlisted = 0;
  /** Whether the node has told anything about alerts. */
  isTold = false;

  /** The snapshot `{active, items}`. */
  begin(snapshot) {
    if (!Array.isArray(snapshot?.items)) return;
    this.isTold = true;
    this.#active = new Map(snapshot.items.map((alert) => [alert.id, alert]));
    this.#unlisted = Math.max(0, (snapshot.active ?? 0) - this.#active.size);
  }

  /** One alert that fired or ended. */
  take(alert) {
    this.isTold = true;
    if (alert.state === "active") {
      this.#active.set(alert.id, alert);
      return;
    }
    if (!this.#active.delete(alert.id)) this.#unlisted = Math.max(0, this.#unlisted - 1);
    this.#ended = [alert, ...this.#ended].slice(0, keptEnded);
  }

  /** How many are active. */
  get count() {
    return this.#active.size + this.#unlisted;
  }

  /** The active ones, the worst first, then the newest. */
  get active() {
    const place = (alert) => severities.indexOf(alert.severity);
    return [...this.#active.values()].sort((a, b) => place(a) - place(b) || b.id - a.id);
  }

  /** Those that ended, the newest first. */
  get ended() {
    return this.#ended;
  }

  /** The worst severity of those that are active; `null` if there are none. */
  get worst() {
    return this.active[0]?.severity ?? null;
  }
}
