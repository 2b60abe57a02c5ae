"""The metrics of a node that works: promtool reads them, their labels are bounded, and they count what happened."""

import re
import shutil
import subprocess

import harness
from harness import check

HISTOGRAMS = ("request_duration_seconds", "journal_sync_duration_seconds", "event_to_effect_seconds",
              "sweep_duration_seconds")
NAMES = ("build_info", "events_total", "ingest_events_total", "mark_price_age_seconds", "accounts", "equity_quote",
         "maintenance_margin_quote", "insurance_fund_quote", "stream_clients", "stream_dropped_total",
         "rejected_logins_total", "rate_limited_requests_total", "process_resident_memory_bytes", "process_open_files")


def main(test):
    """Asks for the metrics before and after some load, and checks them with promtool and by hand."""
    tool = shutil.which("promtool")
    check(tool, "there is no promtool. Do: scripts/setup.sh outside")
    node = test.node(test.path("node")).start()
    with node.client() as client:
        read(tool, client)
        clock = harness.Clock()
        check(client.post_lines(harness.setup(clock)).json()["refused"] == 0, "the venue")
        feed = harness.Feed("load", test.seed, clock)
        for _ in range(20):
            check(client.post_lines(feed.events(20)).status == 200, "a batch")
        for number in range(50):
            client.request("GET", f"/v1/accounts/unknown-{number}")
            client.request("GET", f"/unknown-{number}")
        for _ in range(7):
            with harness.Client(node.port, "wrong") as stranger:
                check(stranger.request("GET", "/v1/status").status == 401, "a stranger was let in")
        harness.settled(node)
        values = read(tool, client)
        status = client.get("/v1/status")
    for name in NAMES:
        check(any(key.split("{")[0] == f"plimsoll_{name}" for key in values), f"there is no {name}")
    check(values["plimsoll_events_total"] == status["seq"], "the number of events")
    check(values["plimsoll_rejected_logins_total"] == 7, "the number of refused log-ins")
    check(values["plimsoll_event_to_effect_seconds_count"] >= 21, "the number of groups")
    check(values["plimsoll_journal_sync_duration_seconds_count"] > 20, "the number of syncs")
    check(values["plimsoll_process_resident_memory_bytes"] > 1 << 20, "the memory")
    check(values["plimsoll_process_open_files"] > 5, "the open files")
    unknown = 'plimsoll_request_duration_seconds_count{route="/v1/accounts/{id}",status="404"}'
    check(values.get(unknown) == 50, f"requests for unknown accounts: {values.get(unknown)}")
    nowhere = 'plimsoll_request_duration_seconds_count{route="none",status="404"}'
    check(values.get(nowhere) == 50, f"requests for nothing: {values.get(nowhere)}")
    check(not any("unknown" in key or "a-1" in key for key in values), "a path or an account is a label")
    test.say(f"{len(values)} values; promtool has no objection")


def read(tool, client):
    """The values by name and labels, after promtool has read them and the histograms were added up."""
    answer = client.request("GET", "/metrics")
    check(answer.status == 200 and answer.headers["content-type"].startswith("text/plain; version=0.0.4"), f"{answer}")
    done = subprocess.run([tool, "check", "metrics"], input=answer.body, capture_output=True, timeout=60)
    said = (done.stdout + done.stderr).decode()
    check(done.returncode == 0 and not said.strip(), f"promtool: {done.returncode} {said}")
    values = {}
    for line in answer.body.decode().splitlines():
        if not line.startswith("#"):
            key, value = line.rsplit(" ", 1)
            check(key not in values, f"{key} is there twice")
            values[key] = float(value)
    for name in HISTOGRAMS:
        rising(name, values)
    return values


def rising(name, values):
    last = {}
    for key, value in values.items():
        found = re.fullmatch(rf'plimsoll_{name}_bucket{{(?:(.*),)?le="(.*)"}}', key)
        if found:
            labels, end = found[1] or "", found[2]
            before = last.get(labels, (-1.0, 0.0))
            check(float(end) > before[0] and value >= before[1], f"{key} {value} does not rise from {before}")
            last[labels] = (float(end), value)
    for labels, (end, value) in last.items():
        check(end == float("inf"), f"{name}{{{labels}}} has no last bucket")
        count = values[f"plimsoll_{name}_count" + (f"{{{labels}}}" if labels else "")]
        check(count == value, f"{name}{{{labels}}} counts {count}, its last bucket {value}")


if __name__ == "__main__":
    harness.run(main)
