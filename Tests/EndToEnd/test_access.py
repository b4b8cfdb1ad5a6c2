"""Nobody gets further than he may: not through /probe, not by what he writes into a setting, not out of the sandbox."""

import json
import os
import re
import subprocess
import urllib.parse
from pathlib import Path

import pytest

from servers import packages
from servers.door import Door
from servers.waiting import wait_until
from smtpwatch import BINARY, CONFIGURATION, ENVIRONMENT, USAGE, Monitor, smtpwatch

UNIT = Path(__file__).parents[2] / "deploy/systemd/smtpwatch.service"


@pytest.fixture(scope="module")
def known():
    """The server of the monitor's one target."""
    with Door() as door:
        yield door


@pytest.fixture(scope="module")
def monitor(known, tmp_path_factory):
    directory = tmp_path_factory.mktemp("access")
    target = {"name": "known", "host": "127.0.0.1", "port": known.port, "interval": "200ms", "tls": {"mode": "none"},
              "timeout": "24h", "timeouts": {"banner": "24h"}}
    with Monitor(directory, "--web.enable-lifecycle", configuration={
            "targets": [target], "modules": {"default": {"diagnosis": "passive", "retries": 0}}}) as running:
        # Its own probe waits for a greeting until the end of the tests: whoever knocks after it was sent by them.
        with known.let_in():
            yield running


# MARK: What /probe may reach

@pytest.mark.parametrize("target", [
    # Other hosts, and the same one in other words.
    "localhost:{port}", "127.0.0.2:{port}", "[::1]:{port}", "[::ffff:127.0.0.1]:{port}", "2130706433:{port}",
    "0x7f.0.0.1:{port}", "0x7f000001:{port}", "127.1:{port}", "0177.0.0.1:{port}", "0:{port}", "0.0.0.0:{port}", "[::]:{port}",
    "127.0.0.1.evil.test:{port}", "evil.test:{port}", "mx:evil.test", "１２７.0.0.1:{port}",
    # Another port of the same host.
    "127.0.0.1:{port}", "smtp+plain://127.0.0.1:{port}", "lmtp://127.0.0.1:{port}", "smtps://127.0.0.1:{port}",
    # Parsers that disagree on where the host is.
    "127.0.0.1@localhost:{port}", "smtp://127.0.0.1:25@localhost:{port}", "smtp://127.0.0.1#@localhost:{port}",
    "smtp://localhost:{port}/127.0.0.1", "smtp://localhost:{port}?127.0.0.1", "smtp://127.0.0.1\\@localhost:{port}",
    "127.0.0.1:{known}:{port}", "127.0.0.1,localhost:{port}", "127.0.0.1 localhost:{port}", "localhost:{port}#127.0.0.1:{known}",
    # Other protocols.
    "http://127.0.0.1:{port}/", "file:///etc/passwd", "gopher://127.0.0.1:{port}/_QUIT", "unix:/run/smtp", "/etc/passwd",
    # What ends a line, or a text.
    "127.0.0.1:{known}\r\nRCPT TO:<a@evil.test>", "127.0.0.1\0.evil.test:{port}", "127.0.0.1:{port}\n", "\r127.0.0.1:{port}",
    "127.0.0.1:{known}\u2028", "127.0.0.1%0d%0a:{port}", "127.0.0.1:-1", "127.0.0.1:99999999999999999999", "127.0.0.1:+{port}",
    "", " ", "x" * 5000,
])
def test_probe_on_request_reaches_nothing_but_what_is_configured(monitor, known, silent_door, target):
    target = target.replace("{port}", str(silent_door.port)).replace("{known}", str(known.port))
    status, headers, text = monitor.get(f"/probe?debug=true&target={urllib.parse.quote(target, safe='')}")
    assert status in (400, 403) and len(text) < 1000, (status, text)
    assert not silent_door.knocked() and not known.knocked()
    assert not re.search("[\0\r\u2028]", text) and "evil.test>" not in str(headers)


@pytest.mark.parametrize("query", [
    "target={known}&module=../../etc/passwd", "target={known}&module=a%0d%0aSet-Cookie:%20a=b", "target={known}&module=%00",
    "target={known}&target=localhost:25", "module=default", "target={known}&module=default%00", "target[]={known}",
])
def test_other_parameters_of_a_probe_lead_nowhere_either(monitor, known, query):
    query = query.replace("{known}", f"127.0.0.1:{known.port}")
    status, headers, text = monitor.get(f"/probe?{query}")
    assert not known.knocked()
    assert status == 400 and "Set-Cookie" not in headers and "root:" not in text


