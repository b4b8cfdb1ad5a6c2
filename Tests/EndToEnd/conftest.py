"""What the tests share: one directory, one set of servers."""

import itertools
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import smtpwatch as program
from servers.certificates import Authority
from servers.door import Door
from servers.dovecot import Dovecot
from servers.moody import MoodySMTP
from servers.postfix import HOSTNAME, Postfix
from servers.scribe import Scribe

USER, PASSWORD = "plunk", "right horse+battery=7"
CALLERS = itertools.count(1)


def pytest_addoption(parser):
    parser.addoption("--kills", type=int, default=20, help="how often the monitor with a stored history is killed")


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


@pytest.fixture(scope="session")
def package(lab):
    """The Debian package's file, of the program under test or of another build: packaging is the same."""
    binary = os.environ.get("SMTPWATCH_PACKAGE_BINARY", program.BINARY)
    shelf = lab / "package"
    shelf.mkdir()
    built = subprocess.run(
        [Path(__file__).parents[2] / "deploy/debian/build", "--binary", binary, shelf],
        capture_output=True, text=True, env={**os.environ, "DPKG_DEB_COMPRESSOR_LEVEL": "0"})
    assert built.returncode == 0, built.stderr
    [file] = shelf.glob("smtpwatch_*.deb")
    return file


@pytest.fixture(scope="session")
def wall_clock(lab):
    """A library that stands between a program and its wall clock."""
    library = lab / "wall_clock.so"
    subprocess.run(
        [shutil.which("clang") or "cc", "-shared", "-fPIC", "-o", library, Path(__file__).parent / "servers/wall_clock.c"],
        check=True)
    return library


@pytest.fixture
def secret_file(tmp_path):
    """The right password in a file that others cannot read."""
    path = tmp_path / "password"
    path.touch(mode=0o600)
    path.write_text(PASSWORD + "\n")
    return path


@pytest.fixture
def submission(authority, secret_file):
    """A configuration with quick probes of one target `plunk` that logs in, by port; `timeout` is short where nobody
    answers, which is all that it is for."""
    def configuration(port, timeout="20s"):
        # Passive, lest a mail server of this machine's own is found on the usual ports.
        module = {
            "timeout": timeout, "diagnosis": "passive",
            "tls": {"mode": "starttls", "ca_file": str(authority.certificate)},
            "auth": {"username": USER, "password_file": str(secret_file)}}
        target = {"name": "plunk", "host": "127.0.0.1", "port": port, "module": "submission", "interval": "1s"}
        return {"modules": {"submission": module}, "targets": [target]}
    return configuration


@pytest.fixture(scope="module")
def moody():
    """A server of moods, for many quick probes."""
    with MoodySMTP() as server:
        yield server


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
def scribe():
    """A small server that takes everything and writes it down."""
    with Scribe() as server:
        yield server


@pytest.fixture
def caller():
    """An address of this machine from which only this test calls: servers tell its clients from all others."""
    return f"127.7.{next(CALLERS)}.1"


@pytest.fixture
def silent_door():
    """A port that nobody answers at, and mostly nobody should knock at."""
    with Door() as door:
        yield door
