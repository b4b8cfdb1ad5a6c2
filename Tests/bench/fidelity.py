"""How true reported times are while the process is busy: a server that knows how long it let each request wait."""

import json
import subprocess
import threading
import time
import urllib.request

import cost
from lab import LoadTarget, Monitor, Process, free_port, note, quantile, wait_until

DELAY = 30_000


class Witness(Process):
    """The delay server, and what it wrote down."""

    def __init__(self, lab):
        self.printed = lab.directory / f"witness-{time.monotonic_ns()}"
        super().__init__([lab.tool("delay_server"), DELAY], self.printed)
        wait_until(lambda: "\n" in self.printed.read_text(), "the delay server listens")
        self.port = int(self.printed.read_text().split()[0])

    def conversations(self):
        """(beginning, wait of EHLO, wait of QUIT): Unix time, microseconds."""
        return [tuple(map(float, line.split())) for line in self.printed.read_text().splitlines()[1:]]


def errors(reported, truth):
    """Differences in microseconds between what was reported and what was, conversation by conversation."""
    found = []
    for began, phases in reported:
        match = min(truth, key=lambda known: abs(known[0] - began))
        if abs(match[0] - began) < 0.2:
            found += [phase - known for phase, known in zip(phases, match[1:])]
    return found


def smtpwatch(lab, seconds, load):
    """The errors of the phases EHLO and QUIT, while `load` other targets are probed each second and pages scraped."""
    with Witness(lab) as witness, LoadTarget(lab, "plain") as target:
        configuration = lab.configuration("plain", target.port, load, "1s")
        configuration["targets"] += [{"name": f"witness{number}", "host": "127.0.0.1", "port": witness.port,
                                      "module": "bench", "interval": "1s"} for number in range(4)]
        with Monitor(lab, configuration) as monitor:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                monitor.get("/metrics")
            reported = []
            for number in range(4):
                results = json.loads(monitor.get(f"/api/v1/targets/witness{number}/results?limit=500"))["results"]
                for result in results:
                    began = time_of(result["started_at"])
                    phases = result["phases"]
                    reported.append((began, [phases["ehlo"] * 1e6, phases["quit"] * 1e6]))
        return errors(reported, witness.conversations())


def time_of(text):
    """Unix time of an RFC 3339 moment in UTC."""
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def blackbox(lab, seconds, load):
    """The errors of blackbox_exporter's whole durations under the same load; None where it cannot be had."""
    exporter, _ = lab.peer("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    wrk, environment = lab.peer("wrk", "wrk", "libluajit-5.1-2")
    if exporter is None or wrk is None:
        return None
    file = lab.directory / "blackbox.yml"
    file.write_text(cost.blackbox_module(lab, "plain"))
    port = free_port()
    with Witness(lab) as witness, LoadTarget(lab, "plain") as target, Process(
            [exporter, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
            lab.directory / "blackbox.log"):
        def url(to):
            return f"http://127.0.0.1:{port}/probe?module=bench&target=127.0.0.1:{to}"
        wait_until(lambda: urllib.request.urlopen(url(target.port)).status == 200, "blackbox serves")
        # As many other probes as the machine takes, up to the monitor's rate, by a pool that keeps asking.
        pressure = subprocess.Popen(
            [wrk, "-t1", f"-c{max(1, load // 60)}", f"-d{seconds + 2}s", url(target.port)], env=environment,
            stdout=subprocess.DEVNULL)
        reported, lock = [], threading.Lock()

        def watch():
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                began = time.time()
                text = urllib.request.urlopen(url(witness.port)).read().decode()
                took = next(float(line.split()[1]) for line in text.splitlines()
                            if line.startswith("probe_duration_seconds "))
                with lock:
                    reported.append((began, took * 1e6))
                time.sleep(max(0.0, 1 - (time.time() - began)))
        watchers = [threading.Thread(target=watch) for _ in range(4)]
        for watcher in watchers:
            watcher.start()
        for watcher in watchers:
            watcher.join()
        pressure.wait()
        truth = [(began, first + last) for began, first, last in witness.conversations()]
        return errors([(began, [took]) for began, took in reported], truth)


def measure(lab, seconds=30, load=1000):
    """Errors of both in microseconds: quantiles of their sizes, and the values themselves for a plot."""
    made = {"delay_microseconds": DELAY, "other_probes_per_second": load}
    for name, measured in (("smtpwatch", smtpwatch(lab, seconds, load)), ("blackbox", blackbox(lab, seconds, load))):
        note(f"fidelity: {name}")
        if not measured:
            continue
        sizes = [abs(error) for error in measured]
        made[name] = {"count": len(sizes), "p50_microseconds": quantile(sizes, 0.5),
                      "p99_microseconds": quantile(sizes, 0.99), "most_microseconds": max(sizes),
                      "errors": [round(error, 1) for error in measured]}
    return made
