"""What the Python peers share: reading input files, processor time, and the line of a result."""
import json
import pathlib
import statistics
import sys
import time

import numpy as np


def read(folder, name, dtype):
    path = pathlib.Path(folder) / f"{name}.bin"
    if not path.is_file():
        sys.exit(f"peers: {path} is missing. Write the input with generate.py.")
    return np.fromfile(path, dtype)


def spread(values, scale):
    return [round(value * scale, 3) for value in
            (min(values), statistics.median(values), max(values))]


def repeat(work, runs, prepare=lambda: None):
    """Processor times of `runs` calls after one that warms up, and the last answer."""
    times, answer = [], None
    for run in range(-1, runs):
        prepare()
        start = time.process_time()
        answer = work()
        if run >= 0:
            times.append(time.process_time() - start)
    return times, answer


def emit(**fields):
    print(json.dumps(fields), flush=True)
