"""Resolvers that are dead or lie, and a network that is cut: nobody is probed in another's place, nobody blamed."""

import http.client
import json
import os
import secrets
import socket
import subprocess
import threading

import pytest

from quick import configuration
from servers import dns
from servers.scribe import Scribe
from servers.waiting import reserve
from smtpwatch import BINARY, ENVIRONMENT, Monitor

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="namespaces are made by root")


class Liar:
    """A resolver that answers each question in its own bad way."""

    def __init__(self, way):
        self.way = way
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = dns.bind(self.socket)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.socket.close()

    @staticmethod
    def answer(question, address, number=None, name=None):
        end = question.index(b"\0", 12) + 5
        head = (number or question[:2]) + b"\x81\x80\0\1\0\1\0\0\0\0"
        asked = question[12:end]
        return head + (name + asked[-4:] if name else asked) + b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address)

    def _serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(4096)
                for answer in self.way(question):
                    self.socket.sendto(answer, client)
            except OSError:
                return


LIES = {
    "nothing": (lambda question: [], {"dns_failure"}),
    "garbage": (lambda question: [question[:2] + os.urandom(60)], {"dns_failure"}),
    "another_question": (lambda question: [Liar.answer(question, "127.0.0.1", number=bytes(2))], {"dns_failure"}),
    "another_name": (lambda question: [Liar.answer(question, "127.0.0.1", name=b"\4evil\4test\0")], {"dns_failure"}),
    "nowhere": (lambda question: [Liar.answer(question, "0.0.0.0")], {"config_invalid"}),
    "a_loop": (lambda question: [question[:2] + b"\x81\x80\0\1\0\1\0\0\0\0" + question[12:question.index(b"\0", 12) + 5]
                                 + b"\xc0\x0c\0\5\0\1\0\0\0\1\0\2\xc0\x0c"], {"dns_no_address", "dns_failure"}),
}


@needs_root
@pytest.mark.parametrize("lie", LIES)
def test_a_resolver_that_is_dead_or_lies_leads_nowhere(tmp_path, scribe, lie):
    way, reasons = LIES[lie]
    liar = Liar(way)
    (tmp_path / "resolv.conf").write_text(f"nameserver {liar.address}\n")
    try:
        ended = subprocess.run(
            ["unshare", "--mount", "sh", "-c", 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"', "sh",
             tmp_path / "resolv.conf", BINARY, "probe", f"mail.lied.test:{scribe.port}", "--tls", "none", "--json",
             "--timeout", "3s", "--no-follow-up"],
            env=ENVIRONMENT, capture_output=True, timeout=120)
        result = json.loads(ended.stdout)
        assert result["reason"] in reasons, result
        assert not scribe.arrivals
    finally:
        liar.close()


class Inside(Monitor):
    """A monitor in a network namespace, with its pages on a socket that is a file: files know no namespaces."""

    def __init__(self, directory, namespace, **keywords):
        super().__init__(directory, **keywords)
        self.path = directory / "web.sock"
        self.command = ["ip", "netns", "exec", namespace, *self.command[:-1], f"unix:{self.path}"]

    def get(self, path, method="GET", **headers):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(60)
            client.connect(str(self.path))
            connection = http.client.HTTPConnection("localhost")
            connection.sock = client
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()


@needs_root
def test_a_network_that_is_cut_is_the_monitors_own_and_comes_back(tmp_path):
    name = secrets.token_hex(4)

    def ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespace can be made here: {error}")
    try:
        # A cable from here to there.
        ip("link", "add", f"a{name}", "type", "veth", "peer", "name", f"b{name}", "netns", name)
        number = next(number for number in range(0, 256, 4) if reserve(f"198.18.77.{number}"))
        here, there = f"198.18.77.{number + 1}", f"198.18.77.{number + 2}"
        ip("addr", "add", f"{here}/30", "dev", f"a{name}")
        ip("link", "set", f"a{name}", "up")
        ip("-n", name, "addr", "add", f"{there}/30", "dev", f"b{name}")
        ip("-n", name, "link", "set", f"b{name}", "up")
        with Scribe(here) as scribe, Scribe(here) as control:
            watched = configuration(scribe.port, host=here)
            watched["network_check"] = [f"{here}:{control.port}"]
            with Inside(tmp_path, name, configuration=watched) as monitor:
                monitor.wait_for("watched-0", "up", "ok")
                failures = []
                for _ in range(2):
                    ip("-n", name, "link", "set", f"b{name}", "down")
                    monitor.wait_for("watched-0", "inconclusive", "local_network_down")
                    failures.append(monitor.metric("smtp_probe_failures_total", target="watched-0"))
                    ip("-n", name, "link", "set", f"b{name}", "up")
                    monitor.wait_for("watched-0", "up", "ok")
                # The second time the control hosts may have answered a moment before, which is believed for ten seconds.
                assert failures[0] == 0
                assert monitor.end() == 0
    finally:
        subprocess.run(["ip", "link", "del", f"a{name}"], capture_output=True)
        subprocess.run(["ip", "netns", "del", name], capture_output=True)
