"""What a probe costs in processor time, beside the floor and blackbox_exporter doing the same in the same run."""

import re
import subprocess
import time
import urllib.request
from pathlib import Path

from lab import LoadTarget, Monitor, Process, free_port, median, note, wait_until

RATE = 400


def floor(lab, target, mode, count, rate=None):
    """Microseconds a conversation of the blocking client: one after the other, or so many a second."""
    words = [lab.tool("floor_client"), str(target.port), mode, lab.authority.certificate, str(count)]
    run = subprocess.run(words + ([str(rate)] if rate else []), check=True, capture_output=True, text=True)
    return float(run.stdout)


def smtpwatch(lab, target, mode, seconds):
    """Microseconds a probe of the monitor on its schedule, and its memory in bytes."""
    with Monitor(lab, lab.configuration(mode, target.port, RATE, "1s")) as monitor:
        wait_until(lambda: monitor.total("smtp_probe_runs_total") >= RATE, "every target was probed")
        runs, cpu = monitor.total("smtp_probe_runs_total"), monitor.cpu
        time.sleep(seconds)
        runs, cpu = monitor.total("smtp_probe_runs_total") - runs, monitor.cpu - cpu
        if failures := monitor.total("smtp_probe_failures_total"):
            raise RuntimeError(f"{failures:g} probes failed")
        if runs < 0.9 * RATE * seconds:
            note(f"smtpwatch made {runs:g} probes of {RATE * seconds} that were due")
        return cpu / runs * 1e6, monitor.resident


def blackbox(lab, target, mode, seconds):
    """Microseconds a probe of blackbox_exporter, and its memory in bytes; None where it cannot be had."""
    exporter, _ = lab.peer("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    wrk, environment = lab.peer("wrk", "wrk", "libluajit-5.1-2")
    if exporter is None or wrk is None:
        return None
    file = lab.directory / "blackbox.yml"
    file.write_text(blackbox_module(lab, mode))
    port = free_port()
    with Process([exporter, f"--config.file={file}", f"--web.listen-address=127.0.0.1:{port}",
                  "--log.level=error"], lab.directory / "blackbox.log") as process:
        url = f"http://127.0.0.1:{port}/probe?module=bench&target=127.0.0.1:{target.port}"
        wait_until(lambda: "probe_success 1" in urllib.request.urlopen(url).read().decode(), "blackbox's probe works")
        cpu = process.cpu
        run = subprocess.run(
            [wrk, "-t1", "-c16", f"-d{seconds}s", url], check=True, capture_output=True, text=True,
            env=environment)
        cpu = process.cpu - cpu
        return cpu / int(re.search(r"(\d+) requests in", run.stdout)[1]) * 1e6, process.resident


def blackbox_module(lab, mode):
    """blackbox_exporter's configuration of the same dialogue."""
    steps = ["expect: '^220 '", "send: \"EHLO bench.test\\r\"", "expect: '^250 '"]
    if mode == "starttls":
        steps += ["send: \"STARTTLS\\r\"", "expect: '^220'", "starttls: true", *steps[1:3]]
    if mode != "plain":
        steps += ["send: \"AUTH PLAIN AHVzZXIAc2VjcmV0\\r\"", "expect: '^235'"]
    steps += ["send: \"QUIT\\r\"", "expect: '^221'"]
    lines = ["modules:", "  bench:", "    prober: tcp", "    timeout: 10s", "    tcp:",
             "      preferred_ip_protocol: ip4", f"      tls: {str(mode == 'implicit').lower()}",
             f"      tls_config: {{ ca_file: {lab.authority.certificate}, server_name: load.test }}",
             "      query_response:", *(f"        - {step}" for step in steps)]
    return "\n".join(lines) + "\n"


def measure(lab, modes=("starttls", "implicit", "plain"), rounds=3, seconds=10, count=2500):
    """Rows by mode: microseconds a probe of each, ratios, memory."""
    results = []
    for mode in modes:
        with LoadTarget(lab, mode) as target:
            taken = []
            for number in range(rounds):
                taken.append((floor(lab, target, mode, count), smtpwatch(lab, target, mode, seconds),
                              blackbox(lab, target, mode, seconds), floor(lab, target, mode, RATE * seconds, RATE)))
                note(f"cost {mode}: round {number + 1} of {rounds}")
        row = {"mode": mode, "microseconds": median(us for _, (us, _), _, _ in taken),
               "floor_microseconds": median(least for least, _, _, _ in taken),
               "ratio_to_floor": median(us / least for least, (us, _), _, _ in taken),
               "paced_floor_microseconds": median(paced for _, _, _, paced in taken),
               "ratio_to_paced_floor": median(us / paced for _, (us, _), _, paced in taken),
               "resident_bytes": median(memory for _, (_, memory), _, _ in taken)}
        if all(peer for _, _, peer, _ in taken):
            row |= {"blackbox_microseconds": median(peer[0] for _, _, peer, _ in taken),
                    "ratio_to_blackbox": median(us / peer[0] for _, (us, _), peer, _ in taken),
                    "blackbox_resident_bytes": median(peer[1] for _, _, peer, _ in taken)}
        results.append(row)
    return results
