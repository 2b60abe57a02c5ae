// The last verification of the node and a button for the next.
import { explained } from "../core/api.js";
import { h, setText } from "../core/dom.js";
import { age, count, exact, moment } from "../core/format.js";
import { accountAnchor } from "./table.js";
import { setStamp } from "./stamp.js";

const words = {
  none: "Not run yet", running: "Running", passed: "Passed: everything agrees", found: "Differences were found",
};

/** Draws into a panel; `ask(isStart)` starts one, or reads the last: `{draw(verification)}`. */
export function verificationPart(part, signal, ask) {
  const state = h("p", { class: "verification", "data-testid": "verification-state" });
  const detail = h("p", { class: "faint" });
  const findings = h("ul", { class: "findings" });
  const problem = h("p", { class: "problem", role: "status" });
  const button = h("button", { type: "button", "data-testid": "verify" }, "Verify now");
  part.body.append(state, detail, findings, problem, h("div", { class: "actions" }, button));
  const draw = (verification) => {
    const last = verification ?? { state: "none" };
    setText(state, words[last.state] ?? last.state);
    state.dataset.state = last.state;
    button.disabled = last.state === "running";
    setText(detail, detailOf(last));
    findings.replaceChildren(...(last.findings ?? []).slice(0, 100).map((finding) => h("li", {},
      finding.account ? accountAnchor(finding.account) : null, ` ${finding.what}: expected ${exact(finding.expected)}, found ${exact(finding.found)}`)));
    setStamp(part.stamp, { seq: last.seq ?? null });
  };
  const load = async (isStart) => {
    try {
      draw(await ask(isStart));
      setText(problem, "");
    } catch (error) {
      const reason = explained(error);
      if (reason) setText(problem, reason);
    }
  };
  button.addEventListener("click", () => load(true));
  load(false);
  return { draw };
}

function detailOf(last) {
  if (last.state === "none") return "The node computes every account again by another way and compares.";
  if (last.state === "running") return `Since ${moment(last.startedAt)}.`;
  const took = last.endedAt && last.startedAt ? `, took ${age(last.endedAt - last.startedAt)}` : "";
  return `${count(last.compared)} figures of ${count(last.accounts)} accounts at ${moment(last.endedAt)}${took}.`;
}
