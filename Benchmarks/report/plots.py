"""Draws the results of the benchmarks as SVG files.

Usage: plots.py RESULTS FOLDER        (RESULTS: .bench-data/results.jsonl, FOLDER: docs/performance)

ratios.svg   how many times as fast as each peer, with the goals
scaling.svg  time per mark against the number of positions, ours and the scan
latency.svg  percentiles of the time per event in W3
A plot whose results are missing is not drawn, and the others are.
"""
import json
import pathlib
import sys

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt  # noqa: E402  (after the choice of output)
from matplotlib.lines import Line2D  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullLocator  # noqa: E402

from goals import TIME_RATIO, W3_P99_NS  # noqa: E402

# Okabe and Ito's colours, which people with any colour vision can tell apart.
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#7f7f7f", "#222222"

PEER_NAMES = {
    "c-plain": "C, float64",
    "c-exact": "C, exact integers",
    "c-exact-grouped": "C, exact, grouped accounts",
    "numpy-best": "numpy, best effort",
    "numpy-plain": "numpy, plain",
    "numpy": "numpy scan",
    "duckdb": "DuckDB",
    "polars": "polars",
    "c-scan": "C scan",
    "c-scan-best": "C scan, short cuts",
    "cpp-unordered-map": "C++ unordered_map",
    "nautilus": "NautilusTrader",
}
W2_CASES = {
    "1bp": "top, 1 bp",
    "5bp": "top, 5 bp",
    "50bp": "top, 50 bp",
    "mixed-1bp": "mixed, 1 bp",
    "mixed-5bp": "mixed, 5 bp",
    "mixed-50bp": "mixed, 50 bp",
}

plt.rcParams.update({
    "svg.hashsalt": "plimsoll",  # the same results give the same file
    "font.family": "DejaVu Sans", "font.size": 10,
    "figure.facecolor": "white", "axes.facecolor": "white", "savefig.facecolor": "white",
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": "#999999",
    "xtick.color": INK, "ytick.color": INK,
    "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.color": "#e5e5e5", "axes.axisbelow": True,
})


class Results:
    def __init__(self, path):
        lines = path.read_text().splitlines()
        self.all = [json.loads(line) for line in lines if line.startswith("{")]

    def where(self, **fields):
        """Lines with these fields; None means that the field is absent."""
        return [line for line in self.all
                if all(line.get(name) == value for name, value in fields.items())]

    def value(self, **fields):
        found = self.where(**fields)
        return found[0]["value"] if found else None


def short(value):
    """Two significant digits."""
    return f"{float(f'{value:.2g}'):,.0f}" if value >= 10 else f"{value:#.2g}".rstrip(".")


def plain_numbers(value, _):
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def save(figure, folder, name):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    print(f"plots: {path}")


def heading(figure, title, subtitle):
    """A title that says what was found, above the axes and flush left."""
    height = figure.get_figheight()
    figure.text(0.02, 1 - 0.15 / height, title, fontsize=12.5, fontweight="bold", va="top")
    figure.text(0.02, 1 - 0.45 / height, subtitle, fontsize=10, color="#555555", va="top")


# How many times as fast


def ratio_groups(results):
    """Title of each group, and its lines: label, result, goals."""
    groups = []
    for workload, case, title in [("W1", "sweep", "W1: sweep of all positions"),
                                  ("W3", "stream", "W3: fills and transfers, each checked")]:
        lines = results.where(workload=workload, case=case, metric="time_ratio")
        named = [(PEER_NAMES.get(line["peer"], line["peer"]), line) for line in lines]
        groups.append((title, named))
    ticks = []
    for case, name in W2_CASES.items():
        for peer in ("c-scan", "c-scan-best", "numpy"):
            for line in results.where(workload="W2", case=case, metric="time_ratio", peer=peer):
                ticks.append((f"{name}: {PEER_NAMES[peer]}", line))
    groups.insert(1, ("W2: an instrument ticks, who breaches now?", ticks))
    return [(title, lines) for title, lines in groups if lines]


