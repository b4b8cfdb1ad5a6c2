"""Processes under measurement: the monitor, servers to probe, and what the kernel says they cost."""

import json
import os
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))
from servers import packages  # noqa: E402
from servers.certificates import Authority  # noqa: E402
from servers.waiting import free_port, wait_until  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def note(text):
    """Progress, beside the results."""
    print(text, file=sys.stderr, flush=True)


class Process:
    """A child with its costs; ends with its block."""

    def __init__(self, command, log, environment=None):
        with open(log, "ab") as output:
            self.child = subprocess.Popen(
                list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                env={**os.environ, **(environment or {})})
        self.log = Path(log)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Asks it to end, then makes it."""
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(20)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait()

    @property
    def cpu(self):
        """Processor seconds so far, user and system."""
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    @property
    def resident(self):
        """Bytes of memory in use."""
        return self._status("VmRSS")

    @property
    def peak(self):
        """The most bytes of memory that were ever in use."""
        return self._status("VmHWM")

    def _status(self, name):
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+)", status)[1]) * 1024


class Monitor(Process):
    """`smtpwatch run` with a configuration made for it."""

    def __init__(self, lab, configuration, *flags, environment=None):
        number = len(list(lab.directory.glob("monitor-*.yml")))
        file = lab.directory / f"monitor-{number}.yml"
        file.write_text(json.dumps(configuration))
        self.port = free_port()
        super().__init__(
            [lab.binary, "run", "--config.file", file, "--web.listen-address", f"127.0.0.1:{self.port}",
             "--log.level", "error", *flags], file.with_suffix(".log"), environment)
        wait_until(lambda: self.answers("/-/ready"), "the monitor serves", deadline=60)

    def answers(self, path):
        """Whether it has an answer without fault."""
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5).status == 200
        except OSError:
            return False

    def get(self, path):
        """An answer's bytes."""
        return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=60).read()

    def metrics(self, *groups):
        """(name, labels, value) of each sample of the groups."""
        query = "&".join(f"collect[]={group}" for group in groups)
        text = self.get(f"/metrics?{query}").decode()
        return [(name, labels, float(value)) for name, labels, value in re.findall(
            r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE)]

    def total(self, name, group="counters"):
        """A family's sum over all targets."""
        return sum(value for found, _, value in self.metrics(group) if found == name)

    def quantile(self, family, share):
        """The bound below which that share of a histogram of the monitor lies."""
        buckets = [(float(re.search('le="([^"]*)"', labels)[1].replace("+Inf", "inf")), value)
                   for name, labels, value in self.metrics("monitor") if name == f"{family}_bucket"]
        return next(bound for bound, count in buckets if count >= share * buckets[-1][1])


class LoadTarget(Process):
    """The load target in one of its modes, on a port of its own."""

    def __init__(self, lab, mode):
        command = [lab.tool("load_target"), mode]
        if mode in ("starttls", "implicit"):
            command += [lab.chain, lab.key]
        self.printed = lab.directory / f"target-{mode}-{time.monotonic_ns()}"
        super().__init__(command, self.printed)
        wait_until(lambda: self.printed.read_text().endswith("\n"), "the target listens")
        self.port = int(self.printed.read_text().split()[0])


class Lab:
    """Where everything is built and kept for one run."""

    def __init__(self, binary):
        self.binary = Path(binary).resolve()
        if not self.binary.exists():
            sys.exit(f"{self.binary} is missing: swift build -c release --product smtpwatch")
        self.directory = Path(tempfile.mkdtemp(prefix="smtpwatch-bench-"))
        self.authority = Authority(self.directory / "authority")
        leaf, self.key = self.authority.issue("load.test", "IP:127.0.0.1")
        # Two certificates, as with an intermediate authority.
        self.chain = self.directory / "chain.pem"
        self.chain.write_text(leaf.read_text() + self.authority.certificate.read_text())
        password = self.directory / "password"
        password.touch(mode=0o600)
        password.write_text("secret")
        self.password = password
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.directory, ignore_errors=True)

    def tool(self, name):
        """One of the C programs here, built."""
        built = self.directory / name
        if not built.exists():
            subprocess.run(
                ["gcc", "-O2", "-o", built, HERE / f"{name}.c", "-lssl", "-lcrypto", "-lpthread"], check=True)
        return built

    def library(self, name):
        """One of the C libraries here, built."""
        built = self.directory / f"{name}.so"
        if not built.exists():
            subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", built, HERE / f"{name}.c"], check=True)
        return built

    def module(self, mode, **more):
        """A module that does what the floor does."""
        tls = {"starttls": "starttls", "implicit": "implicit"}.get(mode, "none")
        module = {"timeout": "10s", "ip": "4", "tls": {"mode": tls}, "diagnosis": "off", "retries": 0, **more}
        if tls != "none":
            module["tls"] |= {"ca_file": str(self.authority.certificate), "server_name": "load.test"}
            module["auth"] = {"username": "user", "password_file": str(self.password), "mechanism": "PLAIN"}
        return module

    def configuration(self, mode, port, count, interval, **more):
        """`count` targets at one port."""
        return {
            "limits": {"in_flight": 100_000, "per_address": 100_000},
            "modules": {"bench": self.module(mode, **more)},
            "targets": [{"name": f"t{number}", "host": "127.0.0.1", "port": port, "module": "bench",
                         "interval": interval} for number in range(count)]}

    def peer(self, program, package, *libraries):
        """A program of a Debian package to compare with, unpacked; None where it cannot be had."""
        try:
            path = packages.program(program, package, self.directory)
            roots = [packages.unpack(library, self.directory) for library in libraries]
        except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
            note(f"without {program}: {error}")
            return None, {}
        directories = [found.parent for root in roots for found in root.rglob("*.so*")]
        return path, {"LD_LIBRARY_PATH": ":".join(map(str, directories))}


def median(values):
    """The middle one."""
    return statistics.median(values)


def quantile(values, share):
    """The value that so great a share does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
