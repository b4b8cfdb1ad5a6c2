#!/usr/bin/env python3
"""A short life of an optimized program among servers that fail, each failure looked at more closely, and one of `probe`
for each of these servers; and what they leave behind. An optimizer can lose values that no debug build loses.

    Tests/longrun/leaks.py FILE      (a program built with --sanitize=address)

The exit status is 1 where the program ends otherwise than well, as LeakSanitizer makes it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))
from servers.waiting import wait_until  # noqa: E402
from smtpwatch import DEGRADED, DOWN, INCONCLUSIVE, UP, Monitor  # noqa: E402

# Failures of the demonstration that follow-up checks are made for.
DIAGNOSED = 2


def live(directory, program):
    """How each life of the program ended, and what it wrote; the monitor's is the last."""
    monitor = Monitor(directory, command="demo", program=program)
    monitor.start()
    try:
        wait_until(lambda: all(target["last_run_at"] for target in monitor.api("targets")["targets"]),
                   "every target to be probed", 60)
        wait_until(lambda: (monitor.metric("smtpwatch_diagnoses_total") or 0) >= DIAGNOSED,
                   lambda: f"failures to be looked at: {monitor.metric('smtpwatch_diagnoses_total')}", 60)
        for target in monitor.api("targets")["targets"]:
            last = monitor.api(f"targets/{target['name']}")["last"]
            probe = subprocess.run(
                [program, "probe", f"{last['host']}:{last['port']}", "--timeout", "5s"], capture_output=True, text=True,
                timeout=60)
            yield 0 if probe.returncode in (UP, DEGRADED, DOWN, INCONCLUSIVE) else probe.returncode, probe.stderr
        yield monitor.end(), monitor.output
    finally:
        monitor.stop()


def main():
    """Runs, tells; the exit status."""
    with tempfile.TemporaryDirectory() as directory:
        for code, output in live(Path(directory), Path(sys.argv[1]).resolve()):
            if code != 0:
                print(output[-20_000:], file=sys.stderr)
                print(f"The program ended with status {code}: it left something behind.", file=sys.stderr)
                return 1
    print("Every failure was looked at, and nothing is left behind.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
