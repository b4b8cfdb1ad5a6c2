"""Faults of the monitor's own side: it says that they are its own, and goes on when they are over."""

import contextlib
import ctypes
import http.client
import json
import os
import random
import resource
import signal
import socket
import subprocess
import threading

import pytest

from quick import configuration, goes_on
from servers.dns import NameServer
from servers.waiting import wait_until
from smtpwatch import BINARY, ENVIRONMENT, Monitor, smtpwatch

# MARK: Limits


class Kept:
    """A connection to the pages that was there before descriptors ran out."""

    def __init__(self, monitor):
        self.connection = http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=60)

    def last(self, target="watched-0"):
        self.connection.request("GET", f"/api/v1/targets/{target}")
        return json.loads(self.connection.getresponse().read())["last"]


def without_descriptors(monitor):
    """Leaves the monitor no descriptor but those it has."""
    used = max(int(name) for name in os.listdir(f"/proc/{monitor.process.pid}/fd")) + 1
    _, hard = resource.prlimit(monitor.process.pid, resource.RLIMIT_NOFILE)
    # Room for those of probes that are under way would be room for the next ones.
    resource.prlimit(monitor.process.pid, resource.RLIMIT_NOFILE, (min(used, 8), hard))
    return hard


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "no-such-host.test"])
def test_without_descriptors_the_monitor_blames_itself_and_recovers(start, scribe, host, tmp_path):
    with NameServer({}) as names:
        blames_itself_and_recovers(start(
            configuration=configuration(scribe.port, host=host), wrapper=names.asked_by(tmp_path)))


def blames_itself_and_recovers(monitor):
    wait_until(lambda: monitor.state_of("watched-0"), "a first result")
    kept = Kept(monitor)
    before = kept.last()
    hard = without_descriptors(monitor)
    last = wait_until(lambda: (last := kept.last())["reason"] == "local_error" and last, lambda: f"its own fault, not {kept.last()}")
    assert (last["outcome"], last["stage"]) == ("inconclusive", "internal")
    assert "EMFILE" in last["message"] and "RLIMIT_NOFILE" in last["message"] and "ulimit -n" in last["remedy"]
    resource.prlimit(monitor.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    wait_until(lambda: kept.last()["reason"] == before["reason"], lambda: f"{before['reason']} again, not {kept.last()}")
    assert monitor.get("/-/healthy")[0] == 200


def test_a_limit_of_memory_that_suffices_is_kept_to_under_load(start, scribe):
    monitor = start(configuration=configuration(*[scribe.port] * 50))
    goes_on(monitor)
    size = 160 << 20
    resource.prlimit(monitor.process.pid, resource.RLIMIT_DATA, (size, size))
    for path in ("/", "/metrics", "/api/v1/targets", "/config") * 20:
        assert monitor.get(path)[0] == 200
    goes_on(monitor)


def test_a_limit_of_memory_that_does_not_suffice_ends_the_program_at_once():
    # What an allocation that fails would leave undone cannot be told: it must end, not hang or guess.
    ended = subprocess.run(
        ["prlimit", "--as=60000000", "--core=0", BINARY, "demo", "--web.listen-address", "127.0.0.1:0"],
        env=ENVIRONMENT, capture_output=True, timeout=120)
    assert ended.returncode != 0


# MARK: The loop


class Frozen:
    """One thread of a process, stopped by a tracer until the `with` ends."""

    SEIZE, INTERRUPT, DETACH, WALL = 0x4206, 0x4207, 17, 0x40000000
    libc = ctypes.CDLL(None, use_errno=True)
    libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]

    def __init__(self, thread):
        self.thread = thread

    def _ask(self, request):
        if self.libc.ptrace(request, self.thread, None, None):
            number = ctypes.get_errno()
            pytest.skip(f"this system lets nobody trace: {os.strerror(number)}")

    def __enter__(self):
        self._ask(self.SEIZE)
        self._ask(self.INTERRUPT)
        os.waitpid(self.thread, self.WALL)

    def __exit__(self, *_):
        self.libc.ptrace(self.DETACH, self.thread, None, None)


