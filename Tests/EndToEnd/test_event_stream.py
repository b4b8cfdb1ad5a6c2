"""The stream of events through the monitor's own TLS: many listeners, some that do not read, and a certificate that is
replaced meanwhile."""

import http.client
import re
import shutil
import socket
import threading

import pytest

from guarded import SECRET, Guarded
from servers.moody import MoodySMTP
from servers.waiting import wait_until

# The most that a monitor lets listen.
LISTENERS = 64


class EncryptedListener:
    """Somebody who reads /api/v1/events over TLS in a thread of its own, or nothing more than the head of the answer."""

    def __init__(self, monitor, reads=True):
        raw = socket.socket()
        if not reads:
            # Small segments too, which make the kernel on the other side keep little for it.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        raw.settimeout(120)
        raw.connect(("127.0.0.1", monitor.port))
        self.socket = monitor.context.wrap_socket(raw, server_hostname="localhost")
        self.certificate = self.socket.getpeercert(binary_form=True)
        request = f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: {monitor.login}\r\n\r\n"
        self.socket.sendall(request.encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()
        assert self.answer.status == 200, self.answer.read()
        self.numbers = []
        self.error = None
        self.thread = threading.Thread(target=self._read, daemon=True)
        if reads:
            self.thread.start()

    def _read(self):
        try:
            while line := self.answer.readline():
                if number := re.match(rb"id: \w+-(\d+)$", line):
                    self.numbers.append(int(number[1]))
        except (OSError, http.client.HTTPException) as error:
            self.error = error

    def close(self):
        self.socket.close()


def is_welcome(monitor):
    """Whether one more may listen."""
    connection = monitor.connect()
    try:
        connection.request("GET", "/api/v1/events", headers={"Authorization": monitor.login})
        return connection.getresponse().status == 200
    finally:
        connection.close()


@pytest.fixture
def identity(authority, tmp_path):
    """Certificate and key of localhost, where they may be replaced."""
    for place, file in zip(("server.pem", "server.key"), authority.issue("localhost", "IP:127.0.0.1")):
        shutil.copy(file, tmp_path / place)
    return {"cert_file": "server.pem", "key_file": "server.key"}


def test_every_listener_hears_all_through_tls_whatever_others_do_and_whatever_certificate_comes(
        authority, identity, tmp_path):
    web = {"tls_server_config": identity, "basic_auth_users": {"alice": SECRET}}
    with MoodySMTP(temper=10) as server:
        # Long names, so that what nobody reads piles up soon.
        targets = [{"name": f"{number}-{'x' * 230}", "host": "127.0.0.1", "port": server.port, "interval": "1s", "timeout": "20s",
                    "tls": {"mode": "none"}, "diagnosis": "passive", "retries": 0} for number in range(200)]
        with Guarded(tmp_path, web, "--web.enable-lifecycle", authority=authority.certificate, user="alice", command="run",
                     configuration={"targets": targets, "limits": {"per_address": 200}}) as monitor:
            quick = [EncryptedListener(monitor) for _ in range(LISTENERS - 8)]
            idle = [EncryptedListener(monitor, reads=False) for _ in range(8)]
            assert not is_welcome(monitor)

            def heard():
                errors = [listener.error for listener in quick if listener.error]
                assert not errors, errors
                return min(len(listener.numbers) for listener in quick)
            wait_until(lambda: heard() > 50, lambda: f"all to hear of events: {[len(one.numbers) for one in quick]}")

            old = monitor.certificate()
            for place, file in zip(("server.pem", "server.key"), authority.issue("localhost", "IP:127.0.0.1", days=9)):
                shutil.copy(file, tmp_path / place)
            assert monitor.get("/-/reload", "POST")[0] == 200
            wait_until(lambda: monitor.certificate() != old, "new sessions to see the new certificate")
            before = heard()
            wait_until(lambda: heard() > before + 200, "the streams to go on in their old sessions")
            assert all(listener.certificate == old for listener in quick)

            # Who does not read loses its place, and keeps nobody waiting.
            assert monitor.get("/metrics")[0] == 200
            wait_until(lambda: is_welcome(monitor), "those who do not read to lose their places", 120)
            for listener in quick:
                numbers = listener.numbers
                assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "nothing is lost, nothing comes twice"
            assert heard() > before
            assert monitor.end() == 0
            for listener in quick:
                listener.thread.join(60)
                assert not listener.thread.is_alive()
            for listener in quick + idle:
                listener.close()
