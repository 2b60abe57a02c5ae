"""Writes the input of all workloads as raw little-endian arrays; README.md names every file.

Usage: generate.py DIR [--accounts N] [--ticks N] [--w3-accounts N] [--w3-events N]
                       [--scaling-to N] [--seed N] [--force]

The same options and the same numpy give the same bytes. Files that were written with the same
options are kept (DIR/parameters.json says with which); --force writes them again.
"""
import argparse
import hashlib
import json
import pathlib
import time

import numpy as np

INSTRUMENTS = 200
BRACKETS = 5
POSITIONS_PER_ACCOUNT = 5
BRACKET_STARTS = np.array([0, 1, 5, 20, 100])  # times the first floor of the instrument
BRACKET_RATES = np.array([1, 1.25, 2.5, 5, 12.5])  # times the lowest rate of the instrument
LOWEST_RATES = [0.004, 0.005, 0.0065, 0.01]

# The scaling series: 10^3, 10^4, ... positions, a fifth of them in the instrument that ticks.
SCALING_NEAR_LINE = 100
SCALING_TICKS = 200

EVENT = np.dtype([("account", "<u4"), ("instrument", "<u2"), ("kind", "u1"), ("zero", "u1"),
                  ("amount", "<i8"), ("price", "<i8")])
TICK = np.dtype([("instrument", "<u4"), ("zero", "<u4"), ("mark", "<f8")])
MAX_HELD = 20


def save(folder, **arrays):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.ascontiguousarray(array).tofile(folder / f"{name}.bin")


def signs(rng, count):
    return rng.integers(0, 2, count) * 2 - 1


# W1 and W2: the book


def zipf_popularity():
    weights = np.arange(1, INSTRUMENTS + 1) ** -0.8
    return weights / weights.sum()


def brackets(rng):
    """Floors, maintenance rates and deductions, [instrument, bracket]."""
    floors = np.outer(10 ** rng.uniform(4, 5.3, INSTRUMENTS), BRACKET_STARTS)
    rates = np.outer(rng.choice(LOWEST_RATES, INSTRUMENTS), BRACKET_RATES)
    steps = floors[:, 1:] * np.diff(rates, axis=1)
    deductions = np.hstack([np.zeros((INSTRUMENTS, 1)), np.cumsum(steps, axis=1)])
    return floors, rates, deductions


def maintenance(notional, instrument, rates, deductions):
    """The largest of the instrument's lines, which is the line of the bracket."""
    lines = notional[:, None] * rates[instrument] - deductions[instrument]
    return lines.max(axis=1)


