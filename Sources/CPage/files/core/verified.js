// What the last verification of the node says, in words that never go without its age.
import { age, count, moment } from "./format.js";

/**
 * The words for a verification as the status tells of it: `{text, title, isWrong}`.
 *
 * `now` is the time at the node. What has not come to its end says nothing about the book: the one before does.
 */
export function verifiedWords(verification, now) {
  const { state, last = null, problem = null, endedAt = null } = verification ?? { state: "none" };
  const ago = (time) => `${age(Math.max(0, now - time))} ago`;
  if (state === "unavailable") {
    const tried = endedAt === null ? "" : `, tried ${ago(endedAt)}`;
    return { text: `cannot be verified${tried}`, title: `${problem ?? ""} ${ended(last)}`.trim(), isWrong: true };
  }
  const isRunning = state === "running";
  if (last === null) {
    return { text: isRunning ? "first verification is running" : "not verified yet", title: ended(last), isWrong: false };
  }
  const found = finding(last);
  return {
    text: `${found.text} ${ago(last.endedAt)}${isRunning ? ", again now" : ""}`, title: ended(last), isWrong: found.isWrong,
  };
}

function finding({ state, accounts, compared, findingCount }) {
  if (state !== "passed") {
    return { text: `${count(findingCount)} ${findingCount === 1 ? "difference" : "differences"} found`, isWrong: true };
  }
  if (compared === 0) return { text: "no account was compared", isWrong: false };
  return { text: compared < accounts ? `verified ${count(compared)} of ${count(accounts)} accounts` : "verified", isWrong: false };
}

/** The last one in a sentence, for a title. */
function ended(last) {
  if (last === null) return "No verification has come to its end since the node was started.";
  const outcome = last.state === "passed" && last.compared > 0 ? ", everything agrees" : "";
  return `${count(last.compared)} of ${count(last.accounts)} accounts were compared at event ${count(last.seq)}, ${moment(last.endedAt)}${outcome}.`;
}
