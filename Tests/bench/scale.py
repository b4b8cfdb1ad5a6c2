"""What many targets cost: memory, lag, and what it takes when thousands of servers fall silent at once."""

import time

from lab import LoadTarget, Monitor, note, quantile, wait_until


def first_round(lab, targets=10_000, interval=60):
    """Ten thousand targets from the start to the end of their first round and through a second one."""
    with LoadTarget(lab, "plain") as target:
        configuration = lab.configuration("plain", target.port, targets, f"{interval}s")
        configuration["history"] = {"results": 128}
        with Monitor(lab, configuration) as monitor:
            started = time.monotonic()
            rates, runs, moment = [], 0.0, started
            while runs < targets:
                time.sleep(1)
                now, total = time.monotonic(), monitor.total("smtp_probe_runs_total")
                rates.append((total - runs) / (now - moment))
                runs, moment = total, now
                if moment - started > 3 * interval:
                    raise RuntimeError(f"only {runs:g} of {targets} targets were probed")
            note(f"scale: first round after {moment - started:.0f} s")
            while time.monotonic() - started < 2 * interval:
                time.sleep(1)
            return {
                "targets": targets, "interval_seconds": interval, "first_round_seconds": moment - started,
                "mean_probes_per_second": targets / interval, "most_probes_per_second": max(rates),
                "resident_bytes": monitor.resident,
                "lag_p99_at_most_seconds": monitor.quantile("smtpwatch_scheduler_lag_seconds", 0.99),
                **pages(monitor), "peak_resident_bytes": monitor.peak}


def pages(monitor, times=5):
    """The wall time of what people and Prometheus ask for, the worst of some."""
    taken = {}
    for name, path in (("metrics", "/metrics?collect[]=results&collect[]=counters"), ("whole_metrics", "/metrics"),
                       ("home", "/")):
        walls, size = [], 0
        for _ in range(times):
            begin = time.monotonic()
            size = len(monitor.get(path))
            walls.append(time.monotonic() - begin)
        taken |= {f"{name}_wall_seconds": max(walls), f"{name}_bytes": size}
    return taken


def full_rings(lab, targets=10_000, results=128, interval=4):
    """Ten thousand targets with as much history as there is room for, made fifteen times as fast as above."""
    with LoadTarget(lab, "plain") as target:
        configuration = lab.configuration("plain", target.port, targets, f"{interval}s")
        configuration["history"] = {"results": results}
        with Monitor(lab, configuration) as monitor:
            begin, runs = time.monotonic(), 0.0
            while runs < targets * (results + 1):
                time.sleep(interval)
                runs = monitor.total("smtp_probe_runs_total")
                if time.monotonic() - begin > 8 * interval * results:
                    raise RuntimeError(f"only {runs:g} probes in {time.monotonic() - begin:.0f} s")
            return {
                "targets": targets, "results_each": results,
                "probes_per_second": runs / (time.monotonic() - begin),
                "resident_bytes": monitor.resident, **pages(monitor), "peak_resident_bytes": monitor.peak}


def steady(lab, targets=2000, interval=2, seconds=20):
    """A thousand probes a second against a plaintext server."""
    with LoadTarget(lab, "plain") as target:
        with Monitor(lab, lab.configuration("plain", target.port, targets, f"{interval}s")) as monitor:
            wait_until(lambda: monitor.total("smtp_probe_runs_total") >= targets, "a first round", deadline=60)
            runs, cpu, begin = monitor.total("smtp_probe_runs_total"), monitor.cpu, time.monotonic()
            time.sleep(seconds)
            elapsed = time.monotonic() - begin
            runs, cpu = monitor.total("smtp_probe_runs_total") - runs, monitor.cpu - cpu
            return {
                "targets": targets, "interval_seconds": interval, "probes_per_second": runs / elapsed,
                "microseconds": cpu / runs * 1e6, "resident_bytes": monitor.resident,
                "lag_p99_at_most_seconds": monitor.quantile("smtpwatch_scheduler_lag_seconds", 0.99)}


def silence(lab, targets=5000):
    """Thousands of probes that hang on silent servers, beside some targets that answer every second."""
    def configuration(port, others):
        made = lab.configuration("plain", port, targets, "60s", timeout="55s")
        made["modules"]["quick"] = lab.module("plain")
        made["targets"] += [{"name": f"quick{number}", "host": "127.0.0.1", "port": others, "module": "quick",
                             "interval": "1s"} for number in range(50)]
        return made

    with LoadTarget(lab, "silent") as silent, LoadTarget(lab, "plain") as plain:
        with Monitor(lab, configuration(plain.port, plain.port)) as monitor:
            wait_until(lambda: monitor.total("smtp_probe_runs_total") >= targets, "a first round", deadline=120)
            usual = monitor.resident
        with Monitor(lab, configuration(silent.port, plain.port)) as monitor:
            def hanging():
                return next(value for name, _, value in monitor.metrics("monitor")
                            if name == "smtpwatch_probes_in_flight")
            most, begin, quick, moment = 0.0, time.monotonic(), [], time.monotonic()
            runs = monitor.total("smtp_probe_runs_total")
            resident = 0
            while time.monotonic() - begin < 54:
                time.sleep(1)
                now, total = time.monotonic(), monitor.total("smtp_probe_runs_total")
                quick.append((total - runs) / (now - moment))
                runs, moment = total, now
                most, resident = max(most, hanging()), max(resident, monitor.resident)
            return {
                "hanging_probes": most, "bytes_each": (resident - usual) / most,
                "quick_probes_per_second": quantile(quick[5:], 0.5), "quick_probes_due_per_second": 50,
                "lag_p99_at_most_seconds": monitor.quantile("smtpwatch_scheduler_lag_seconds", 0.99),
                **pages(monitor)}


def measure(lab):
    """All of it."""
    return {"first_round": first_round(lab), "full_rings": full_rings(lab), "steady": steady(lab),
            "silence": silence(lab)}
