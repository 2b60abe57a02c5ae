// Screens have addresses: `#/account/alice?shock=BTCUSDT:-0.12`. The address is the whole state.

/** Reads an address: `{screen, parts, parameters}`. */
export function parseRoute(hash) {
  const [path, query = ""] = hash.replace(/^#\/?/, "").split("?");
  const parts = path.split("/").filter((part) => part !== "").map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
  return {
    screen: parts[0] ?? "bridge",
    parts: parts.slice(1),
    parameters: new URLSearchParams(query),
  };
}

/** Writes an address; parameters that are empty are left out. */
export function route(screen, parts = [], parameters = {}) {
  const path = [screen, ...parts.map(encodeURIComponent)].join("/");
  const query = new URLSearchParams(
    Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== ""),
  ).toString();
  return `#/${path}${query ? `?${query}` : ""}`;
}

/** The address of an account. */
export function accountLink(account) {
  return route("account", [account]);
}

/** Changes parameters of the present address without a step in the history. */
export function replaceParameters(changes) {
  const { screen, parts, parameters } = parseRoute(location.hash);
  const all = { ...Object.fromEntries(parameters), ...changes };
  history.replaceState(null, "", route(screen, parts, all));
}
