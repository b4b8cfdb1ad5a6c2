"""The Debian package on a machine of its own, under a real systemd: what the units promise, and what stays behind."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from conftest import PASSWORD, USER
from servers import machine
from servers.postfix import Postfix
from servers.waiting import wait_until
from smtpwatch import BINARY, Monitor

pytestmark = pytest.mark.slow

SYSTEMD = Path(__file__).parents[2] / "deploy/systemd"
CONFIGURATION = "/etc/smtpwatch/smtpwatch.yml"
DROP_IN = "/etc/systemd/system/smtpwatch.service.d"
TARGET = """\
modules:
  submission:
    tls: {{ mode: starttls, ca_file: authority.pem }}
    auth: {{ username: {user}, password_file: "${{CREDENTIALS_DIRECTORY}}/submission" }}
targets:
- {{ name: plunk, host: 127.0.0.1, port: {port}, module: submission, interval: 1s }}
"""


class Service(Monitor):
    """The installed monitor: systemd starts and ends it, and its pages are asked for in the machine's own network."""

    def __init__(self, host):
        self.host = host
        self.port = 10525

    def get(self, path, method="GET", **headers):
        with self.host.network():
            return super().get(path, method, **headers)

    @property
    def process_id(self):
        """The process, as the machine counts them; 0 for none."""
        return int(self.host.facts("smtpwatch.service", "MainPID")["MainPID"])

    @property
    def journal(self):
        """What systemd, and the process, have said of it."""
        return self.host.run("journalctl", "--unit=smtpwatch.service", "--output=cat")


def libraries(binary):
    """Where shared libraries of a program are that are no packages: those of Swift, while it is no release."""
    listed = subprocess.run(["ldd", binary], capture_output=True, text=True, check=True).stdout
    return {os.path.dirname(path) for path in re.findall(r"=> (/\S+)", listed)
            if not path.startswith(("/lib/", "/usr/lib/"))}


@pytest.fixture(scope="module")
def host(lab, package):
    """The machine, which sees the package."""
    if reason := machine.refusal():
        pytest.skip(f"this host allows no machine with a systemd of its own: {reason}")
    depends = subprocess.run(["dpkg-deb", "--field", package, "Depends"], capture_output=True, text=True, check=True).stdout
    names = [name.split("|")[0].split()[0] for name in depends.split(",")]
    directory = lab / "machine"
    directory.mkdir()
    binary = os.environ.get("SMTPWATCH_PACKAGE_BINARY", BINARY)
    folders = {package.parent: "/packages", **{place: "/usr/local/lib" for place in libraries(binary)}}
    with machine.Machine(directory, machine.debian_root("systemd", *names), folders) as host:
        host.run("ldconfig")
        yield host


@pytest.fixture(scope="module")
def mail(host, lab, certificate, dovecot):
    """A mail server in the machine's network."""
    server = Postfix(lab, certificate, dovecot, name="postfix-of-machine")
    with host.network():
        server.start()
    yield server
    server.stop()


@pytest.fixture
def installed(host, package):
    """The service as the package leaves it."""
    if host.tried("dpkg", "--status", "smtpwatch").returncode:
        said = host.run("dpkg", "--install", f"/packages/{package.name}")
        assert "warning" not in said.lower(), said
    return Service(host)


@pytest.fixture
def service(installed, host, mail, authority):
    """The service with a target that it logs in to by a secret that systemd hands over."""
    host.write("/etc/smtpwatch/authority.pem", Path(authority.certificate).read_text())
    host.write("/etc/smtpwatch/secrets/submission", PASSWORD + "\n", mode=0o600)
    # As the unit's own comment says.
    [line] = re.findall(r"^#(LoadCredential=.*\n)", (SYSTEMD / "smtpwatch.service").read_text(), re.M)
    host.run("rm", "-rf", DROP_IN)
    host.write(f"{DROP_IN}/secret.conf", f"[Service]\n{line}")
    host.write("/etc/default/smtpwatch", (SYSTEMD / "smtpwatch.default").read_text())
    host.write(CONFIGURATION, TARGET.format(user=USER, port=mail.submission))
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "restart", "smtpwatch.service")
    return installed


def test_once_installed_it_is_ready_and_enabled_and_ends_cleanly(installed, host):
    facts = {"ActiveState": "active", "SubState": "running", "UnitFileState": "enabled", "NRestarts": "0"}
    assert host.facts("smtpwatch.service", *facts) == facts
    # systemd called it started when it said that it was ready: nobody has to wait.
    assert installed.get("/-/ready")[0] == 200
    host.run("smtpwatch", "healthcheck")
    host.run("systemctl", "stop", "smtpwatch.service")
    ended = {"ActiveState": "inactive", "Result": "success", "ExecMainStatus": "0"}
    assert host.facts("smtpwatch.service", *ended) == ended


def test_it_works_within_its_sandbox(service, host):
    service.wait_for("plunk", "up", "ok")
    assert service.metric("smtp_probe_phase_duration_seconds", target="plunk", phase="auth") is not None
    host.run("systemd-analyze", "security", "--threshold=15", "smtpwatch.service")
    status = dict(line.split(":\t", 1) for line in host.path(f"/proc/{service.process_id}/status").read_text().splitlines()
                  if ":\t" in line)
    assert "0" not in status["Uid"].split() and status["CapBnd"].strip("0") == ""
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    # What it keeps is its own.
    assert host.run("stat", "--format=%a", "/var/lib/private/smtpwatch").split() == ["700"]
    # Nothing was denied that a library would complain of: the log has its own lines, and those of systemd about it.
    others = [line for line in service.journal.splitlines()
              if not line.startswith("time=") and "smtpwatch.service" not in line]
    assert others == []


