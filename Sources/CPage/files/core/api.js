// Requests to the node that served this page. Nothing else is ever asked.
import { askForKey, currentKey } from "./key.js";

/** What the node answered instead of what was asked for. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail || body?.title || `The node answered ${status}.`);
    this.status = status;
    this.title = body?.title ?? "";
    this.code = body?.code ?? "";
    this.fields = body?.fields ?? [];
  }
}

/** The address of a route, with the venue of this page and the parameters that are not empty. */
export function address(route, parameters = {}) {
  const url = new URL(route, document.baseURI);
  const venue = new URLSearchParams(location.search).get("venue");
  const all = venue ? { venue, ...parameters } : parameters;
  for (const [name, value] of Object.entries(all)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

/** The route of an account, whatever its name is made of. */
export function accountRoute(account, rest = "") {
  return `v1/accounts/${encodeURIComponent(account)}${rest}`;
}

/** The headers that every request carries. */
export function headers(more = {}) {
  const key = currentKey();
  return key ? { Authorization: `Bearer ${key}`, ...more } : { ...more };
}

/** The problem that an answer which is not a success tells about. */
export async function problemOf(response) {
  const body = await response.json().catch(() => null);
  return new Problem(response.status, body);
}

async function request(method, route, { parameters, body, signal } = {}) {
  const send = () => fetch(address(route, parameters), {
    method,
    signal,
    cache: "no-store",
    credentials: "same-origin",
    headers: headers(body === undefined ? {} : { "Content-Type": "application/json" }),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let response = await send();
  if (response.status === 401) {
    const problem = await problemOf(response);
    if (!(await askForKey(problem.message))) throw problem;
    response = await send();
  }
  if (!response.ok) throw await problemOf(response);
  return response.json();
}

/** How often a question is asked again whose answer is not there yet; the node itself waits for 5 s. */
const patience = 3;

/** Asks for a document; the node that says that it is behind is asked again. */
export async function get(route, parameters, signal) {
  for (let left = patience; ; left -= 1) {
    try {
      return await request("GET", route, { parameters, signal });
    } catch (error) {
      if (error.code !== "replica_behind" || left === 0) throw error;
      await new Promise((done) => setTimeout(done, 1_000));
      signal?.throwIfAborted();
    }
  }
}

/** Sends a body, and returns the answer. */
export function post(route, body, signal) {
  return request("POST", route, { body: body ?? {}, signal });
}

/** Replaces a document, and returns it as the node has it now. */
export function put(route, body, signal) {
  return request("PUT", route, { body, signal });
}

/** What went wrong, for people; `null` for a request that was given up. */
export function explained(error) {
  if (error?.name === "AbortError") return null;
  if (error instanceof Problem) {
    if (error.status === 403) return `Not allowed with this key: ${error.message}`;
    return error.title && error.title !== error.message
      ? `${error.title}: ${error.message}` : error.message;
  }
  return "The node cannot be reached.";
}

/**
 * The same question for a terminal; the key is not in it.
 *
 * It goes from the environment to curl's standard input: what stands among the arguments of a process is read by
 * everybody on the machine. `printf` is the shell's own, and no process.
 */
export function curl(route, parameters, body) {
  const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;
  const parts = [`printf 'Authorization: Bearer %s' "$PLIMSOLL_KEY" | curl -s -H @-`];
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  }
  parts.push(quoted(address(route, parameters).href));
  return parts.join(" ");
}

/** The same question for the command line; the key comes from the environment. */
export function command(words) {
  const quoted = (text) => (/^[\w./:@-]+$/.test(text) ? text : `'${String(text).replaceAll("'", "'\\''")}'`);
  return ["plimsoll", ...words.map(quoted), "--server", quoted(new URL(".", document.baseURI).origin)].join(" ");
}
