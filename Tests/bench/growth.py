"""How costs grow with the number of targets."""

import time

from lab import LoadTarget, Monitor, note, wait_until


def measure(lab, sizes=(1, 10, 100, 1000, 10_000), seconds=20):
    """A row for each size: probes a second, CPU a probe, memory, and what a scrape takes."""
    rows = []
    for size in sizes:
        interval = max(1, size // 200)
        with LoadTarget(lab, "starttls") as target:
            with Monitor(lab, lab.configuration("starttls", target.port, size, f"{interval}s")) as monitor:
                wait_until(lambda: monitor.total("smtp_probe_runs_total") >= size, "a first round",
                           deadline=4 * interval + 20)
                runs, cpu = monitor.total("smtp_probe_runs_total"), monitor.cpu
                time.sleep(seconds)
                runs, cpu = monitor.total("smtp_probe_runs_total") - runs, monitor.cpu - cpu
                resident, scrapes, begin = monitor.resident, [], monitor.cpu
                for _ in range(5):
                    moment = time.monotonic()
                    scrape = monitor.get("/metrics")
                    scrapes.append(time.monotonic() - moment)
                rows.append({
                    "targets": size, "interval_seconds": interval, "probes_per_second": runs / seconds,
                    "microseconds": cpu / max(1, runs) * 1e6, "resident_bytes": resident,
                    "scrape_bytes": len(scrape), "scrape_seconds": sorted(scrapes)[2],
                    "scrape_cpu_seconds": max(0.0, monitor.cpu - begin) / 5})
        note(f"growth: {size} targets")
    return rows