def draw_ratios(results, folder):
    groups = ratio_groups(results)
    if not groups:
        print("plots: no ratios among the results: ratios.svg is not drawn.")
        return
    rows = sum(len(lines) + 1.6 for _, lines in groups)
    figure, axes = plt.subplots(figsize=(9, 1.75 + 0.27 * rows))
    height = figure.get_figheight()
    figure.subplots_adjust(left=0.27, right=0.91, top=1 - 0.8 / height, bottom=0.9 / height)
    position, labels, ends = 0.0, [], [1.0]
    reached = missed = faster = total = 0
    for title, lines in groups:
        axes.annotate(title, (0.02, position), xycoords=("figure fraction", "data"), va="center",
                      fontweight="bold", annotation_clip=False,
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})
        position += 1
        for label, line in sorted(lines, key=lambda pair: bar_order(pair[1])):
            speed = 1 / line["value"]
            slowest, fastest = (1 / end for end in reversed(line["spread"]))
            color = BLUE if speed >= 1 else ORANGE
            axes.barh(position, speed - 1, left=1, height=0.62, color=color)
            axes.plot([slowest, fastest], [position, position], color=INK, linewidth=1.2)
            axes.text(1.015, position, f"{short(speed)}×", va="center", color=color,
                      transform=axes.get_yaxis_transform())
            must, stretch = goals_of(line)
            for goal, fill, edge in ((must, INK, "white"), (stretch, "white", INK)):
                if goal:
                    ends.append(1 / goal)
                    axes.plot(1 / goal, position, marker="D", markersize=6.5, zorder=5,
                              markerfacecolor=fill, markeredgecolor=edge)
            if must:
                reached += line["value"] <= must
                missed += line["value"] > must
            faster += speed >= 1
            total += 1
            labels.append((position, label))
            ends += [slowest, fastest]
            position += 1
        position += 0.6
    axes.set_xscale("log")
    axes.set_xlim(min(ends) / 1.4, max(ends) * 1.4)
    axes.set_ylim(position - 0.6, -0.7)
    axes.axvline(1, color=INK, linewidth=1)
    axes.set_yticks([at for at, _ in labels], [label for _, label in labels])
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="y", visible=False)
    axes.xaxis.set_major_formatter(FuncFormatter(plain_numbers))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlabel("times as fast as the peer: its time per unit of work ÷ ours (log scale)")
    diamond = {"marker": "D", "linestyle": "", "markersize": 6.5}
    figure.legend(handles=[
        Line2D([], [], color=BLUE, linewidth=7, label="faster than the peer"),
        Line2D([], [], color=ORANGE, linewidth=7, label="slower"),
        Line2D([], [], color=INK, linewidth=1.2, label="our slowest to fastest run"),
        Line2D([], [], color=INK, label="goal", **diamond),
        Line2D([], [], color=INK, markerfacecolor="white", label="stretch goal", **diamond),
    ], loc="lower center", ncols=5, frameon=False, fontsize=9, columnspacing=1.4)
    goals = f"; {reached} of {reached + missed} goals reached" if reached + missed else ""
    heading(figure, f"Faster than the peer in {faster} of {total} comparisons{goals}",
            "One thread, the same input and equal answers in one run, medians. "
            "NautilusTrader does a smaller job of its own.")
    save(figure, folder, "ratios.svg")


def goals_of(line):
    return TIME_RATIO.get((line["workload"], line["case"], line["peer"]), (None, None))


def bar_order(line):
    """Cases in their order, and in each the fastest peer first."""
    cases = list(W2_CASES)
    return (cases.index(line["case"]) if line["case"] in cases else 0, -line["value"])


# Time per mark against the size of the book


def draw_scaling(results, folder):
    series = [(None, "Plimsoll, safe bands", BLUE, "o", "-", 0),
              ("c-scan", "C scan of all holders", ORANGE, "s", "--", 6),
              ("c-scan-best", "C scan, short cuts", GREY, "^", ":", -6)]
    drawn = []
    for peer, name, color, marker, style, raised in series:
        lines = results.where(workload="scaling", metric="mark_us", peer=peer)
        points = sorted((int(line["case"]), line) for line in lines)
        if points:
            drawn.append((peer, name, color, marker, style, raised, points))
    if not drawn or drawn[0][0] is not None:
        print("plots: no line of ours on scaling among the results: scaling.svg is not drawn.")
        return
    figure, axes = plt.subplots(figsize=(8.4, 5.2))
    figure.subplots_adjust(left=0.1, right=0.76, top=0.81, bottom=0.13)
    for _, name, color, marker, style, raised, points in drawn:
        sizes = [size for size, _ in points]
        values = [line["value"] for _, line in points]
        spreads = [line.get("spread", [line["value"]] * 2) for _, line in points]
        axes.errorbar(sizes, values, color=color, marker=marker, linestyle=style, linewidth=2,
                      markersize=6, capsize=3, elinewidth=1.2,
                      yerr=[[max(0, value - low) for value, (low, _) in zip(values, spreads)],
                            [max(0, high - value) for value, (_, high) in zip(values, spreads)]])
        axes.annotate(name, (sizes[-1], values[-1]), xytext=(10, raised),
                      textcoords="offset points", va="center", color=color, fontweight="bold",
                      annotation_clip=False)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(plain_numbers))
        axis.set_minor_locator(NullLocator())
    axes.set_xlabel("positions, a fifth of them in the instrument that ticks (log scale)")
    axes.set_ylabel("µs of processor time per mark (log scale)")
    ours = drawn[0][-1]
    text = f"a mark costs {growth(ours)} times as much"
    scan = next((line[-1] for line in drawn if line[0] == "c-scan"), None)
    if scan:
        text += f", a scan {growth(scan)} times"
    crossings = [line["crossings"] for _, line in scan or ours if "crossings" in line]
    subtitle = "The same accounts near their line in books of every size"
    if crossings:
        subtitle += f": {short(crossings[-1])} of them cross it per mark"
    heading(figure, f"{short(ours[-1][0] / ours[0][0])} times the positions: {text}", subtitle)
    save(figure, folder, "scaling.svg")


