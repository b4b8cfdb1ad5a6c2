"""Clients that mean harm, or do it: each is answered or dropped, and neither probes nor /metrics wait for them."""

import base64
import contextlib
import resource
import socket
import threading
import time

import pytest

from servers.waiting import wait_until
from smtpwatch import Monitor

MANY = 3000


@pytest.fixture(scope="module", autouse=True)
def descriptors():
    """Room for thousands of connections in this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * MANY:
        pytest.skip(f"only {hard} descriptors are allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * MANY), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def monitor(start):
    return start(command="demo")


@pytest.fixture
def connect(monitor):
    """Opens connections, and closes them after the test."""
    with contextlib.ExitStack() as stack:
        def open_one(data=b"", source="127.0.0.1"):
            client = stack.enter_context(socket.socket())
            client.bind((source, 0))
            client.settimeout(60)
            client.connect(("127.0.0.1", monitor.port))
            # The server may have let it go already.
            with contextlib.suppress(ConnectionError):
                client.sendall(data)
            return client
        yield open_one


def assert_at_work(monitor):
    """Pages are served and probes go on."""
    def runs():
        return sum(value for (name, _), value in monitor.metrics().items() if name == "smtp_probe_runs_total")
    # Among thousands that come at once, one of ours may be let go as well: a client tries again.
    before = wait_until(runs, "a number of probes")
    wait_until(lambda: runs() > before, "further probes")
    for path in ("/-/healthy", "/"):
        wait_until(lambda: monitor.get(path)[0] == 200, path)


@pytest.mark.parametrize("data", [b"", b"GET /metrics HT", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"])
def test_hundreds_of_slow_clients(monitor, connect, data):
    for _ in range(400):
        connect(data)
    assert_at_work(monitor)


def test_thousands_of_idle_connections_from_many_addresses(monitor, connect):
    for number in range(MANY):
        connect(source=f"127.0.1.{1 + number % 100}")
    assert_at_work(monitor)
    assert wait_until(lambda: monitor.metric("process_open_fds"), "the metrics") < 1000


def test_clients_that_never_read(monitor, connect):
    wait_until(lambda: len(monitor.get("/metrics")[2]) > 30_000, "a page of some size")
    question = b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n"
    for _ in range(60):
        client = connect()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.sendall(question * 100)
    assert_at_work(monitor)


def test_a_client_that_goes_away_while_its_probe_runs(monitor, connect):
    name = monitor.api("targets")["targets"][0]["name"]
    target = monitor.api(f"targets/{name}")["last"] or {"host": "127.0.0.1", "port": 1}
    for _ in range(20):
        connect(f"GET /probe?target={target['host']}:{target['port']} HTTP/1.1\r\nHost: a\r\n\r\n".encode()).close()
    assert_at_work(monitor)


@pytest.mark.parametrize("line, status", [
    (b"BREW /metrics HTTP/1.1", 405), (b"DELETE / HTTP/1.1", 405), (b"OPTIONS * HTTP/1.1", 404), (b"TRACE / HTTP/1.1", 405),
    (b"CONNECT mail.example:25 HTTP/1.1", 404), (b"GET /../../etc/passwd HTTP/1.1", 404),
    (b"GET /targets/..%2f..%2fetc%2fpasswd HTTP/1.1", 404), (b"GET /%2e%2e/%2e%2e/metrics HTTP/1.1", 200),
    (b"GET //metrics HTTP/1.1", 200), (b"GET /metrics%00 HTTP/1.1", 404), (b"GET /%c0%ae%c0%ae/ HTTP/1.1", 400),
    (b"GET /metrics/%ff HTTP/1.1", 400), (b"GET http://a/metrics HTTP/1.1", 200),
])
def test_odd_requests_have_a_fitting_answer(monitor, connect, line, status):
    client = connect(line + b"\r\nHost: a\r\nConnection: close\r\n\r\n")
    answer = client.makefile("rb").read()
    assert answer.split(b" ")[1] == str(status).encode(), answer[:500]
    assert b"root:" not in answer


def test_names_from_a_path_are_escaped(monitor):
    for path in ("/targets/%3Cscript%3Ealert(1)%3C%2Fscript%3E", "/api/v1/targets/%22%3E%3Cscript%3E/badge.svg"):
        status, headers, text = monitor.get(path)
        assert status == 404 and "<script>alert" not in text and '"><script>' not in text
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_a_flood_of_logins_holds_up_nobody_who_is_known(tmp_path):
    web = tmp_path / "web.yml"
    # bcrypt of "secret" at a cost of 12: a fifth of a second each.
    web.write_text("basic_auth_users: { bob: '$2b$12$abcdefghijklmnopqrstuuT1Iwu6o8Wx7BoOyIMHfgVJq6JO/IJhW' }\n")
    known = "Basic " + base64.b64encode(b"bob:secret").decode()

    class Guarded(Monitor):
        def get(self, path, method="GET", **headers):
            return super().get(path, method, **{"Authorization": known, **headers})
    with Guarded(tmp_path, "--web.config.file", web, command="demo") as monitor:
        statuses, began = [], time.monotonic()

        def guess(number):
            wrong = "Basic " + base64.b64encode(f"bob:{number}".encode()).decode()
            statuses.append(monitor.get("/", Authorization=wrong)[0])
        guesses = [threading.Thread(target=guess, args=(number,)) for number in range(60)]
        for thread in guesses:
            thread.start()
        assert_at_work(monitor)
        for thread in guesses:
            thread.join()
        # Ten tries at once, and another one each six seconds.
        assert set(statuses) == {401, 429} and statuses.count(401) <= 11 + (time.monotonic() - began) / 6
