"""smtpwatch as a service: what it tells systemd, and the unit that ships."""

import os
import re
import secrets
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from servers.waiting import wait_until
from smtpwatch import smtpwatch

DEPLOY = Path(__file__).parents[2] / "deploy"


class Manager:
    """The socket on which a service manager listens."""

    def __init__(self, name):
        self.name = name
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind("\0" + name[1:] if name.startswith("@") else name)
        self.socket.setblocking(False)
        self.heard = []

    def hears(self, message, after=0):
        """Waits for a message beyond the first `after` ones, and gives it."""
        def found():
            try:
                while True:
                    self.heard.append(self.socket.recv(4096).decode())
            except BlockingIOError:
                pass
            return [heard for heard in self.heard[after:] if heard.startswith(message)]
        return wait_until(found, lambda: f"{message}; heard so far: {self.heard}")[0]


@pytest.fixture(params=["path", "abstract"])
def manager(request, tmp_path):
    name = str(tmp_path / "notify") if request.param == "path" else f"@smtpwatch-{secrets.token_hex(8)}"
    manager = Manager(name)
    yield manager
    manager.socket.close()


def test_the_manager_hears_of_readiness_life_reloads_and_the_end(manager, start, submission, silent_door):
    # A ping each half second would be too much for a scheduler that ticks once a second: each second it is.
    monitor = start(configuration=submission(silent_door.port, timeout="1s"), NOTIFY_SOCKET=manager.name,
                    WATCHDOG_USEC="2000000")
    manager.hears("READY=1")
    assert manager.heard[0].startswith("READY=1")
    manager.hears("WATCHDOG=1")

    mark = len(manager.heard)
    monitor.signal(signal.SIGHUP)
    reloading = manager.hears("RELOADING=1", after=mark)
    assert re.search(r"^MONOTONIC_USEC=\d+$", reloading, re.M)
    manager.hears("READY=1", after=mark)

    # A reload that is refused ends as well: the old configuration serves on.
    monitor.configure("nonsense: true")
    mark = len(manager.heard)
    monitor.signal(signal.SIGHUP)
    manager.hears("RELOADING=1", after=mark)
    manager.hears("READY=1", after=mark)

    mark = len(manager.heard)
    assert monitor.end() == 0
    manager.hears("STOPPING=1", after=mark)


def test_a_watchdog_for_another_process_gets_no_pings(manager, start, submission, silent_door):
    monitor = start(configuration=submission(silent_door.port, timeout="1s"), NOTIFY_SOCKET=manager.name,
                    WATCHDOG_USEC="2000000", WATCHDOG_PID="1")
    manager.hears("READY=1")
    # After two more probes, a second apart, a ping would have come.
    runs = monitor.metric("smtp_probe_runs_total", target="plunk")
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="plunk") >= runs + 2, "two more probes")
    assert monitor.end() == 0
    manager.hears("STOPPING=1")
    assert not [heard for heard in manager.heard if heard.startswith("WATCHDOG")]


def test_the_default_configuration_is_good():
    checked = smtpwatch("check-config", DEPLOY / "smtpwatch.yml")
    assert checked.code == 0 and "warning" not in checked.text, checked


def test_a_credential_of_systemds_is_a_password_file(tmp_path):
    (tmp_path / "submission").touch(mode=0o400)
    configuration = tmp_path / "smtpwatch.yml"
    text = (DEPLOY / "smtpwatch.yml").read_text()
    # The example in the comments, with its comment signs gone.
    text = re.sub(r"    # (auth:\n)    # (  username: .*\n)    #   # .*\n    # (  password_file: .*\n)",
                  r"    \1    \2    \3", text)
    assert "\n      password_file: ${CREDENTIALS_DIRECTORY}/submission" in text
    configuration.write_text(text)
    (tmp_path / "submission").chmod(0o600)
    (tmp_path / "submission").write_text("secret")
    checked = smtpwatch("check-config", configuration, CREDENTIALS_DIRECTORY=str(tmp_path))
    assert checked.code == 0, checked
    assert smtpwatch("check-config", configuration).code == 78


def test_the_unit_is_hardened_and_keeps_what_it_needs():
    unit = DEPLOY / "systemd/smtpwatch.service"
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit],
        capture_output=True, text=True, env={**os.environ, "SYSTEMD_COLORS": "0"})
    assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr
    [families] = re.findall(r"^RestrictAddressFamilies=(.*)$", unit.read_text(), re.M)
    assert {"AF_UNIX", "AF_NETLINK"} <= set(families.split())
