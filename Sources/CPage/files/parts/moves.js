// What a move of the whole market would do, read by a line that can be dragged.
import { debounce, h } from "../core/dom.js";
import { compact, count, exact, ratio } from "../core/format.js";
import { compare, divide } from "../core/decimal.js";
import { replaceParameters } from "../core/router.js";
import { changeText, exhaustion, movesChart } from "../charts/moves.js";
import { fundOf } from "./totals.js";

/** Draws into a panel: `{draw(book)}`; `asked` is the move of the address. */
export function movesPart(body, asked, signal) {
  const host = h("div", { class: "chart-moves" });
  const sentence = h("p", { class: "readout", "data-testid": "moves-readout" });
  const verdict = h("p", { class: "verdict", "data-testid": "fund-verdict" });
  body.append(sentence, host, verdict);
  let wanted = asked ?? "-0.1";
  let book = null;
  const keep = debounce(250, () => replaceParameters({ move: wanted }));
  signal.addEventListener("abort", () => keep.cancel());
  const chart = movesChart(host, (index) => {
    wanted = book.moves[index].change;
    keep();
    draw();
  });
  const indexOf = () => {
    let best = 0;
    book.moves.forEach((at, index) => {
      const distance = Math.abs(Number(at.change) - Number(wanted));
      if (distance < Math.abs(Number(book.moves[best].change) - Number(wanted))) best = index;
    });
    return best;
  };
  const draw = () => {
    if (!book?.moves?.length) return;
    const fund = fundOf(book);
    const index = indexOf();
    const at = book.moves[index];
    const ofFund = fund === null ? null : divide(at.deficit, fund);
    sentence.replaceChildren(
      "At ", h("b", {}, changeText(at.change)), ": ",
      h("b", { "data-value": at.below }, count(at.below)), " accounts below their line with ",
      h("b", { title: at.maintenanceBelow }, compact(at.maintenanceBelow)), " maintenance; deficit ",
      h("b", { title: at.deficit, "data-value": at.deficit }, compact(at.deficit)),
      ofFund === null ? "" : `, ${compare(ofFund, "10") > 0 ? `${exact(ofFund.split(".")[0])} times` : `${ratio(ofFund, 0)} of`} the fund`,
    );
    const { down, up } = exhaustion(book.moves, fund);
    verdict.replaceChildren(fund === null ? "There is no fund in this currency."
      : down === null && up === null ? "No move of this range uses the fund up."
        : `The fund is used up ${[down, up].filter(Boolean).map(([last, first]) => (
          `between ${last ? changeText(last.change) : "here"} and ${changeText(first.change)}`)).join(", and ")}.`);
    verdict.classList.toggle("is-calm", fund !== null && down === null && up === null);
    chart.update(book.moves, fund, index);
  };
  return {
    draw(next) {
      book = next;
      draw();
    },
  };
}
