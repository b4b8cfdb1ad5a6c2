"""What the tests share: one directory, one set of servers."""

import select
import shutil
import socket
import tempfile
from pathlib import Path

import pytest

import smtpwatch as program
from servers.certificates import Authority
from servers.dovecot import Dovecot
from servers.postfix import HOSTNAME, Postfix

USER, PASSWORD = "plunk", "right horse+battery=7"


def pytest_sessionstart():
    if not program.BINARY.exists():
        pytest.exit(f"{program.BINARY} is missing: run Tests/run e2e, or build it first", returncode=2)


@pytest.fixture(scope="session")
def lab():
    """A directory that every server's user may enter, and short enough for socket paths."""
    directory = Path(tempfile.mkdtemp(prefix="smtpwatch-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


@pytest.fixture(scope="session")
def authority(lab):
    return Authority(lab / "authority")


@pytest.fixture(scope="session")
def certificate(authority):
    return authority.issue(HOSTNAME, "DNS:localhost", "IP:127.0.0.1")


@pytest.fixture(scope="session")
def dovecot(lab):
    with Dovecot(lab, {USER: PASSWORD}) as server:
        yield server


@pytest.fixture(scope="session")
def postfix(lab, certificate, dovecot):
    """The mail server of most tests: nobody stops this one."""
    with Postfix(lab, certificate, dovecot) as server:
        yield server


@pytest.fixture(scope="session")
def probe(authority):
    """Probes a loopback port with the lab's CA and, where `password` is given, the lab's user."""
    def run(port, *arguments, password=None, trust=True):
        login = ["--auth.user", USER, "--auth.password-env", "PROBE_PASSWORD"] if password else []
        trusted = ["--tls.ca-file", authority.certificate] if trust else []
        return program.smtpwatch(
            "probe", f"127.0.0.1:{port}", *trusted, *login, "--json", *arguments,
            **({"PROBE_PASSWORD": password} if password else {}))
    return run


@pytest.fixture
def secret_file(tmp_path):
    """The right password in a file that others cannot read."""
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text(PASSWORD + "\n")
    return path


@pytest.fixture
def submission(authority, secret_file):
    """A configuration with quick probes of one target `plunk` that logs in, by port."""
    def configuration(port):
        # Passive, lest a mail server of this machine's own is found on the usual ports.
        module = {
            "timeout": "1s", "diagnosis": "passive",
            "tls": {"mode": "starttls", "ca_file": str(authority.certificate)},
            "auth": {"username": USER, "password_file": str(secret_file)}}
        target = {"name": "plunk", "host": "127.0.0.1", "port": port, "module": "submission", "interval": "1s"}
        return {"modules": {"submission": module}, "targets": [target]}
    return configuration


@pytest.fixture
def start(tmp_path):
    """Starts monitors and ends them after the test."""
    started = []
    def run(*arguments, **keywords):
        directory = tmp_path / f"monitor-{len(started)}"
        directory.mkdir()
        monitor = program.Monitor(directory, *arguments, **keywords)
        started.append(monitor)
        monitor.start()
        return monitor
    yield run
    for monitor in started:
        monitor.stop()


@pytest.fixture
def silent_door():
    """A listening socket that nobody should knock at; `knocked()` tells whether somebody did."""
    class Door:
        def __init__(self):
            self.socket = socket.create_server(("127.0.0.1", 0))
            self.port = self.socket.getsockname()[1]

        def knocked(self):
            return bool(select.select([self.socket], [], [], 0)[0])

    door = Door()
    yield door
    door.socket.close()
