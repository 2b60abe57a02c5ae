// Which markets there are, for screens that show one of them.
import { get } from "../core/api.js";

/** The markets as the stream told, or as the node tells now. */
export async function markets(live, signal) {
  return live.value("markets") ?? get("v1/markets", {}, signal);
}
