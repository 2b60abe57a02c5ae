"""The ratios that are aimed at: our time divided by the peer's, in the same run.

By workload, case and peer: what must be reached, and what would be more than that. The figures are
the goals of the issue; a peer without a line here is there for comparison.
"""

TIME_RATIO = {
    ("W1", "sweep", "numpy-best"): (1 / 2, 1 / 2.7),
    ("W1", "sweep", "numpy-plain"): (1 / 8, None),
    ("W1", "sweep", "duckdb"): (1 / 10, None),
    ("W1", "sweep", "polars"): (1 / 10, None),
    ("W1", "sweep", "c-plain"): (1.7, 1.2),
    ("W2", "5bp", "c-scan"): (1 / 20, 1 / 60),
    ("W2", "5bp", "numpy"): (1 / 150, None),
    ("W2", "50bp", "c-scan"): (2, None),
    ("W3", "stream", "cpp-unordered-map"): (1 / 2, 1 / 5),
    ("W3", "stream", "nautilus"): (1 / 100, 1 / 300),
    ("W5", "1", "sqlite"): (1 / 1.1, None),
    ("W5", "1", "raw"): (1 / 0.8, None),
    ("W5", "10", "sqlite"): (1 / 1.1, None),
    ("W5", "10", "raw"): (1 / 0.8, None),
    ("W5", "1000", "sqlite"): (1 / 3, 1 / 5),
    ("W5", "1000", "postgresql"): (1 / 6, None),
    ("W5", "1000", "redis"): (1 / 6, None),
}

W3_EVENTS_PER_SECOND = 3_000_000
W3_P99_NS = 2_000

# Figures that are not ratios: by workload, case and metric what must be reached, and whether it is the least or the most.
FIGURES = {
    ("recovery", "start", "events_per_second"): ("least", 1_500_000),
    ("recovery", "replay", "events_per_second"): ("least", 1_500_000),
    ("recovery", "snapshot-and-tail", "seconds"): ("most", 10),
    ("effects", "plain", "p999_us"): ("most", 1_000),
    ("effects", "real-time", "p999_us"): ("most", 1_000),
    ("effects", "plain", "events_per_second"): ("least", 199_000),
}
