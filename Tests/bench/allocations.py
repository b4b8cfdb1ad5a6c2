"""How often a probe asks for memory, counted in the monitor itself."""

import struct
import time

from lab import LoadTarget, Monitor, note, wait_until

RATE = 400


def measure(lab, modes=("starttls", "plain"), seconds=10):
    """Rows by mode: allocations a probe by Swift's runtime, and by all else."""
    results = []
    for mode in modes:
        counts = lab.directory / f"allocations-{mode}"
        environment = {"LD_PRELOAD": str(lab.library("count_allocations")), "COUNT_FILE": str(counts)}
        with LoadTarget(lab, mode) as target, Monitor(
                lab, lab.configuration(mode, target.port, RATE, "1s"), environment=environment) as monitor:
            wait_until(lambda: monitor.total("smtp_probe_runs_total") >= 2 * RATE, "every target was probed")
            runs, before = monitor.total("smtp_probe_runs_total"), counts.read_bytes()
            time.sleep(seconds)
            # Before the page is asked for, which takes memory too.
            after, runs = counts.read_bytes(), monitor.total("smtp_probe_runs_total") - runs
            swift, other = (end - start for start, end in zip(*(struct.unpack("LL", c) for c in (before, after))))
            results.append({"mode": mode, "swift": swift / runs, "other": other / runs})
            note(f"allocations {mode}: done")
    return results