def test_a_loop_that_is_stuck_is_told_and_restarted_for(start, scribe, tmp_path):
    manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    manager.bind(str(tmp_path / "notify"))
    manager.setblocking(False)

    def heard():
        messages = []
        with contextlib.suppress(BlockingIOError):
            while True:
                messages.append(manager.recv(4096))
        return messages
    monitor = start(configuration=configuration(scribe.port), NOTIFY_SOCKET=str(tmp_path / "notify"),
                    WATCHDOG_USEC="2000000", SWIFT_BACKTRACE="enable=no")
    wait_until(lambda: b"WATCHDOG=1\n" in heard(), "a sign of life")
    # The main thread is the loop; those of the pages go on.
    with Frozen(monitor.process.pid):
        heard()
        wait_until(lambda: monitor.get("/-/healthy")[0] == 503, "the loop to be found stuck")
        assert "restart" in monitor.get("/-/healthy")[2] and monitor.get("/metrics")[0] == 200
        assert smtpwatch("healthcheck", f"http://127.0.0.1:{monitor.port}").code == 1
        # Ten seconds without one: a manager that waits for two has long acted.
        assert b"WATCHDOG=1\n" not in heard()
    wait_until(lambda: monitor.get("/-/healthy")[0] == 200, "the loop to turn again")
    wait_until(lambda: b"WATCHDOG=1\n" in heard(), "signs of life again")
    # What a manager does then, while the loop is stuck again: nothing may hold the process.
    with Frozen(monitor.process.pid):
        monitor.signal(signal.SIGABRT)
    assert monitor.process.wait(timeout=60) == -signal.SIGABRT
    manager.close()


# MARK: People and their scripts


def garbage(seed):
    """A text that is no configuration."""
    source = random.Random(seed)
    kinds = [
        lambda: source.randbytes(source.randrange(1, 3000)), lambda: b"targets: [" * source.randrange(1, 400),
        lambda: b"targets:\n  - host: " + source.randbytes(40), lambda: b"&a [*a, *b]", lambda: b"\xff\xfe\0t\0a",
        lambda: b"modules: { default: { timeout: %d } }" % source.randrange(1 << 70), lambda: b"- \n" * 2000,
        lambda: b"targets: [{ host: mail.example.com, port: 456 }", lambda: b"a: &a [x]\nb: [*a,*a]\n" * 9]
    return source.choice(kinds)()


def test_garbage_a_thousand_times_changes_nothing(start, scribe):
    good = configuration(scribe.port)
    monitor = start("--web.enable-lifecycle", "--config.enable-auto-reload", configuration=good)
    goes_on(monitor)
    memory = monitor.metric("process_resident_memory_bytes")
    connection = http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=60)
    for seed in range(1000):
        monitor.configuration.write_bytes(garbage(seed))
        connection.request("POST", "/-/reload")
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 500 and b"smtpwatch.yml" in text, (seed, text)
    goes_on(monitor)
    metrics = monitor.metrics()
    assert metrics[("smtpwatch_config_last_reload_successful", frozenset())] == 0
    assert metrics[("smtpwatch_targets", frozenset())] == 1
    assert metrics[("smtp_probe_failures_total", frozenset({("target", "watched-0")}))] == 0
    assert metrics[("process_resident_memory_bytes", frozenset())] < memory + (32 << 20)
    monitor.configure(good)
    assert monitor.get("/-/reload", "POST")[0] == 200
    assert monitor.metric("smtpwatch_config_last_reload_successful") == 1


