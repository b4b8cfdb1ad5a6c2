"""Secrets stay inside: whatever the program writes, shows or stores, none of them is in it in any form."""

import base64
import http.server
import json
import re
import secrets
import threading
import urllib.parse
from pathlib import Path

import pytest

from servers.imap_scribe import IMAPScribe
from servers.scribe import Scribe
from servers.token_endpoint import CLIENT, TokenEndpoint
from servers.waiting import wait_until
from smtpwatch import CONFIGURATION, Monitor, smtpwatch

# bcrypt of "right-horse-battery", with the least cost.
HASH = "$2b$04$abcdefghijklmnopqrstuusoNFlLXo1b4dCu6NV725yzIv290oySS"


def secret(name, tail="+/ü%&='\"<"):
    """A secret that no other text has in it, with letters that each encoding writes in its own way."""
    return f"{name}-{secrets.token_hex(6)}{tail}"


def forms(value):
    """All that a secret can look like."""
    data = value.encode()
    yield data
    yield json.dumps(value)[1:-1].encode()
    yield data.hex().encode()
    yield data.hex().upper().encode()
    for quoted in (urllib.parse.quote(value, safe=""), urllib.parse.quote_plus(value), urllib.parse.quote(value)):
        yield quoted.encode()
        yield re.sub("%..", lambda found: found.group().lower(), quoted).encode()
    for entity in ("&#39;", "&#x27;", "&apos;"):
        escaped = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
        yield escaped.replace("'", entity).encode()
    for before in range(3):
        # The letters that hold bits of the secret alone, wherever it stands in what was encoded.
        whole = base64.b64encode(bytes(before) + data)
        core = whole[-(-before * 8 // 6):(before + len(data)) * 8 // 6]
        yield core
        yield core.translate(bytes.maketrans(b"+/", b"-_"))
    # Its telling part alone: what an encoding of ours may have forgotten, or cut.
    yield data[:12] if len(data) > 16 else data


def found(planted, outputs):
    """Which secrets are in which outputs."""
    return sorted({(name, place) for name, value in planted.items() for form in set(forms(value))
                   for place, text in outputs.items() if form in text})


def test_a_secret_is_found_in_any_form():
    value = secret("sample")
    data = value.encode()
    for text in (data, base64.b64encode(b"\0user\0" + data), base64.b64encode(b"x" + data + b"yz"), data.hex().encode(),
                 urllib.parse.quote(value).encode(), json.dumps({"a": value}).encode(), b"cut: " + data[:14]):
        assert found({"it": value}, {"here": b"before " + text + b" after"}) == [("it", "here")], text
    assert found({"it": value}, {"here": b"sample user plain"}) == []


class ListServer:
    """Serves a list of targets over HTTP to whoever asks, and remembers with what words."""

    def __init__(self, targets):
        heard = self.heard = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                heard.append(f"{self.path}\n{self.headers}")
                good = "refused" not in self.path
                self.send_response(200 if good else 403)
                self.end_headers()
                # A server that is not well says what it was asked.
                self.wfile.write(json.dumps(targets).encode() if good else "\n".join(heard).encode())

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def planted(tmp_path):
    """Secrets by name, and files that hold them."""
    planted = {name: secret(name) for name in ("password", "variable", "inline", "listpassword", "clientsecret", "mailbox")}
    # Tokens are ASCII of few kinds.
    names = ("token", "bearer", "listtoken", "listquery", "refresh", "deliverykey")
    planted |= {name: secret(name, tail="-._~+/==") for name in names}
    planted["page"] = "right-horse-battery"
    planted["wrong"] = secret("wrong")
    planted["hash"] = HASH
    for name, value in planted.items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_text(value + "\n")
    return planted


class Guarded(Monitor):
    """A monitor whose pages ask for a password."""

    password = "right-horse-battery"

    def get(self, path, method="GET", **headers):
        login = base64.b64encode(f"bob:{self.password}".encode()).decode()
        return super().get(path, method, **{"Authorization": f"Basic {login}", **headers})


def configuration(directory, planted, ports, lists, endpoint):
    """A target for each way to log in, and a list for each way to ask."""
    def target(name, port, **auth):
        return {"name": name, "host": "127.0.0.1", "port": port, "interval": "1s",
                "auth": {"username": f"user-{name}", "allow_plaintext": True, **auth}}
    encrypted = {"tls": {"mode": "starttls", "insecure_skip_verify": True}}
    grant = {"token_url": endpoint.url, "client_id": CLIENT, "client_secret_file": "clientsecret"}
    mailbox = {"host": "127.0.0.1", "port": ports["mailbox"], "username": "box", "password_file": "mailbox",
               "ca_file": ports["authority"]}
    return {
        "modules": {"default": {"timeout": "20s", "retries": 0, "tls": {"mode": "none"}}},
        "targets": [
            target("file", ports["repeats"], password_file="password", mechanism="PLAIN"),
            target("file-login", ports["repeats"], password_file="password", mechanism="LOGIN"),
            target("variable", ports["repeats"], password_env="PLANTED", mechanism="LOGIN"),
            target("inline", ports["repeats"], password=planted["inline"], mechanism="PLAIN"),
            target("good", ports["good"], password_file="password"),
            {**target("token", ports["secure"], token_file="token", mechanism="XOAUTH2"),
             "tls": {"mode": "starttls", "insecure_skip_verify": True, **ports["client"]}},
            {**target("bearer", ports["secure"], token_file="bearer", mechanism="OAUTHBEARER"),
             "tls": {"mode": "starttls", "insecure_skip_verify": True}},
            {**target("grant", ports["secure"], oauth2={**grant, "client_auth": "basic"}, mechanism="XOAUTH2"), **encrypted},
            target("refresh", ports["good"], oauth2={**grant, "refresh_token_file": "refresh"}, mechanism="XOAUTH2"),
            {**target("delivery", ports["good"], password_file="password"),
             "send": {"from": "a@example.test", "to": "b@example.test", "every": "1s"},
             "delivery": {"imap": mailbox, "poll_interval": "1s", "key_file": "deliverykey"}},
        ],
        "target_urls": [
            {"name": "basic", "url": f"{lists.url}/basic", "interval": "1s",
             "auth": {"username": "bob", "password_file": "listpassword"}},
            {"name": "refused", "url": f"{lists.url}/refused", "interval": "1s", "auth": {"token_file": "listtoken"}},
            {"url": f"{lists.url}/query?key={planted['listquery'].replace('+', '%2B')}", "interval": "1s"},
        ],
        "history": {"transcripts": 20},
    }


def pages(monitor, names):
    """All that is served."""
    paths = ["/", "/metrics", "/config", "/api/v1/summary", "/api/v1/targets", "/api/v1/sd", "/api/v1/openapi.json",
             "/nothing", "/-/healthy", "/-/ready"]
    for name in names:
        paths += [f"/targets/{name}", f"/api/v1/targets/{name}", f"/api/v1/targets/{name}/results",
                  f"/api/v1/targets/{name}/events", f"/api/v1/targets/{name}/badge.svg"]
        last = monitor.api(f"targets/{name}")["last"]
        paths.append(f"/probe?target={last['host']}:{last['port']}&debug=true")
    # And where the pages lead.
    for path in ("/", *(f"/targets/{name}" for name in names)):
        paths += re.findall(r'(?:href|src)="(/[^"#]*)"', monitor.get(path)[2])
    outputs = {}
    for path in dict.fromkeys(paths):
        status, headers, text = monitor.get(path)
        outputs[path] = f"{status}\n{headers}\n{text}".encode()
    outputs["/metrics in OpenMetrics"] = monitor.get("/metrics", Accept="application/openmetrics-text")[2].encode()
    return outputs


def mistakes(text, planted):
    """The configuration with mistakes of all kinds near its secrets."""
    inline = json.dumps(planted["inline"])
    assert inline in text
    for wrong in (f"[{inline}]", f"{{ a: {inline} }}", inline[:-1], inline + inline, f"{inline} {inline}", f"!!int {inline}",
                  f"*{inline}", f"{inline}, password: {inline}", f"{inline}, passwort: {inline}", f"{inline}, token_file: x",
                  inline[:-1] + '\\n"', inline[:-1] + '\\u0000"', f"\n{inline}: \t{inline}"):
        yield text.replace(inline, wrong, 1)
    for key in ("passwort", "pass", "secret", "host", "username", "mechanism", "allow_plaintext", "oauth"):
        yield text.replace(f'"password": {inline}', f'"{key}": {inline}', 1)


def test_no_output_of_a_busy_monitor_has_a_secret_in_it(planted, authority, tmp_path):
    certificate, key = authority.issue_client("friend")
    (tmp_path / "client.key").touch(mode=0o600)
    (tmp_path / "client.key").write_bytes(key.read_bytes())
    lines = [line for line in key.read_text().splitlines() if "-----" not in line]
    planted = planted | {f"key-{number}": line for number, line in enumerate(lines) if len(line) > 40}
    lists = ListServer([])
    mailbox = IMAPScribe(authority.issue("127.0.0.1", "IP:127.0.0.1"))
    accepting = Scribe(mechanisms="PLAIN LOGIN XOAUTH2")
    with (Scribe(repeats=True) as repeating, accepting as good, mailbox, TokenEndpoint("somebody") as endpoint,
          Scribe(certificate=authority.issue("127.0.0.1", "IP:127.0.0.1"), repeats=True,
                 mechanisms="XOAUTH2 OAUTHBEARER PLAIN") as secure):
        endpoint.secret, endpoint.refresh_token, endpoint.lifetime = planted["clientsecret"], planted["refresh"], 6
        ports = {"mailbox": mailbox.port, "authority": str(authority.certificate),
                 "repeats": repeating.port, "good": good.port, "secure": secure.port,
                 "client": {"cert_file": str(certificate), "key_file": "client.key"}}
        settings = configuration(tmp_path, planted, ports, lists, endpoint)
        names = [target["name"] for target in settings["targets"]]
        (tmp_path / "web.yml").write_text(json.dumps({"basic_auth_users": {"bob": HASH}}))
        storage = ["--storage.path", tmp_path / "history"] if "--storage.path" in smtpwatch("run", "--help").text else []
        monitor = Guarded(
            tmp_path, "--log.level", "debug", "--web.enable-lifecycle", "--web.config.file", tmp_path / "web.yml", *storage,
            configuration=settings, PLANTED=planted["variable"])
        outputs = {}
        with monitor:
            for name in names:
                wait_until(lambda: monitor.state_of(name), f"a result of {name}")
            monitor.wait_for("good", "up", "ok")
            wait_until(lambda: len(lists.heard) >= 6, "the lists to be asked for")
            monitor.password = planted["wrong"]
            outputs["401"] = str(monitor.get("/")).encode()
            monitor.password = Guarded.password
            wait_until(lambda: any(b"LOGIN" in line for line in mailbox.lines), "the mailbox to be asked for")
            wait_until(lambda: len(endpoint.tokens) > 2, "tokens to be replaced")
            outputs |= pages(monitor, names)
            # An endpoint that is not well says what it was asked.
            endpoint.refusal = lambda fields: (400, {
                "error": "invalid_grant", "error_description": " ".join(fields.values())})
            wait_until(lambda: "invalid_grant" in (monitor.api("targets/refresh")["last"]["message"] or ""), "its refusal")
            outputs |= {f"{path}, refused": text for path, text in pages(monitor, ["grant", "refresh"]).items()}

            # Whoever looks at the process from outside.
            process = Path(f"/proc/{monitor.process.pid}")
            outputs["argv"] = process.joinpath("cmdline").read_bytes()
            outputs["threads"] = b"".join(path.read_bytes() for path in process.glob("task/*/comm"))
            assert not b"".join(path.read_bytes() for path in process.glob("task/*/children")), "it has no children"

            # People make mistakes just where the secrets are.
            text = monitor.configuration.read_text()
            for number, wrong in enumerate(mistakes(text, planted)):
                monitor.configuration.write_text(wrong)
                status, _, said = monitor.get("/-/reload", "POST")
                outputs[f"reload {number}"] = said.encode()
                checked = smtpwatch("check-config", monitor.configuration, PLANTED=planted["variable"])
                assert (status, checked.code) == (500, CONFIGURATION) or (status, checked.code) == (200, 0), (wrong, said)
                outputs[f"check-config {number}"] = checked.text.encode()
            monitor.configuration.write_text(text)
            outputs["check-config"] = smtpwatch(
                "check-config", monitor.configuration, PLANTED=planted["variable"]).text.encode()
            assert monitor.end() == 0
        outputs["log"] = monitor.output.encode()
        assert b"level=debug" in outputs["log"]
        for path in (tmp_path / "history").rglob("*") if storage else []:
            if path.is_file():
                outputs[f"history {path.name}"] = path.read_bytes()

        for flags in (["--json"], ["--transcript"], ["--nagios"], []):
            for port, extra in ((repeating.port, ["--tls", "none", "--auth.mechanism", "LOGIN"]),
                                (secure.port, ["--tls.insecure-skip-verify"])):
                ended = smtpwatch("probe", f"127.0.0.1:{port}", "--auth.user", "plunk", "--auth.password-file",
                                  tmp_path / "password", *extra, *flags)
                outputs[f"probe {extra} {flags}"] = ended.text.encode()

        planted |= {f"access-{number}": token for number, token in enumerate(endpoint.tokens)}
        # The secrets were in use, all of them; else this would prove nothing.
        used = {"endpoint": json.dumps(endpoint.requests).encode(), "mailbox": b"".join(mailbox.lines),
                "servers": b"\n".join([*repeating.lines, *good.lines, *secure.lines]), "lists": "\n".join(lists.heard).encode()}
        in_use = {name for name, _ in found(planted, used)}
        assert in_use >= {"password", "inline", "token", "bearer", "listpassword", "listtoken", "listquery", "clientsecret",
                          "refresh", "access-0", "mailbox"}, in_use
        assert len(outputs) > 100 and found(planted, outputs) == []