def test_a_reload_takes_what_is_good_and_leaves_what_is_not(service, host, mail):
    process = service.process_id
    text = TARGET.format(user=USER, port=mail.submission)
    host.write(CONFIGURATION, text + f"- {{ name: second, host: 127.0.0.1, port: {mail.relay}, tls: {{ mode: none }} }}\n")
    host.run("systemctl", "reload", "smtpwatch.service")
    wait_until(lambda: service.metric("smtpwatch_targets") == 2, "the added target")
    host.write(CONFIGURATION, "nonsense: true\n")
    host.run("systemctl", "reload", "smtpwatch.service")
    wait_until(lambda: service.metric("smtpwatch_config_last_reload_successful") == 0, "the refusal")
    assert service.metric("smtpwatch_targets") == 2
    host.wait_for("smtpwatch.service", ActiveState="active", MainPID=str(process))


def test_one_that_hangs_is_killed_and_started_anew_with_its_history(service, host):
    host.write(f"{DROP_IN}/quick.conf", "[Service]\nWatchdogSec=3s\nRestartSec=100ms\n")
    host.run("systemctl", "daemon-reload")
    host.run("systemctl", "restart", "smtpwatch.service")

    def last_ping():
        return int(host.facts("smtpwatch.service", "WatchdogTimestampMonotonic")["WatchdogTimestampMonotonic"])
    # It outlives its limit for as long as it pings.
    first = last_ping()
    wait_until(lambda: last_ping() > first + 3_500_000, "a ping beyond the limit")
    assert host.facts("smtpwatch.service", "NRestarts")["NRestarts"] == "0"
    service.wait_for("plunk", "up", "ok")
    runs = service.metric("smtp_probe_runs_total", target="plunk")
    host.run("sh", "-c", f"kill -STOP {service.process_id}")
    host.wait_for("smtpwatch.service", NRestarts="1", SubState="running")
    assert "Watchdog timeout" in service.journal
    assert service.metric("smtp_probe_runs_total", target="plunk") >= runs


def test_with_the_socket_a_restart_refuses_nobody(service, host):
    flags = (SYSTEMD / "smtpwatch.default").read_text()
    [line] = re.findall(r"^#(ARGS=.*--web\.systemd-socket.*\n)", flags, re.M)
    host.write("/etc/default/smtpwatch", line)
    # As the unit's own comment says.
    [steps] = re.findall(r"^# +(systemctl .*)$", (SYSTEMD / "smtpwatch.socket").read_text(), re.M)
    host.run("sh", "-euc", steps)
    try:
        service.wait_for("plunk", "up", "ok")
        host.run("systemctl", "stop", "smtpwatch.service")
        # Whoever knocks meanwhile waits for it to start.
        assert service.get("/-/healthy")[0] == 200
        host.wait_for("smtpwatch.service", ActiveState="active")
    finally:
        host.run("systemctl", "disable", "--now", "smtpwatch.socket")


def test_the_history_may_lie_on_another_disk(service, host):
    host.run("systemctl", "stop", "smtpwatch.service")
    # As the file of flags says.
    place = re.search(r"mount a directory .* at (\S+),", (SYSTEMD / "smtpwatch.default").read_text())[1]
    host.run("mount", "-t", "tmpfs", "disk", place)
    try:
        host.run("systemctl", "start", "smtpwatch.service")
        service.wait_for("plunk", "up", "ok")
        assert host.path(f"{place}/records").stat().st_size > 0
    finally:
        host.run("systemctl", "stop", "smtpwatch.service")
        host.run("umount", place)


def test_an_upgrade_keeps_what_was_set_and_a_purge_takes_all(service, host, package, tmp_path):
    service.wait_for("plunk", "up", "ok")
    runs, process = service.metric("smtp_probe_runs_total", target="plunk"), service.process_id
    flags = 'ARGS="--config.file=/etc/smtpwatch/smtpwatch.yml --log.level=warn"\n'
    host.write("/etc/default/smtpwatch", flags)
    newer(package, tmp_path)
    said = host.run("dpkg", "--install", "/packages/newer.deb")
    assert "Setting up smtpwatch (99.0" in said
    assert service.process_id not in (0, process)
    assert service.metric("smtp_probe_runs_total", target="plunk") >= runs
    assert host.path("/etc/default/smtpwatch").read_text() == flags

    # Switched off by its administrator it stays off.
    host.run("systemctl", "disable", "--now", "smtpwatch.service")
    host.run("dpkg", "--install", "/packages/newer.deb")
    off = {"ActiveState": "inactive", "UnitFileState": "disabled"}
    assert host.facts("smtpwatch.service", *off) == off
    host.run("systemctl", "enable", "--now", "smtpwatch.service")

    # Removed and installed again it is as it was.
    host.run("dpkg", "--remove", "smtpwatch")
    assert host.facts("smtpwatch.service", "ActiveState", "LoadState") == {"ActiveState": "inactive", "LoadState": "not-found"}
    host.run("dpkg", "--install", "/packages/newer.deb")
    on = {"ActiveState": "active", "UnitFileState": "enabled"}
    assert host.facts("smtpwatch.service", *on) == on
    assert service.metric("smtp_probe_runs_total", target="plunk") >= runs

    host.run("dpkg", "--purge", "smtpwatch")
    # What the administrator made is the administrator's.
    left = set(host.run("find", "/", "-xdev", "-name", "*smtpwatch*").split())
    assert left <= {DROP_IN, "/etc/smtpwatch"}
    assert not host.path(CONFIGURATION).exists()


def newer(package, directory):
    """The package as its next version."""
    tree = directory / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub(r"^Version: .*$", "Version: 99.0", control.read_text(), flags=re.M))
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", "-z0", tree, package.parent / "newer.deb"], check=True,
                   capture_output=True)