def draw_pairs(rng, accounts, popularity):
    """Account and instrument of each position: 5 per account on average, no pair twice.

    The number per account is geometric, the instrument follows its popularity. A pair that was
    drawn twice counts once, so the rest is filled up with pairs of any account.
    """
    wanted = accounts * POSITIONS_PER_ACCOUNT
    per_account = np.minimum(rng.geometric(1 / POSITIONS_PER_ACCOUNT, accounts), 40)
    owners = np.repeat(np.arange(accounts, dtype=np.int64), per_account)
    pairs = np.empty(0, np.int64)
    while True:
        instruments = rng.choice(INSTRUMENTS, owners.size, p=popularity)
        pairs = np.union1d(pairs, owners * INSTRUMENTS + instruments)
        if pairs.size >= wanted:
            break
        owners = rng.integers(0, accounts, (wanted - pairs.size) * 9 // 8 + 1)
    surplus = rng.choice(pairs.size, pairs.size - wanted, replace=False)
    pairs = np.delete(pairs, surplus)
    return pairs // INSTRUMENTS, pairs % INSTRUMENTS


def write_book(folder, accounts, rng):
    """The files of W1; returns the marks at which W1 evaluates and W2 starts."""
    account, instrument = draw_pairs(rng, accounts, zipf_popularity())
    positions = account.size
    mark = np.round(10 ** rng.uniform(-1, 4.8, INSTRUMENTS), 4)
    floors, rates, deductions = brackets(rng)

    notional = 10 ** rng.normal(3, 1, positions)
    quantity = np.round(notional / mark[instrument] * signs(rng, positions), 8)
    entry = np.round(mark[instrument] * (1 + rng.normal(0, 0.04, positions)), 6)
    gross = np.bincount(account, np.abs(quantity) * mark[instrument], accounts)
    profit = np.bincount(account, quantity * (mark[instrument] - entry), accounts)
    # Equity between 1/40 and 3 times the gross notional: a few are below their line at once.
    equity = gross * 10 ** rng.uniform(-1.6, 0.5, accounts)
    wallet = np.round(np.maximum(equity - profit, 1), 6)
    mark2 = np.round(mark * (1 + rng.normal(0, 0.01, INSTRUMENTS)), 6)

    ends = np.concatenate([[0], np.cumsum(np.bincount(account, minlength=accounts))])
    save(folder, wallet=wallet, off=ends.astype("u4"), acct=account.astype("u4"),
         inst=instrument.astype("u2"), qty=quantity, entry=entry, mark=mark, mark2=mark2,
         floor=floors, rate=rates, ded=deductions)
    return mark2


def write_ticks(folder, mark2, count, rng):
    """Random walks from mark2, rounded to 10⁻⁶, so that an exact engine sees the same marks."""
    for name in ("mixed", "top"):
        for basis_points in (1, 5, 50):
            if name == "top":
                instrument = np.zeros(count, np.int64)
            else:
                instrument = (INSTRUMENTS * rng.random(count) * rng.random(count)).astype(int)
            # The sum of four uniform numbers: about normal, and never far out.
            step = (rng.random((count, 4)).sum(axis=1) - 2) * np.sqrt(3) * basis_points * 1e-4
            ticks = np.zeros(count, TICK)
            ticks["instrument"] = instrument
            for index in np.unique(instrument):
                of_this = instrument == index
                ticks["mark"][of_this] = mark2[index] * np.cumprod(1 + step[of_this])
            ticks["mark"] = np.round(ticks["mark"], 6)
            save(folder, **{f"w2_{name}_{basis_points}bp": ticks})


# Scaling: the same accounts near their line and the same ticks in books of any size


def scaling_accounts(rng, count, near, mark, rates, deductions):
    """Positions and wallets of accounts that hold five instruments each, the first among them."""
    positions = count * POSITIONS_PER_ACCOUNT
    account = np.repeat(np.arange(count), POSITIONS_PER_ACCOUNT)
    # Four more instruments per account: steps around a prime number never meet.
    start = rng.integers(0, INSTRUMENTS - 1, (count, 1))
    stride = rng.integers(1, 50, (count, 1))
    others = 1 + (start + stride * np.arange(POSITIONS_PER_ACCOUNT - 1)) % (INSTRUMENTS - 1)
    instrument = np.hstack([np.zeros((count, 1), int), np.sort(others, axis=1)]).ravel()

    notional = np.full(positions, 1_000) if near else 10 ** rng.normal(3, 1, positions)
    quantity = np.round(notional / mark[instrument] * signs(rng, positions), 8)
    entered = 1 if near else 1 + rng.normal(0, 0.04, positions)
    entry = np.round(mark[instrument] * entered, 6)

    # The account's line lies where the first instrument has moved by this much.
    away = rng.uniform(-0.01, 0.01, count)
    at_line = mark[instrument] * np.where(instrument == 0, 1 + away[account], 1)
    size = np.abs(quantity) * at_line
    required = np.bincount(account, maintenance(size, instrument, rates, deductions), count)
    profit = np.bincount(account, quantity * (at_line - entry), count)
    spare = 0 if near else rng.uniform(0.5, 3, count) * np.bincount(account, size, count)
    wallet = np.round(required - profit + spare, 6)
    return {"inst": instrument.astype("u2"), "qty": quantity, "entry": entry, "wallet": wallet}


def write_scaling(folder, positions, seed):
    """A book in W1's form whose first instrument ticks, and the ticks.

    The same 100 accounts in every size fall below their line somewhere within 1 % of the start;
    all others would need tens of percent. The marks stay within about 1 %, so every size crosses
    the same lines at the same ticks.
    """
    rng = np.random.default_rng([seed, 3])
    mark = np.round(10 ** rng.uniform(-1, 4.8, INSTRUMENTS), 4)
    mark[0] = 60_000
    floors, rates, deductions = brackets(rng)
    ticks = np.zeros(SCALING_TICKS, TICK)
    away = 0.0
    for index, step in enumerate(rng.normal(0, 5e-4, SCALING_TICKS)):
        away = 0.99 * away + step
        ticks["mark"][index] = round(mark[0] * (1 + away), 6)

    accounts = positions // POSITIONS_PER_ACCOUNT
    near = scaling_accounts(rng, SCALING_NEAR_LINE, True, mark, rates, deductions)
    far = scaling_accounts(rng, accounts - SCALING_NEAR_LINE, False, mark, rates, deductions)
    book = {name: np.concatenate([near[name], far[name]]) for name in near}
    ends = np.arange(accounts + 1, dtype="u4") * np.uint32(POSITIONS_PER_ACCOUNT)
    owners = np.repeat(np.arange(accounts, dtype="u4"), POSITIONS_PER_ACCOUNT)
    save(folder, **book, off=ends, acct=owners, mark=mark, mark2=mark,
         floor=floors, rate=rates, ded=deductions, ticks=ticks)


# W3: the stream


def popular_instruments(rng, shape):
    """The product of two uniform numbers: the first instruments far more often."""
    return (INSTRUMENTS * rng.random(shape) * rng.random(shape)).astype("u2")


def fills(rng, account, instrument, mark):
    """Fills of 100 to 4,000 in notional, within half a percent of the mark."""
    count = account.size
    price = (mark[instrument] * (1 + 0.01 * (rng.random(count) - 0.5))).astype("i8")
    notional = 10 ** (2 + 1.6 * rng.random(count))
    size = (notional / (price * 1e-6) * 1e8).astype("i8")
    records = np.zeros(count, EVENT)
    records["account"] = account
    records["instrument"] = instrument
    records["amount"] = size * signs(rng, count)
    records["price"] = price
    return records


def transfers(account, amount):
    records = np.zeros(account.size, EVENT)
    records["account"] = account
    records["kind"] = 1
    records["amount"] = np.where(amount == 0, 1, amount)
    return records


def count_before(account, counted):
    """For each event, how many earlier events of its account are counted."""
    order = np.argsort(account, kind="stable")
    so_far = np.cumsum(counted[order]) - counted[order]
    of_account = account[order]
    first = np.concatenate([[True], of_account[1:] != of_account[:-1]])
    at_first = np.repeat(so_far[first], np.diff(np.append(np.flatnonzero(first), account.size)))
    result = np.empty(account.size, np.int64)
    result[order] = so_far - at_first
    return result


def write_stream(folder, accounts, events, rng):
    """The files of W3: 95 % fills, four of five in an instrument that the account knows."""
    mark = np.round(10 ** (5 * rng.random(INSTRUMENTS) - 1) * 1e6).astype("i8")
    first_floor = 10 ** (4 + 1.3 * rng.random(INSTRUMENTS)) * 1e6
    floors = np.round(np.outer(first_floor, BRACKET_STARTS)).astype("i8")
    lowest = np.round(np.array(LOWEST_RATES) * 1e6)[rng.integers(0, 4, INSTRUMENTS)]
    rates = np.round(np.outer(lowest, BRACKET_RATES)).astype("i8")
    # The product fits: floors are below 2 × 10¹³ and rates below 10⁶ (2⁶³ is 9.2 × 10¹⁸).
    steps = floors[:, 1:] * np.diff(rates, axis=1) // 1_000_000
    deductions = np.hstack([np.zeros((INSTRUMENTS, 1), "i8"), np.cumsum(steps, axis=1)])

    # The instruments that an account will know, in the order in which it meets them.
    known = popular_instruments(rng, (accounts, MAX_HELD))
    known_at_start = rng.integers(1, 10, accounts)

    deposit = np.round(10 ** (1.5 + 3 * rng.random(accounts)) * 1e6).astype("i8")
    owner = np.repeat(np.arange(accounts), known_at_start)
    nth = np.arange(owner.size) - np.repeat(np.cumsum(known_at_start) - known_at_start,
                                            known_at_start)
    opening = np.concatenate([transfers(np.arange(accounts), deposit),
                              fills(rng, owner, known[owner, nth], mark)])
    opening = opening[np.argsort(opening["account"], kind="stable")]

    account = rng.integers(0, accounts, events)
    is_transfer = rng.random(events) < 0.05
    is_new = ~is_transfer & (rng.random(events) < 0.2)
    knows = known_at_start[account] + count_before(account, is_new)
    among_known = (rng.random(events) * np.minimum(knows, MAX_HELD)).astype(int)
    which = np.where(is_new, knows, among_known)
    which[which >= MAX_HELD] = 0
    stream = fills(rng, account, known[account, which], mark)
    money = np.round((rng.random(events) - 0.4) * 1e9).astype("i8")
    stream[is_transfer] = transfers(account, money)[is_transfer]

    save(folder, w3_init=opening, w3_events=stream, w3_mark=mark, w3_floor=floors,
         w3_rate=rates.astype("i4"), w3_ded=deductions)


# The command


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=pathlib.Path)
    parser.add_argument("--accounts", type=int, default=1_000_000, help="W1 and W2")
    parser.add_argument("--ticks", type=int, default=1_000, help="W2, in each file")
    parser.add_argument("--w3-accounts", type=int, default=100_000)
    parser.add_argument("--w3-events", type=int, default=1_000_000)
    parser.add_argument("--scaling-to", type=int, default=0,
                        help="largest number of positions of the scaling series (default: none)")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--force", action="store_true")
    options = parser.parse_args()
    for name in ("accounts", "ticks", "w3_accounts", "w3_events"):
        if getattr(options, name) < 1:
            parser.error(f"--{name.replace('_', '-')} is {getattr(options, name)}; "
                         "it must be at least 1.")
    return options


def main():
    options = arguments()
    folder = options.dir
    parameters = {key: value for key, value in vars(options).items() if key not in ("dir", "force")}
    parameters["numpy"] = np.__version__
    parameters["generator"] = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()[:16]
    written = folder / "parameters.json"
    text = json.dumps(parameters, indent=2) + "\n"
    if not options.force and written.is_file() and written.read_text() == text:
        print(f"generate: the input in {folder} has these parameters already: kept.")
        return
    written.unlink(missing_ok=True)

    start = time.perf_counter()
    mark2 = write_book(folder, options.accounts, np.random.default_rng([options.seed, 1]))
    write_ticks(folder, mark2, options.ticks, np.random.default_rng([options.seed, 2]))
    positions = 1_000
    while positions <= options.scaling_to:
        write_scaling(folder / "scaling" / str(positions), positions, options.seed)
        positions *= 10
    write_stream(folder, options.w3_accounts, options.w3_events,
                 np.random.default_rng([options.seed, 4]))
    written.write_text(text)
    print(f"generate: {options.accounts} accounts with {options.accounts * POSITIONS_PER_ACCOUNT} "
          f"positions, {options.w3_events} events of {options.w3_accounts} accounts, "
          f"scaling to {options.scaling_to} positions: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
