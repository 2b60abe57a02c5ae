// What only a demo has: a button that makes its market fall, and one that begins again.
import { explained, post } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { age, change } from "../core/format.js";
import { compare, divide, subtract } from "../core/decimal.js";

/** The buttons, hidden until the node says that it is a demo: `{root, draw()}`. */
export function demoPart(live) {
  let crash = null;
  const said = h("span", { class: "demo-said", "data-testid": "demo-said", role: "status" });
  const begin = async () => {
    if (!(await confirmed())) return;
    crash = { at: performance.now(), marks: marksOf(live) };
    draw();
  };
  const again = h("button", { type: "button", class: "tool", "data-testid": "demo-reset", hidden: true, click: async () => {
    try {
      await post("v1/demo/reset");
      crash = null;
      draw();
    } catch (error) {
      setText(said, explained(error) ?? "");
    }
  } }, "Begin again");
  const root = h("span", { class: "demo", "data-testid": "demo", hidden: true },
    h("button", { type: "button", class: "tool danger", "data-testid": "demo-crash", click: begin }, "Crash the market"), again, said);
  const draw = () => {
    root.hidden = live.value("status")?.isDemo !== true;
    again.hidden = crash === null;
    if (crash !== null) setText(said, fallen(crash, marksOf(live)));
    else if (!root.hidden) setText(said, "");
  };
  return { root, draw };
}

function marksOf(live) {
  return new Map((live.value("book")?.markets ?? []).map((market) => [market.symbol, market.mark]));
}

/** The market that has fallen most since the button was pressed. */
function fallen(crash, marks) {
  let worst = null;
  for (const [symbol, before] of crash.marks) {
    const moved = before && marks.get(symbol) ? divide(subtract(marks.get(symbol), before), before) : null;
    if (moved !== null && (worst === null || compare(moved, worst.moved) < 0)) worst = { symbol, moved };
  }
  const since = age(performance.now() - crash.at);
  return worst === null ? `crashing for ${since}` : `${worst.symbol} ${change(worst.moved, 1)} in ${since}`;
}

/** Asks, and does it; `true` once the node has begun. */
function confirmed() {
  return new Promise((resolve) => {
    let isDone = false;
    const problem = h("p", { class: "problem", role: "alert" });
    const act = h("button", { type: "button", class: "danger primary", "data-testid": "demo-confirm", click: async () => {
      act.disabled = true;
      try {
        await post("v1/demo/crash");
        isDone = true;
        dialog.close();
      } catch (error) {
        setText(problem, explained(error) ?? "");
        act.disabled = false;
      }
    } }, "Crash it");
    const dialog = h("dialog", { "aria-labelledby": "crash-title", "data-testid": "crash-dialog" },
      h("h2", { id: "crash-title" }, "Crash the market of this demo?"),
      h("p", {}, "Prices go to 20:50 UTC of 10 October 2025 and fall as they did that evening, thirty times as fast."),
      h("p", {}, "Accounts will be liquidated; each gets a receipt under Events and in the Time machine. Nothing outside this demo is touched."),
      problem,
      h("form", { method: "dialog", class: "actions" }, h("button", { autofocus: true }, "Not now"), act));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(isDone);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
