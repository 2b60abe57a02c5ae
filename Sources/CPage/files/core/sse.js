// Server-sent events by hand: `EventSource` cannot send a key.

/** Takes pieces of text as they arrive and gives whole messages: `{event, data, id}`. */
export class EventParser {
  #rest = "";
  #data = [];
  #event = "";
  /** The last `id:` seen, which belongs to the stream and not to one message. */
  lastId = null;

  /** Messages that became whole with this piece. */
  push(piece) {
    const text = this.#rest + piece;
    // A carriage return at the very end may be the first half of a line end.
    const usable = text.endsWith("\r") ? text.slice(0, -1) : text;
    const lines = usable.split(/\r\n|\n|\r/);
    this.#rest = lines.pop() + text.slice(usable.length);
    return lines.map((line) => this.#line(line)).filter((message) => message !== null);
  }

  #line(line) {
    if (line === "") return this.#message();
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.lastId = value;
    return null;
  }

  #message() {
    const [data, event] = [this.#data, this.#event];
    this.#data = [];
    this.#event = "";
    if (data.length === 0) return null;
    return { event: event || "message", data: data.join("\n"), id: this.lastId };
  }
}