def growth(points):
    return short(points[-1][1]["value"] / points[0][1]["value"])


# Percentiles of W3


def draw_latency(results, folder):
    metrics = ["p50_ns", "p99_ns", "p999_ns"]
    names = ["half of the events", "99 of 100", "999 of 1,000"]
    series = [(None, "Plimsoll, exact", BLUE, "o", "-"),
              ("cpp-unordered-map", PEER_NAMES["cpp-unordered-map"], ORANGE, "s", "--")]
    figure, axes = plt.subplots(figsize=(8.4, 4.6))
    figure.subplots_adjust(left=0.1, right=0.78, top=0.79, bottom=0.13)
    drawn = []
    for peer, name, color, marker, style in series:
        values = [results.value(workload="W3", case="stream", metric=metric, peer=peer)
                  for metric in metrics]
        if None not in values:
            drawn.append((peer, name, color, marker, style, [value / 1_000 for value in values]))
    for peer, name, color, marker, style, values in drawn:
        axes.plot(range(3), values, color=color, marker=marker, linestyle=style, linewidth=2,
                  markersize=8)
        axes.annotate(name, (2, values[2]), xytext=(12, 0), textcoords="offset points",
                      va="center", color=color, fontweight="bold", annotation_clip=False)
        for index, value in enumerate(values):
            above = value == max(other[-1][index] for other in drawn)
            axes.annotate(f"{value:,.2f}", (index, value), xytext=(0, 9 if above else -17),
                          textcoords="offset points", ha="center", color=color)
    ours = next((values for peer, *_, values in drawn if peer is None), None)
    if ours is None:
        plt.close(figure)
        print("plots: no percentiles of W3 among the results: latency.svg is not drawn.")
        return
    goal = W3_P99_NS / 1_000
    axes.plot([0.8, 1.2], [goal, goal], color=INK, linewidth=1.5)
    axes.annotate(f"goal: {goal:g} µs", (1.2, goal), xytext=(5, 0), textcoords="offset points",
                  va="center")
    axes.set_yscale("log")
    low, high = axes.get_ylim()
    axes.set_ylim(low / 1.25, high * 1.25)
    axes.set_xlim(-0.3, 2.2)
    axes.set_xticks(range(3), names)
    axes.yaxis.set_major_formatter(FuncFormatter(plain_numbers))
    axes.yaxis.set_minor_locator(NullLocator())
    ticks = [tick for tick in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
             if low / 1.25 <= tick <= high * 1.25]
    axes.set_yticks(ticks)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel("events that took no longer")
    axes.set_ylabel("µs per event (log scale)")
    verdict = "reached" if ours[1] <= goal else "missed"
    heading(figure, f"99 of 100 events take at most {ours[1]:.2g} µs: the goal of {goal:g} µs "
            f"is {verdict}", "W3: a fill or transfer and the check of the whole account; time "
            "that passed, with two readings of the clock")
    save(figure, folder, "latency.svg")


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: plots.py RESULTS FOLDER")
    path, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if not path.is_file():
        sys.exit(f"plots: {path} is missing. Run: make bench")
    results = Results(path)
    draw_ratios(results, folder)
    draw_scaling(results, folder)
    draw_latency(results, folder)


if __name__ == "__main__":
    main()
