// The last verification of the node and a button for the next.
import { explained, get, post } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { age, count, exact, moment } from "../core/format.js";
import { verifiedWords } from "../core/verified.js";
import { accountAnchor } from "./table.js";
import { setStamp } from "./stamp.js";

const address = "v1/verification";
const shown = 100;

const words = {
  none: "Not run yet", running: "Running", passed: "Passed: everything agrees", found: "Differences were found", nothing: "No account was compared",
  cancelled: "Given up: the node ended meanwhile", unavailable: "It cannot be done", unknown: "Not here",
};

/** Draws into a panel: `{draw(verification)}`, which takes what the status says of it; `now()` is the node's time. */
export function verificationPart(part, now, signal) {
  const state = h("p", { class: "verification", "data-testid": "verification-state" });
  const detail = h("p", { class: "faint" });
  const findings = h("ul", { class: "findings", "data-testid": "findings" });
  const problem = h("p", { class: "problem", role: "status" });
  const button = h("button", { type: "button", "data-testid": "verify", hidden: true }, "Verify now");
  part.body.append(state, detail, findings, problem, h("div", { class: "actions" }, button));
  let last = null;
  const draw = (next) => {
    last = next;
    // Without an account nothing was looked at, and so nothing agrees.
    const shownState = last.state === "passed" && last.compared === 0 ? "nothing" : last.state;
    setText(state, words[shownState] ?? shownState);
    state.dataset.state = shownState;
    button.hidden = last.state === "unknown";
    button.disabled = last.state === "running";
    setText(detail, detailOf(last, now()));
    setStamp(part.stamp, { seq: last.seq ?? null, base: last.endedAt ? Math.max(0, now() - last.endedAt) : 0, isPast: true });
  };
  const read = async (ask) => {
    try {
      const answer = await ask();
      draw(answer);
      findings.replaceChildren(...answer.findings.slice(0, shown).map(finding), ...rest(answer));
      setText(problem, "");
    } catch (error) {
      if (error.status === 404) draw({ state: "unknown" });
      else if (explained(error)) setText(problem, explained(error));
    }
  };
  button.addEventListener("click", () => read(() => post(address, undefined, signal)));
  read(() => get(address, {}, signal));
  return {
    draw(next) {
      if (!next || last === null || last.state === "unknown") return;
      const isOver = next.state !== last.state || next.endedAt !== last.endedAt;
      draw({ ...last, ...next });
      if (isOver && next.state !== "running") read(() => get(address, {}, signal));
    },
  };
}

function finding(one) {
  return h("li", {}, one.account ? accountAnchor(one.account) : h("b", {}, one.kind ?? ""),
    ` ${one.what}: expected ${value(one.expected)}, found ${value(one.found)}`);
}

function value(text) {
  const shownAs = exact(text);
  return shownAs === "\u2014" ? String(text) : shownAs;
}

function rest(answer) {
  const more = (answer.findingCount ?? answer.findings.length) - Math.min(shown, answer.findings.length);
  return more > 0 ? [h("li", { class: "faint" }, `and ${count(more)} more`)] : [];
}

function detailOf(last, now) {
  const every = last.every > 0 ? ` It runs every ${age(last.every * 1000)}.` : last.every === 0 ? " It runs when it is asked for." : "";
  switch (last.state) {
    case "unknown": return "This node does not answer questions about verification.";
    case "none": return `The node computes every account again by another way and compares.${every}`;
    case "running": return `Since ${moment(last.startedAt)}${last.followed ? `, followed to event ${count(last.followed)}` : ""}.${before(last, now)}`;
    case "unavailable": return `${last.problem ?? "The node does not say why."}${before(last, now)}`;
    case "cancelled": return `Begun at ${moment(last.startedAt)}.${every}${before(last, now)}`;
    default: {
      const took = last.endedAt && last.startedAt ? `, in ${age(last.endedAt - last.startedAt)}` : "";
      return `${count(last.compared)} of ${count(last.accounts)} accounts compared at ${moment(last.endedAt)}${took}.${every}`;
    }
  }
}

/** How the one before ended, where the present one has not, or could not. */
function before({ last }, now) {
  return last ? ` Before that: ${verifiedWords({ ...last, last }, now).text}.` : " None came to its end before.";
}
