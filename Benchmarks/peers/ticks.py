"""W2 with numpy, one thread: after each tick, which accounts are in breach?

Usage: ticks.py DIR

Equity and maintenance of every account are kept; a tick goes through all holders of its instrument.
An account counts as down if it was in breach at the start or after any tick.

numpy       what one writes first: all lines of every holder, at the mark before and after
numpy-best  each holder's maintenance is kept as well, and brackets above the first are computed
            only where they are needed

Every tick of the top instrument does the same work, so only the first 100 of each of its files are
run (prefix_ticks, answer down_at_prefix). The mixed files are run whole (answer down_at_end), by
numpy-best alone.
"""
import sys

import numpy as np

from timing import emit, read, repeat, spread

BRACKETS = 5
RUNS = 3
PREFIX_TICKS = 100
TICK = np.dtype([("instrument", "<u4"), ("zero", "<u4"), ("mark", "<f8")])


class Book:
    def __init__(self, folder):
        self.start_mark = read(folder, "mark2", "f8")
        self.rate = read(folder, "rate", "f8").reshape(-1, BRACKETS)
        self.deduction = read(folder, "ded", "f8").reshape(-1, BRACKETS)
        self.floor = read(folder, "floor", "f8").reshape(-1, BRACKETS)
        wallet = read(folder, "wallet", "f8")
        account = read(folder, "acct", "u4").astype(np.intp)
        quantity = read(folder, "qty", "f8")
        entry = read(folder, "entry", "f8")

        # The positions by instrument: ends[i] to ends[i + 1] are those of instrument i.
        instrument = read(folder, "inst", "u2")
        order = np.argsort(instrument, kind="stable")
        self.ends = np.searchsorted(instrument[order], np.arange(self.start_mark.size + 1))
        self.holder = account[order]
        self.quantity = quantity[order]
        self.size = np.abs(self.quantity)

        self.start_charge = np.empty(quantity.size)
        self.start_equity = wallet.copy()
        for i, mark in enumerate(self.start_mark):
            own = self.positions_of(i)
            self.start_charge[own] = self.maintenance(i, self.size[own] * mark)
            # An account holds an instrument once, so no index appears twice.
            self.start_equity[self.holder[own]] += self.quantity[own] * (mark - entry[order[own]])
        self.start_required = np.bincount(self.holder, self.start_charge, wallet.size)
        self.start_over()

    def positions_of(self, instrument):
        return slice(self.ends[instrument], self.ends[instrument + 1])

    def maintenance(self, instrument, notional):
        """The first bracket's rate, and for the few above it the highest of the lines."""
        charge = notional * self.rate[instrument, 0]
        large = np.flatnonzero(notional >= self.floor[instrument, 1])
        notional, highest = notional[large], charge[large]
        for rate, deduction in zip(self.rate[instrument, 1:], self.deduction[instrument, 1:]):
            np.maximum(highest, notional * rate - deduction, out=highest)
        charge[large] = highest
        return charge

    def start_over(self):
        self.mark = self.start_mark.copy()
        self.charge = self.start_charge.copy()
        self.equity = self.start_equity.copy()
        self.required = self.start_required.copy()
        self.down = self.equity < self.required

    def plain_maintenance(self, instrument, notional):
        lines = np.multiply.outer(self.rate[instrument], notional)
        return (lines - self.deduction[instrument][:, None]).max(axis=0)

    def plain_tick(self, instrument, mark):
        own, before = self.positions_of(instrument), self.mark[instrument]
        holder, size = self.holder[own], self.size[own]
        self.equity[holder] += self.quantity[own] * (mark - before)
        self.required[holder] += (self.plain_maintenance(instrument, size * mark)
                                  - self.plain_maintenance(instrument, size * before))
        self.mark[instrument] = mark
        self.down[holder[self.equity[holder] < self.required[holder]]] = True

    def best_tick(self, instrument, mark):
        own = self.positions_of(instrument)
        holder = self.holder[own]
        charge = self.maintenance(instrument, self.size[own] * mark)
        equity = self.equity[holder] + self.quantity[own] * (mark - self.mark[instrument])
        required = self.required[holder] + (charge - self.charge[own])
        self.equity[holder] = equity
        self.required[holder] = required
        self.charge[own] = charge
        self.mark[instrument] = mark
        self.down[holder[equity < required]] = True


def measure(book, folder, which, basis_points, who, tick):
    ticks = read(folder, f"w2_{which}_{basis_points}bp", TICK)
    part = {}
    if which == "top" and ticks.size > PREFIX_TICKS:
        part = {"prefix_ticks": PREFIX_TICKS}
        ticks = ticks[:PREFIX_TICKS]
    pairs = list(zip(ticks["instrument"].tolist(), ticks["mark"].tolist()))

    def run():
        for instrument, mark in pairs:
            tick(instrument, mark)

    times, _ = repeat(run, RUNS, prepare=book.start_over)
    us_per_tick = spread(times, 1e6 / len(pairs))
    answer = "down_at_prefix" if part else "down_at_end"
    emit(bench="w2 numpy scan of all holders", who=who, case=f"w2 {which} {basis_points}bp",
         us_per_tick=us_per_tick, per_s=round(1e6 / us_per_tick[1], 1), runs=RUNS,
         ticks=len(pairs), **part, **{answer: int(book.down.sum())})


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: ticks.py DIR")
    folder = sys.argv[1]
    book = Book(folder)
    for basis_points in (1, 5, 50):
        measure(book, folder, "top", basis_points, "numpy", book.plain_tick)
        measure(book, folder, "top", basis_points, "numpy-best", book.best_tick)
    for basis_points in (1, 5, 50):
        measure(book, folder, "mixed", basis_points, "numpy-best", book.best_tick)


if __name__ == "__main__":
    main()
