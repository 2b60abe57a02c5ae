"""W1 in Python, one thread each: which accounts are below maintenance at the marks of mark2?

Usage: sweep.py DIR

numpy-plain   what one writes first: whole arrays, a search for the bracket
numpy-best    blocks that fit the cache, entry costs folded into one number per account, brackets
              above the first only where they are needed, sums with reduceat
duckdb        one SQL query: join, group, filter
polars        the same as a lazy query
A package that is not installed is reported as not run; the others go on.
"""
import os
import sys

os.environ["POLARS_MAX_THREADS"] = "1"

import numpy as np  # noqa: E402  (the setting above must come first)

from timing import emit, read, repeat, spread  # noqa: E402

BRACKETS = 5
RUNS = 5
BLOCK = 65_536


class Book:
    def __init__(self, folder):
        self.wallet = read(folder, "wallet", "f8")
        self.ends = read(folder, "off", "u4").astype(np.int64)
        self.account = read(folder, "acct", "u4")
        self.instrument = read(folder, "inst", "u2")
        self.quantity = read(folder, "qty", "f8")
        self.entry = read(folder, "entry", "f8")
        self.mark = read(folder, "mark2", "f8")
        self.floor = read(folder, "floor", "f8").reshape(-1, BRACKETS)
        self.rate = read(folder, "rate", "f8").reshape(-1, BRACKETS)
        self.deduction = read(folder, "ded", "f8").reshape(-1, BRACKETS)
        self.accounts = self.wallet.size
        self.positions = self.quantity.size


def numpy_plain(book):
    instrument = book.instrument.astype(np.intp)
    accounts = book.accounts

    def sweep():
        mark = book.mark[instrument]
        profit = book.quantity * (mark - book.entry)
        notional = np.abs(book.quantity) * mark
        bracket = (notional[:, None] >= book.floor[instrument, 1:]).sum(axis=1)
        charge = notional * book.rate[instrument, bracket] - book.deduction[instrument, bracket]
        equity = book.wallet + np.bincount(book.account, profit, accounts)
        required = np.bincount(book.account, charge, accounts)
        return int((equity < required).sum())

    return "numpy, plain vectorised", sweep


def numpy_best(book):
    instrument = book.instrument.astype(np.intp)
    cost = np.bincount(book.account, book.quantity * book.entry, book.accounts)
    money = book.wallet - cost
    rates, deductions = book.rate.T.copy(), book.deduction.T.copy()
    lowest_floor = book.floor[:, 1].min()
    # reduceat needs a start per sum, so accounts without a position stay out: their equity is
    # their wallet, and nothing is required of them.
    held = np.flatnonzero(np.diff(book.ends))
    starts = np.append(book.ends[held], book.positions)
    money_held = money[held]
    without = np.ones(book.accounts, bool)
    without[held] = False
    always_below = int((money[without] < 0).sum())

    # Blocks of whole accounts with at most BLOCK positions each.
    cuts = [0]
    while cuts[-1] < held.size:
        reach = np.searchsorted(starts, starts[cuts[-1]] + BLOCK, "right") - 1
        cuts.append(int(max(reach, cuts[-1] + 1)))
    largest = max(int(starts[b] - starts[a]) for a, b in zip(cuts, cuts[1:]))
    value_buffer, size_buffer, charge_buffer = np.empty((3, largest))

    equity, required = np.empty(held.size), np.empty(held.size)

    def sweep():
        for begin, end in zip(cuts, cuts[1:]):
            first, last = starts[begin], starts[end]
            which = instrument[first:last]
            value, size = value_buffer[:last - first], size_buffer[:last - first]
            charge = charge_buffer[:last - first]
            book.mark.take(which, out=value, mode="clip")
            np.multiply(value, book.quantity[first:last], out=value)
            np.abs(value, out=size)
            rates[0].take(which, out=charge, mode="clip")
            np.multiply(charge, size, out=charge)
            large = np.flatnonzero(size >= lowest_floor)
            of_large, size_of_large, highest = which[large], size[large], charge[large]
            for rate, deduction in zip(rates[1:], deductions[1:]):
                line = size_of_large * rate[of_large] - deduction[of_large]
                np.maximum(highest, line, out=highest)
            charge[large] = highest
            sums = starts[begin:end] - first
            np.add.reduceat(value, sums, out=equity[begin:end])
            np.add.reduceat(charge, sums, out=required[begin:end])
            equity[begin:end] += money_held[begin:end]
        return always_below + int(np.count_nonzero(equity < required))

    return f"numpy, blocks of {BLOCK} positions, folded cost, reduceat", sweep


def lines_of(book):
    """Rate and deduction of each bracket as columns of their own."""
    rates = {f"rate{b}": np.ascontiguousarray(book.rate[:, b]) for b in range(BRACKETS)}
    return rates | {f"deduction{b}": np.ascontiguousarray(book.deduction[:, b])
                    for b in range(BRACKETS)}


def tables(book):
    instruments = np.arange(book.mark.size, dtype="u2")
    return {
        "positions": {"account": book.account, "instrument": book.instrument,
                      "quantity": book.quantity, "entry": book.entry},
        "instruments": {"instrument": instruments, "mark": book.mark} | lines_of(book),
        "wallets": {"account": np.arange(book.accounts, dtype="u4"), "wallet": book.wallet},
    }


def duckdb(book):
    import duckdb as package

    connection = package.connect(config={"threads": 1})
    for name, columns in tables(book).items():
        connection.register("columns_in", columns)
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM columns_in")
        connection.unregister("columns_in")
    lines = ", ".join(f"abs(quantity) * mark * rate{b} - deduction{b}" for b in range(BRACKETS))
    query = f"""
        SELECT count(*) FROM (
            SELECT account, sum(quantity * (mark - entry)) AS profit,
                   sum(greatest({lines})) AS required
            FROM positions JOIN instruments USING (instrument) GROUP BY account
        ) JOIN wallets USING (account)
        WHERE wallet + profit < required"""
    return (f"DuckDB {package.__version__}, SQL, 1 thread",
            lambda: connection.execute(query).fetchone()[0])


def polars(book):
    import polars as package
    from polars import col

    frames = {name: package.DataFrame(columns).lazy() for name, columns in tables(book).items()}
    notional = col("quantity").abs() * col("mark")
    required = package.max_horizontal(
        notional * col(f"rate{b}") - col(f"deduction{b}") for b in range(BRACKETS))
    query = (
        frames["positions"].join(frames["instruments"], on="instrument")
        .select("account", required.alias("required"),
                (col("quantity") * (col("mark") - col("entry"))).alias("profit"))
        .group_by("account").agg(col("profit").sum(), col("required").sum())
        .join(frames["wallets"], on="account")
        .filter(col("wallet") + col("profit") < col("required"))
        .select(package.len())
    )
    return (f"polars {package.__version__}, lazy, 1 thread", lambda: query.collect().item())


PEERS = {"numpy-best": numpy_best, "numpy-plain": numpy_plain, "duckdb": duckdb, "polars": polars}


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: sweep.py DIR")
    book = Book(sys.argv[1])
    for who, peer in PEERS.items():
        try:
            description, sweep = peer(book)
        except ImportError as missing:
            emit(bench=f"w1 {who}", who=who, not_run=str(missing))
            continue
        times, breaches = repeat(sweep, RUNS)
        cpu_ms = spread(times, 1e3)
        emit(bench=f"w1 {description}", who=who, cpu_ms=cpu_ms,
             per_s=round(book.positions / cpu_ms[1] * 1e3), runs=RUNS, breaches=breaches)


if __name__ == "__main__":
    main()