def test_a_name_that_is_not_configured_is_refused_before_it_is_looked_up(monitor):
    # Whoever asks would otherwise learn of names inside, and a name that leads to a configured address is still no
    # configured name: what a resolver says of it can change between the look and the connection.
    status, _, text = monitor.get("/probe?target=localhost:25&debug=true")
    assert status == 403 and "probe.allow" in text and "127.0.0.1" not in text


@pytest.mark.parametrize("headers", [
    {"Host": '"><script>alert(1)</script>'}, {"X-Forwarded-Host": '"><script>alert(1)</script>'},
    {"X-Forwarded-Proto": 'javascript:alert(1)//"<script>'}, {"Host": "evil.test", "X_Forwarded_For": "<script>"},
])
def test_what_a_client_says_of_itself_does_not_become_code(monitor, headers):
    for path in ("/", "/targets/known"):
        status, _, text = monitor.get(path, **headers)
        assert status in (200, 400)
        assert "<script>alert" not in text and 'href="javascript' not in text


@pytest.mark.parametrize("path", [
    "/targets/..%2f..%2f..%2fetc%2fpasswd", "/targets/%2e%2e%2f%2e%2e%2fetc/passwd", "/api/v1/targets/..%2f..%2fconfig",
    "/runbooks/..%2f..%2f..%2fetc%2fpasswd", "/targets/known%00", "/targets/known%0d%0aSet-Cookie:a=b", "/..%5c..%5cetc%5cpasswd",
    "/targets/%252e%252e%252fetc%252fpasswd", "//etc/passwd", "/targets/known/../../../../etc/passwd",
])
def test_paths_lead_to_no_files(monitor, path):
    status, headers, text = monitor.get(path)
    assert status in (400, 404) and "root:" not in text and "Set-Cookie" not in headers


# MARK: What ends a line

ENDS = {"CR": "\r", "LF": "\n", "CRLF": "\r\n", "NUL": "\0", "bare": "\x0b"}
PLACES = [
    "host", "ehlo", "envelope.from", "envelope.to", "send.from", "send.to", "send.subject", "auth.username", "auth.password",
    "tls.server_name", "tls.ca_file", "tls.ciphers", "source_address", "policy.domain", "expect.capabilities",
]


def setting(place, text):
    """A target with a text in one of its settings."""
    target = {"host": "mail.example.com", "auth": {"username": "u", "password": "long-password"},
              "envelope": {"from": "a@example.com", "to": "b@example.com"}}
    if place.startswith("send"):
        del target["envelope"]
        target["send"] = {"from": "a@example.com", "to": "b@example.com", "every": "15m"}
    *sections, key = place.split(".")
    section = target
    for name in sections:
        section = section.setdefault(name, {})
    section[key] = [text] if key == "capabilities" else text
    return {"targets": [target]}


GOOD = {"send.subject": "hello", "tls.server_name": "mail.example.com", "host": "mail.example.com", "ehlo": "me.example.com",
        "policy.domain": "example.com", "source_address": "127.0.0.1", "tls.ca_file": "/etc/ssl/x.pem", "tls.ciphers": "HIGH",
        "expect.capabilities": "SIZE", "auth.username": "u", "auth.password": "long-password"}


@pytest.mark.parametrize("place", PLACES)
def test_no_setting_can_end_a_line(tmp_path, place):
    good = GOOD.get(place, "a@example.com")
    for name, end in ENDS.items():
        for text in (f"{good}{end}RCPT TO:<x@evil.test>", f"{good}{end}", f"{end}{good}"):
            (tmp_path / "smtpwatch.yml").write_text(json.dumps(setting(place, text)))
            checked = smtpwatch("check-config", tmp_path / "smtpwatch.yml")
            assert checked.code == CONFIGURATION, (place, name, checked)
            # The reason is a sentence with its place, and what it speaks of does not end its line either.
            assert all(re.match(r".*smtpwatch\.yml(:\d+:\d+)?: |\d+ (error|warning)|  ", line) or "error" in line
                       for line in checked.err.strip().split("\n")), checked
            assert "\r" not in checked.text and "\0" not in checked.text


