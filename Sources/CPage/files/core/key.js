// The API key: from the address (`#key=…`, taken out of it at once) or from a dialog; kept for the tab.
import { h } from "./dom.js";

const place = "plimsoll.key";
let key = null;

function read() {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return null;
  }
}

function keep(value) {
  key = value;
  try {
    if (value) sessionStorage.setItem(place, value);
    else sessionStorage.removeItem(place);
  } catch {
    // Storage may be forbidden; then the key lives as long as the page.
  }
}

/** Takes a key out of the address bar and its history; `true` if there was one. */
export function takeKeyFromAddress() {
  const match = /^#key=([^&]+)/.exec(location.hash);
  key ??= read();
  if (!match) return false;
  let given = match[1];
  try {
    given = decodeURIComponent(given);
  } catch {
    // It was not percent-encoded; it is the key as it stands.
  }
  keep(given);
  history.replaceState(null, "", `${location.pathname}${location.search}#/bridge`);
  dialog?.close(taken);
  return true;
}

/** The key, or `null`. */
export function currentKey() {
  return key;
}

let asking = null;
/** The dialog while it asks, and what it returns where the key came by the address meanwhile. */
let dialog = null;
const taken = "taken";

/** Asks for a key; resolves with `true` once there is another one, with `false` if the user gave up. */
export function askForKey(reason) {
  asking ??= new Promise((resolve) => {
    const input = h("input", {
      id: "key-input", type: "password", autocomplete: "off", spellcheck: "false", required: true,
    });
    const form = h(
      "form", { method: "dialog" },
      h("h2", { id: "key-title" }, "A key is needed"),
      h("p", {}, reason),
      h("label", { for: "key-input" }, "API key"),
      input,
      h("p", { class: "faint" },
        "It stays in this tab and is forgotten with it. A link that ends with #key=… gives it too."),
      h("div", { class: "actions" },
        h("button", { type: "button", click: () => dialog.close("") }, "Not now"),
        h("button", { type: "submit", class: "primary", value: "use" }, "Use this key")),
    );
    dialog = h("dialog", { "aria-labelledby": "key-title", "data-testid": "key-dialog" }, form);
    dialog.addEventListener("close", () => {
      const given = dialog.returnValue === "use" ? input.value.trim() : "";
      if (given) keep(given);
      const isThere = given !== "" || dialog.returnValue === taken;
      dialog.remove();
      [asking, dialog] = [null, null];
      resolve(isThere);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}
