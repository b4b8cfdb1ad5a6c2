"""Secrets leave the memory of the process when they have done their work: what a login was made of at once, a password
when another takes its place."""

import base64
import ctypes
import http.client
import secrets
import subprocess

import pytest

from guarded import SECRET, Guarded
from servers.process_memory import occurrences
from servers.scribe import Scribe
from servers.token_endpoint import CLIENT, TokenEndpoint
from servers.waiting import wait_until

# Who logs in how.
LOGINS = {"plain": "PLAIN", "login": "LOGIN", "xoauth": "XOAUTH2", "bearer": "OAUTHBEARER"}


def encoded(data, before=b"", behind=b""):
    """The letters of base64 that tell of the data alone, where so much stands before it."""
    whole = base64.b64encode(before + data + behind)
    return whole[-(-len(before) * 8 // 6):(len(before) + len(data)) * 8 // 6]


def told(name, value):
    """What goes over the wire with a login, whole and as people would look for it."""
    data = value.encode()
    response = {"plain": b"\0user-plain\0" + data, "login": data,
                "xoauth": b"user=user-xoauth\1auth=Bearer " + data + b"\1\1",
                "bearer": b"auth=Bearer " + data + b"\1\1"}[name]
    return {response, base64.b64encode(response) if name != "bearer" else response}


def kept(value):
    """What is kept as long as a secret is in use: itself, and what hides it in replies wherever it is in base64."""
    data = value.encode()
    return {data, *(encoded(data, bytes(before)) for before in range(3))}


@pytest.fixture
def write(tmp_path):
    """Writes the secrets of a time into their files."""
    def write(time):
        values = {name: f"{name}-{time}-{secrets.token_hex(16)}" for name in LOGINS}
        for name, value in values.items():
            (tmp_path / name).touch(mode=0o600)
            (tmp_path / name).write_text(value + "\n")
        return values
    return write


def is_kept_once(pid, value, name):
    """Waits until a secret is at one place only: a login that is under way has it in its hands as well."""
    def places():
        return occurrences(pid, {value.encode()})[value.encode()]
    wait_until(lambda: len(places()) == 1, lambda: f"{name} to be kept once: {places()}")


def configuration(directory, port):
    def target(name, mechanism):
        file = "token_file" if name in ("xoauth", "bearer") else "password_file"
        return {"name": name, "host": "127.0.0.1", "port": port, "interval": "1s",
                "auth": {"username": f"user-{name}", "allow_plaintext": True, "mechanism": mechanism,
                         file: str(directory / name)}}
    return {"modules": {"default": {"timeout": "20s", "retries": 0, "tls": {"mode": "none"}}},
            "targets": [target(name, mechanism) for name, mechanism in LOGINS.items()]}


def test_a_secret_that_was_replaced_is_gone_and_a_login_leaves_nothing_behind(start, write, tmp_path):
    with Scribe(mechanisms="PLAIN LOGIN XOAUTH2 OAUTHBEARER") as server:
        first = write("first")
        monitor = start("--log.level", "debug", "--web.enable-lifecycle", configuration=configuration(tmp_path, server.port))
        pid = monitor.process.pid

        def found(words):
            return {word: places for word, places in occurrences(pid, words).items() if places}

        def runs(name):
            return monitor.metric("smtp_probe_runs_total", target=name) or 0

        def wait_for_logins():
            past = {name: runs(name) for name in LOGINS}
            wait_until(lambda: all(runs(name) >= past[name] + 2 for name in LOGINS), "two more logins of each")

        wait_for_logins()
        for name in LOGINS:
            assert monitor.state_of(name) == ("up", "ok")
        # They are there, each once: else the following would prove nothing.
        for name, value in first.items():
            is_kept_once(pid, value, name)
            wait_until(lambda: not found(told(name, value) - {value.encode()} - kept(value)),
                       lambda: f"a login to be over: {found(told(name, value) - kept(value))}")

        second = write("second")
        assert monitor.get("/-/reload", "POST")[0] == 200
        wait_for_logins()
        for name, value in first.items():
            gone = kept(value) | told(name, value)
            wait_until(lambda: not found(gone), lambda: f"{name} to be forgotten: {found(gone)}")
        for name, value in second.items():
            is_kept_once(pid, value, name)


def test_a_client_secret_is_kept_once_and_its_requests_are_not(start, tmp_path):
    with TokenEndpoint("somebody") as endpoint, Scribe(mechanisms="XOAUTH2") as server:
        (tmp_path / "refresh").touch(mode=0o600)
        (tmp_path / "refresh").write_text(f"refresh-{secrets.token_hex(16)}")
        endpoint.secret = f"client {secrets.token_hex(16)}+/"
        (tmp_path / "secret").touch(mode=0o600)
        (tmp_path / "secret").write_text(endpoint.secret)
        endpoint.refresh_token = (tmp_path / "refresh").read_text()
        endpoint.lifetime = 3
        oauth2 = {"token_url": endpoint.url, "client_id": CLIENT, "client_secret_file": str(tmp_path / "secret"),
                  "refresh_token_file": str(tmp_path / "refresh")}
        monitor = start(configuration={"targets": [{
            "name": "x", "host": "127.0.0.1", "port": server.port, "interval": "1s", "tls": {"mode": "none"},
            "auth": {"username": "u", "allow_plaintext": True, "mechanism": "XOAUTH2", "oauth2": oauth2}}]})
        monitor.wait_for("x", "up", "ok")
        wait_until(lambda: len(endpoint.requests) > 3, "tokens to be replaced")
        spent = list(endpoint.tokens)[:-2]

        def found():
            words = {endpoint.refresh_token.encode(), *(token.encode() for token in spent)}
            return {word: places for word, places in occurrences(monitor.process.pid, words).items() if places}
        wait_until(lambda: not found(), lambda: f"tokens that were spent to be forgotten: {found()}")
        is_kept_once(monitor.process.pid, endpoint.secret, "the client secret")


def lines_of_key(path):
    """What tells of a private key's PEM text: its lines, without the first, which many keys share the beginning of, and
    what is no line of base64."""
    return {line.encode() for line in path.read_text().splitlines()[2:-1]}


@pytest.fixture
def web_key(authority, tmp_path):
    """A web server's certificate with a key whose PEM text has many lines."""
    key, certificate = tmp_path / "web.key", tmp_path / "web.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "3",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
    return certificate, key


def bcrypt(password):
    """A hash of bcrypt with the least cost."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), SECRET[:29].encode()).decode()


@pytest.mark.parametrize("is_encrypted", [True, False])
def test_passwords_of_the_pages_and_the_text_of_keys_leave_memory(authority, web_key, tmp_path, is_encrypted):
    certificate, key = web_key
    client = authority.issue_client("memory-client")
    right, wrong = (f"{kind}-{secrets.token_hex(16)}" for kind in ("right", "wrong"))
    web = {"basic_auth_users": {"alice": bcrypt(right)}}
    if is_encrypted:
        web["tls_server_config"] = {"cert_file": str(certificate), "key_file": str(key)}
    target = {"name": "x", "host": "127.0.0.1", "interval": "1s",
              "tls": {"mode": "opportunistic", "cert_file": str(client[0]), "key_file": str(client[1])}}
    with Scribe() as server, Guarded(
            tmp_path, web, authority=certificate if is_encrypted else None, user="alice", password=right, command="run",
            configuration={"targets": [{**target, "port": server.port}]}) as monitor:
        monitor.wait_for("x", "up", "ok")

        def found(*words):
            return {word: places for word, places in occurrences(monitor.process.pid, set(words)).items() if places}

        clients = []
        for password, status in ((right, 200), (wrong, 401)):
            login = base64.b64encode(f"alice:{password}".encode())
            # One stays, as a scraper does; one goes.
            clients += [monitor.connect(), monitor.connect()]
            for stays in clients[-2:]:
                stays.connect()
                stays.sock.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic " + login + b"\r\n")
                # It is there as long as the request is not whole: else the following would prove nothing.
                wait_until(lambda: found(login), "the beginning of a request to have come")
                stays.sock.sendall(b"\r\n")
                answer = http.client.HTTPResponse(stays.sock)
                answer.begin()
                assert answer.status == status
                answer.read()
            clients.pop().close()
            gone = (password.encode(), login)
            wait_until(lambda: not found(*gone), lambda: f"a password to be forgotten: {found(*gone)}")
        keys = lines_of_key(key) | lines_of_key(client[1])
        assert len(keys) > 20
        wait_until(lambda: not found(*keys), lambda: f"the text of keys to be forgotten: {found(*keys)}")
        for stays in clients:
            stays.close()