@pytest.mark.parametrize("flag, good", [
    ("--ehlo", "me.example.com"), ("--tls.server-name", "mail.example.com"), ("--from", "a@example.com"),
    ("--to", "a@example.com"), ("--auth.user", "u"), ("TARGET", "127.0.0.1:25"), ("SMTP_SERVER", "mail.example.com"),
    ("SMTP_USER", "u"), ("SMTP_PASSWORD", "long-password"), ("SMTP_PORT", "25"),
])
def test_no_flag_and_no_variable_can_end_a_line(scribe, flag, good):
    for end in ("\r\n", "\n", "\r"):
        for text in (f"{good}{end}RCPT TO:<x@evil.test>", f"{good}{end}"):
            if flag.startswith("SMTP"):
                variables = {"SMTP_SERVER": "127.0.0.1", "SMTP_PORT": str(scribe.port), "SMTP_USER": "u",
                             "SMTP_PASSWORD": "long-password", flag: text}
                ended = smtpwatch("probe", "--tls", "none", **variables)
            else:
                flags = {"--from": "a@example.com", "--to": "b@example.com", "TARGET": f"127.0.0.1:{scribe.port}"}
                if flag == "--auth.user":
                    flags["--auth.password-env"] = "WORD"
                flags[flag] = text
                target = flags.pop("TARGET")
                ended = smtpwatch("probe", target, "--tls", "none", *(word for pair in flags.items() for word in pair), WORD="w" * 9)
            assert ended.code in (USAGE, CONFIGURATION, 3), (flag, ended)
            assert "\r" not in ended.text
    assert scribe.lines == []


@pytest.mark.parametrize("web", [
    {"http_server_config": {"headers": {"Strict-Transport-Security": "max-age=1\r\nSet-Cookie: a=b"}}},
    {"http_server_config": {"headers": {"Content-Security-Policy": "a\nb"}}},
    {"http_server_config": {"headers": {"X-Frame-Options\r\nSet-Cookie": "deny"}}},
])
def test_no_header_of_the_pages_can_end_a_line(tmp_path, web):
    (tmp_path / "web.yml").write_text(json.dumps(web))
    (tmp_path / "smtpwatch.yml").write_text("targets: [{ host: mail.example.com }]\n")
    checked = smtpwatch("check-config", tmp_path / "smtpwatch.yml", "--web.config.file", tmp_path / "web.yml")
    assert checked.code == CONFIGURATION and f"{tmp_path}/web.yml" in checked.err and "\r" not in checked.err, checked


@pytest.mark.parametrize("url", ["http://a\r\nHost: evil", "http://a/\nx", "http://a/\0", "http://u:p@a/", "file:///etc/passwd", "ftp://a/"])
def test_no_url_of_lists_can_end_a_line_or_be_another_protocols(tmp_path, url):
    (tmp_path / "smtpwatch.yml").write_text(json.dumps({"target_urls": [{"url": url}]}))
    checked = smtpwatch("check-config", tmp_path / "smtpwatch.yml")
    assert checked.code == CONFIGURATION and ":p@" not in checked.text, checked


def test_names_and_labels_with_any_letters_stay_within_their_quotes(start, scribe):
    odd = 'a"b\\c\nd{e}=,#<script>'
    target = {"host": "127.0.0.1", "port": scribe.port, "interval": "1s", "tls": {"mode": "none"}, "group": odd,
              "labels": {"team": odd}}
    checked = start(configuration={"targets": [target]})
    wait_until(lambda: checked.state_of("127.0.0.1"), "a result")
    # The parser reads it all, and gives the same back.
    labels = [dict(labels) for name, labels in checked.metrics() if name == "smtp_target_info"]
    assert labels[0]["team"] == labels[0]["group"] == odd
    assert "<script>" not in checked.get("/")[2].replace("<script>", "", 0).split("<body")[1].split("<script")[0]


# MARK: The sandbox