def test_a_storm_of_hangups_is_a_few_reloads_and_the_last_file_counts(start, scribe):
    many = configuration(*[scribe.port] * 2000, interval="1h")
    many["targets"][0]["interval"] = "200ms"
    monitor = start(configuration=many)
    goes_on(monitor)
    for _ in range(300):
        # Once the pages have answered, the loop will have had its turn.
        monitor.signal(signal.SIGHUP)
        assert monitor.get("/-/healthy")[0] == 200
    monitor.configure(configuration(*[scribe.port] * 3))
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 3, "the last file to be in use")
    goes_on(monitor, 5)
    # Those that came during a reload are one more; none is left over for later.
    assert 1 < monitor.output.count("Configuration reloaded") < 150
    assert monitor.get("/-/healthy")[0] == 200


def test_a_storm_of_scrapes_delays_no_probe(start, scribe):
    monitor = start(configuration=configuration(*[scribe.port] * 20))
    goes_on(monitor)
    answers = []

    def scrape():
        for _ in range(10):
            with contextlib.suppress(OSError, http.client.HTTPException):
                answers.append(monitor.get("/metrics")[0])
    crowd = [threading.Thread(target=scrape) for _ in range(50)]
    for thread in crowd:
        thread.start()
    before = len(scribe.arrivals)
    goes_on(monitor, 3)
    for thread in crowd:
        thread.join()
    assert set(answers) == {200} and len(answers) > 400
    wait_until(lambda: len(scribe.arrivals) - before >= 40, "the probes of all")
    assert monitor.metric("process_open_fds") < 150
    assert monitor.metric("smtp_probe_failures_total", target="watched-0") == 0


def test_pages_do_not_wait_for_the_files_of_a_probe_on_request(scribe, authority, start, tmp_path):
    trust = tmp_path / "trust.pem"
    trust.write_text(authority.certificate.read_text())
    monitor = start(configuration=configuration(scribe.port, tls={"mode": "none", "ca_file": str(trust)}))
    # What stands there now is as slow as the file of a server that is away.
    trust.unlink()
    os.mkfifo(trust)
    answers = []
    asking = threading.Thread(
        target=lambda: answers.append(monitor.get(f"/probe?target=127.0.0.1:{scribe.port}&module=default")[0]))
    asking.start()
    # Nobody can open a pipe so to write before somebody has to read.
    pipe = wait_until(lambda: os.open(trust, os.O_WRONLY | os.O_NONBLOCK), "the probe to want its file")
    try:
        assert monitor.get("/metrics")[0] == 200 and monitor.get("/config")[0] == 200
        os.write(pipe, authority.certificate.read_bytes())
    finally:
        os.close(pipe)
        asking.join()
    assert answers == [200]


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_are_not_taken_for_connections(tmp_path, scribe, closed):
    class Bare(Monitor):
        def start(self):
            self.command = ["sh", "-c", f'exec "$@" {closed}', "sh", *map(str, self.command)]
            super().start()
    with Bare(tmp_path, "--log.level", "debug", configuration=configuration(scribe.port)) as monitor:
        for number, operator in enumerate(("<&-", ">&-", "2>&-")):
            if operator in closed.split():
                assert os.readlink(f"/proc/{monitor.process.pid}/fd/{number}") == "/dev/null"
        goes_on(monitor, 3)
        monitor.configure("nonsense")
        monitor.signal(signal.SIGHUP)
        wait_until(lambda: monitor.metric("smtpwatch_config_last_reload_successful") == 0, "the refusal")
        goes_on(monitor, 3)
        assert monitor.state_of("watched-0") == ("up", "ok")
        assert monitor.end() == 0
    # Whatever is logged stays out of the conversation.
    assert {line.split()[0] for line in scribe.lines} <= {b"EHLO", b"QUIT"}, set(scribe.lines)


@pytest.mark.parametrize("arguments", [["--version"], ["check-config"], ["probe", "127.0.0.1:1", "--json", "--no-follow-up"]])
def test_commands_without_streams_end(arguments):
    ended = subprocess.run(
        ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", BINARY, *arguments], env=ENVIRONMENT, timeout=120)
    assert ended.returncode in (0, 1, 2, 64, 78, 74)
