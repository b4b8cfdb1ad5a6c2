"""The program under test: its commands, and the monitor as a running process."""

import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from servers.daemon import Daemon
from servers.waiting import free_port, wait_until

BINARY = Path(os.environ.get(
    "SMTPWATCH_BINARY", Path(__file__).parents[2] / ".build" / "debug" / "smtpwatch"))

# Nothing of the caller's own mail settings reaches the program.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("SMTP_")}

UP, DEGRADED, DOWN, INCONCLUSIVE = 0, 1, 2, 3
USAGE, CONFIGURATION = 64, 78


class Ended:
    """How a command ended and what it wrote."""

    def __init__(self, completed):
        self.code = completed.returncode
        self.out = completed.stdout.decode(errors="replace")
        self.err = completed.stderr.decode(errors="replace")

    @property
    def text(self):
        """All that was written."""
        return self.out + self.err

    @property
    def json(self):
        """The result of `probe --json`."""
        return json.loads(self.out)

    def lines_with(self, *words):
        """The lines of output that contain all the words, in any case."""
        return [line for line in self.text.splitlines()
                if all(str(word).lower() in line.lower() for word in words)]

    def __repr__(self):
        return f"exit {self.code}\n{self.text}"


def smtpwatch(*arguments, timeout=120, wrapper=(), **environment):
    """Runs a command to its end, by another command where `wrapper` says so; keyword arguments are environment
    variables."""
    return Ended(subprocess.run(
        [*wrapper, BINARY, *map(str, arguments)], env={**ENVIRONMENT, **environment}, stdin=subprocess.DEVNULL,
        capture_output=True, timeout=timeout))


class Monitor(Daemon):
    """`smtpwatch run` (or another command that serves) on a port of its own."""

    def __init__(self, directory, *arguments, command="run", configuration=None, program=BINARY, wrapper=(), **environment):
        """`configuration` becomes the configuration file; further keyword arguments are environment variables."""
        super().__init__(directory)
        self.port = free_port()
        self.configuration = directory / "smtpwatch.yml"
        if configuration is not None:
            self.configure(configuration)
            arguments = ("--config.file", self.configuration, *arguments)
        self.command = [*wrapper, program, command, *arguments, "--web.listen-address", f"127.0.0.1:{self.port}"]
        self.environment = {**ENVIRONMENT, **environment}

    def configure(self, configuration):
        """Writes the configuration file: text, or what stands for it as JSON, which is YAML. Nobody sees half of it."""
        text = configuration if isinstance(configuration, str) else json.dumps(configuration, indent=1)
        fresh = self.configuration.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.configuration)

    def is_ready(self):
        """Whether it says so."""
        return self.get("/-/ready")[0] == 200

    def signal(self, number):
        """Sends the process a signal."""
        self.process.send_signal(number)

    def end(self):
        """Asks the process to end as a service manager does; its exit status."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(timeout=60)
        self.process = None
        return code

    def get(self, path, method="GET", **headers):
        """Status, headers and text of an answer; `_` in a header's name stands for `-`."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", method=method,
            headers={name.replace("_", "-"): value for name, value in headers.items()})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()

    def api(self, path):
        """A JSON answer of the API."""
        status, _, text = self.get(f"/api/v1/{path}")
        assert status == 200, f"{path}: {status} {text}"
        return json.loads(text)

    def metrics(self):
        """Every sample of /metrics: values by name and labels."""
        _, _, text = self.get("/metrics", Accept="text/plain;version=0.0.4")
        return {(sample.name, frozenset(sample.labels.items())): sample.value
                for family in text_string_to_metric_families(text) for sample in family.samples}

    def metric(self, name, **labels):
        """One sample's value; None where there is no such series."""
        return self.metrics().get((name, frozenset(labels.items())))

    def state_of(self, target):
        """State and reason of a target, once it has a result."""
        last = self.api(f"targets/{target}")["last"]
        return last and (last["outcome"], last["reason"])

    def wait_for(self, target, outcome, reason):
        """Waits until a target's latest result is the wanted one, and gives its page in the API."""
        wait_until(
            lambda: self.state_of(target) == (outcome, reason),
            lambda: f"{target} to be {outcome} ({reason}), not {self.state_of(target)}")
        return self.api(f"targets/{target}")