class Sandbox:
    """What the unit's sandbox takes from the program, as far as it can be had without systemd as the first process."""

    MDWE, NO_NEW_PRIVILEGES = 65, 38

    def __init__(self, lab):
        self.unit = UNIT.read_text()
        root = packages.unpack("python3-seccomp", lab)
        self.seccomp = root / "usr/lib/python3/dist-packages"

    def calls(self):
        """The system calls that `SystemCallFilter` allows."""
        allowed, forbidden = set(), set()
        for line in re.findall(r"^SystemCallFilter=(.*)$", self.unit, re.M):
            into = forbidden if line.startswith("~") else allowed
            for group in line.lstrip("~").split():
                shown = subprocess.run(["systemd-analyze", "syscall-filter", group, "--no-pager"], capture_output=True, text=True)
                into |= self._members(shown.stdout)
        return allowed - forbidden

    def _members(self, text):
        members = set()
        for word in (line.strip() for line in text.splitlines()[1:]):
            if word.startswith("@"):
                shown = subprocess.run(["systemd-analyze", "syscall-filter", word, "--no-pager"], capture_output=True, text=True)
                members |= self._members(shown.stdout)
            elif word and not word.startswith("#"):
                members.add(word)
        return members

    def script(self):
        """A program that locks itself in and becomes the one that its arguments name."""
        families = re.findall(r"^RestrictAddressFamilies=(.*)$", self.unit, re.M)[0].split()
        return f"""
import ctypes, errno, os, socket, sys
sys.path.insert(0, {str(self.seccomp)!r})
import seccomp
libc = ctypes.CDLL(None, use_errno=True)
denied = seccomp.ERRNO(errno.EPERM)
filter = seccomp.SyscallFilter(denied)
for name in {sorted(self.calls())!r}:
    try:
        if name != "socket": filter.add_rule(seccomp.ALLOW, name)
    except (OSError, RuntimeError, ValueError):
        pass  # Of another processor, or newer than the library.
for family in {families!r}:
    filter.add_rule(seccomp.ALLOW, "socket", seccomp.Arg(0, seccomp.EQ, getattr(socket, family)))
assert libc.prctl({self.NO_NEW_PRIVILEGES}, 1, 0, 0, 0) == 0
mdwe = libc.prctl({self.MDWE}, 1, 0, 0, 0) == 0
filter.load()
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="namespaces are made by root")
def test_the_program_works_within_the_units_sandbox(lab, scribe, tmp_path):
    sandbox = Sandbox(lab)
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode:
        pytest.skip("no mount namespace can be made here")
    (tmp_path / "lock.py").write_text(sandbox.script())
    tmp_path.chmod(0o755)

    class Locked(Monitor):
        def __init__(self, directory, **keywords):
            super().__init__(directory, **keywords)
            # As ProtectSystem=strict, PrivateTmp, DynamicUser and CapabilityBoundingSet= have it. What the program reads
            # comes along to /run, since the folders of tests and builds may be closed to others.
            setup = """
                set -eu
                mount --make-rprivate / && mount -t tmpfs tmpfs /run && mkdir /run/program
                cp "$1" "$2" "$3" /run/program/ && chmod -R a+rX /run/program
                mount -o remount,bind,ro /run && mount -o remount,bind,ro /
                shift 3
                exec setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \\
                  /usr/bin/python3 /run/program/lock.py /run/program/"$@"
            """
            program, *rest = map(str, self.command)
            rest = [f"/run/program/{self.configuration.name}" if word == str(self.configuration) else word for word in rest]
            self.command = ["unshare", "--mount", "--ipc", "--uts", "sh", "-c", setup, "sh", program, self.configuration,
                            directory / "lock.py", Path(program).name, *rest]
    target = {"name": "known", "host": "localhost", "port": scribe.port, "interval": "200ms", "tls": {"mode": "none"}}
    with Locked(tmp_path, configuration={"targets": [target]}) as monitor:
        status = Path(f"/proc/{monitor.process.pid}/status").read_text()
        assert re.search(r"^Seccomp:\s+2$", status, re.M) and re.search(r"^NoNewPrivs:\s+1$", status, re.M), status
        assert re.search(r"^CapBnd:\s+0+$", status, re.M) and re.search(r"^Uid:\s+65534", status, re.M)
        monitor.wait_for("known", "up", "ok")
        for path in ("/", "/targets/known", "/metrics", "/config", "/api/v1/targets",
                     f"/probe?target=localhost:{scribe.port}"):
            assert monitor.get(path)[0] == 200, path
        monitor.process.send_signal(1)
        wait_until(lambda: "reloaded" in monitor.output, "the reload")
        assert monitor.end() == 0
    assert "EPERM" not in monitor.output and "ermission" not in monitor.output, monitor.output
