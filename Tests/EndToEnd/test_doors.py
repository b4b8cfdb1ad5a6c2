"""The doors of the pages: encryption, users and headers by a web configuration file, sockets, addresses from outside."""

import base64
import html
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import time

import pytest

from guarded import OTHER, SECRET, Guarded
from servers import packages
from servers.prometheus import Prometheus
from servers.waiting import free_port, wait_until
from smtpwatch import BINARY, CONFIGURATION, ENVIRONMENT, USAGE, Monitor, smtpwatch

@pytest.fixture
def guarded(tmp_path):
    """Starts monitors behind web configurations, and ends them after the test."""
    started = []

    def run(web, *arguments, **keywords):
        monitor = Guarded(tmp_path, web, *arguments, **keywords)
        started.append(monitor)
        monitor.start()
        return monitor
    yield run
    for monitor in started:
        monitor.stop()


@pytest.fixture
def identity(authority, tmp_path):
    """Certificate and key of localhost, where they may be replaced."""
    certificate, key = authority.issue("localhost", "IP:127.0.0.1")
    shutil.copy(certificate, tmp_path / "server.pem")
    shutil.copy(key, tmp_path / "server.key")
    return {"cert_file": "server.pem", "key_file": "server.key"}


# What the files say, and who takes them: everybody; nobody; only we (they need a newer promtool than Debian's); only
# promtool (nobody could ever come in).
IDENTITY = "tls_server_config: { cert_file: server.pem, key_file: server.key, %s }"
FILES = {
    "everybody": [
        "", "{}", "tls_server_config:", "tls_server_config: {}", "basic_auth_users: {}",
        f"basic_auth_users: {{ bob: '{SECRET}' }}", f"basic_auth_users: {{ bob: '{SECRET.replace('$2b', '$2y')}' }}",
        IDENTITY % "", IDENTITY % "client_auth_type: NoClientCert", IDENTITY % "client_auth_type: RequireClientCert",
        IDENTITY % "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem",
        IDENTITY % "client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.pem",
        IDENTITY % "min_version: TLS10, max_version: TLS12", IDENTITY % "min_version: TLS13",
        IDENTITY % "cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_RSA_WITH_AES_128_CBC_SHA]",
        IDENTITY % "curve_preferences: [CurveP256, CurveP384, CurveP521, X25519]",
        IDENTITY % "prefer_server_cipher_suites: no", "http_server_config: { http2: false }",
        "http_server_config: { headers: { Strict-Transport-Security: max-age=31536000; includeSubDomains } }"
        .replace("max-age=31536000; includeSubDomains", "'max-age=31536000; includeSubDomains'"),
        "http_server_config: { headers: { X-Frame-Options: deny, X-Content-Type-Options: nosniff } }",
        "http_server_config: { headers: { Content-Security-Policy: '', X-XSS-Protection: '0' } }",
    ],
    "nobody": [
        "basic_auth_users: { bob: secret }", "basic_auth_users: { bob: '' }", "basic_auth_users: [bob]",
        "basic_auth_user: {}", "tls_config: {}", "[]", "nonsense", "tls_server_config: { cert_file: server.pem }",
        "tls_server_config: { key_file: server.key }", "tls_server_config: { cert_file: '', key_file: '', client_auth_type: RequestClientCert }",
        "tls_server_config: { cert_file: missing.pem, key_file: server.key }",
        "tls_server_config: { cert_file: server.pem, key_file: missing.key }",
        "tls_server_config: { cert_file: server.pem, key_file: other.key }",
        "tls_server_config: { cert_file: server.key, key_file: server.pem }",
        IDENTITY % "client_ca_file: ca.pem", IDENTITY % "client_auth_type: Sometimes",
        IDENTITY % "client_auth_type: RequireAndVerifyClientCert, client_ca_file: missing.pem",
        IDENTITY % "min_version: TLS14", IDENTITY % "min_version: SSL30", IDENTITY % "cipher_suites: [AES]",
        IDENTITY % "curve_preferences: [P-256]", IDENTITY % "certfile: server.pem",
        IDENTITY % "prefer_server_cipher_suites: sometimes",
        "http_server_config: { http2: sometimes }", "http_server_config: { headers: { Server: me } }",
        "http_server_config: { headers: { X-Frame-Options: allow } }",
        "http_server_config: { headers: { X-Content-Type-Options: sniff } }",
        f"basic_auth_users: {{ bob: '{SECRET}', bob: '{SECRET}' }}", "http_server_config: { http2: true", "\tx: y",
    ],
    "we": ["rate_limit: { interval: 1s, burst: 5 }"],
    "promtool": [IDENTITY % "max_version: TLS11", IDENTITY % "client_auth_type: RequireAndVerifyClientCert, client_ca_file: empty.pem"],
}


@pytest.mark.parametrize("who, text", [(who, text) for who, texts in FILES.items() for text in texts])
def test_promtool_and_we_agree_on_a_file(lab, authority, identity, tmp_path, who, text):
    _, other = authority.issue("other")
    shutil.copy(authority.certificate, tmp_path / "ca.pem")
    shutil.copy(other, tmp_path / "other.key")
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "web.yml").write_text(text + "\n")
    (tmp_path / "smtpwatch.yml").write_text("targets: [{ host: mail.example.com }]\n")
    promtool = packages.program("promtool", "prometheus", lab)
    theirs = subprocess.run(
        [promtool, "check", "web-config", tmp_path / "web.yml"], capture_output=True, text=True)
    ours = smtpwatch("check-config", tmp_path / "smtpwatch.yml", "--web.config.file", tmp_path / "web.yml")
    assert (theirs.returncode == 0) == (who in ("everybody", "promtool")), theirs.stdout + theirs.stderr
    assert ours.code == (0 if who in ("everybody", "we") else CONFIGURATION), ours.text
    if ours.code:
        assert f"{tmp_path}/web.yml" in ours.err and SECRET not in ours.text


def test_a_bad_file_at_the_start_ends_the_program_with_its_place(tmp_path):
    (tmp_path / "web.yml").write_text("basic_auth_users:\n  bob: secret\n")
    for arguments in (("demo",), ("run", "--config.file", tmp_path / "smtpwatch.yml")):
        (tmp_path / "smtpwatch.yml").write_text("targets: [{ host: mail.example.com }]\n")
        ended = smtpwatch(*arguments, "--web.config.file", tmp_path / "web.yml", "--web.listen-address", "127.0.0.1:0")
        assert ended.code == CONFIGURATION
        assert f"{tmp_path}/web.yml:2:8: basic_auth_users.bob is no bcrypt hash" in ended.err


def test_everything_is_behind_the_doors(guarded, identity, authority):
    monitor = guarded(
        {"tls_server_config": identity, "basic_auth_users": {"bob": SECRET},
         "http_server_config": {"headers": {"Strict-Transport-Security": "max-age=60"}}},
        authority=authority.certificate, user="bob")
    for path in ("/", "/metrics", "/-/healthy", "/api/v1/targets", "/config", "/nothing"):
        monitor.login = None
        status, headers, text = monitor.get(path)
        assert status == 401 and headers["WWW-Authenticate"].startswith("Basic realm=")
        assert headers["X-Content-Type-Options"] == "nosniff" and headers["X-Frame-Options"] == "DENY"
        assert headers["Strict-Transport-Security"] == "max-age=60" and "target" not in text
        monitor.login = "Basic " + base64.b64encode(b"bob:secret").decode()
        status, headers, _ = monitor.get(path)
        assert status == (404 if path == "/nothing" else 200)
        assert headers["Referrer-Policy"] == "no-referrer" and headers["Strict-Transport-Security"] == "max-age=60"
    assert monitor.metric("smtpwatch_http_requests_total", handler="door", code="401") == 6


def test_prometheus_scrapes_through_the_doors(lab, guarded, identity, authority):
    monitor = guarded(
        {"tls_server_config": identity, "basic_auth_users": {"bob": SECRET}},
        authority=authority.certificate, user="bob")
    job = {
        "job_name": "smtpwatch", "scheme": "https", "tls_config": {"ca_file": str(authority.certificate)},
        "basic_auth": {"username": "bob", "password": "secret"},
        "static_configs": [{"targets": [f"localhost:{monitor.port}"]}]}
    with Prometheus(lab, monitor.port, name="guarded", jobs=[job]) as prometheus:
        wait_until(lambda: prometheus.query("smtpwatch_targets"), "the scrape")
        prometheus.wait_for_good_scrapes("smtpwatch")


def test_users_and_certificates_change_without_a_restart(guarded, identity, authority, tmp_path):
    web = {"tls_server_config": identity, "basic_auth_users": {"bob": SECRET}}
    monitor = guarded(web, authority=authority.certificate, user="bob")
    assert monitor.get("/-/healthy")[0] == 200
    # Other users.
    monitor.web.write_text(json.dumps({**web, "basic_auth_users": {"bob": OTHER}}))
    wait_until(lambda: monitor.get("/-/healthy")[0] == 401, "the old password to be refused")
    monitor.login = "Basic " + base64.b64encode(b"bob:other").decode()
    assert monitor.get("/-/healthy")[0] == 200
    # A file that cannot be used changes nothing, and the log says why.
    monitor.web.write_text("basic_auth_users: { bob: }\n")
    wait_until(lambda: "bcrypt" in monitor.output, "the log to say what is wrong")
    assert "the old one stays" in monitor.output and monitor.get("/-/healthy")[0] == 200
    # A new certificate, for new connections; one that is open goes on.
    monitor.web.write_text(json.dumps({**web, "basic_auth_users": {"bob": OTHER}}))
    before, kept = monitor.certificate(), monitor.connect()
    kept.connect()
    certificate, key = authority.issue("localhost", "IP:127.0.0.1")
    (tmp_path / "server.key").write_bytes(key.read_bytes())
    (tmp_path / "server.pem").write_bytes(certificate.read_bytes())
    wait_until(lambda: monitor.certificate() != before, "the new certificate")
    kept.request("GET", "/-/healthy", headers={"Authorization": monitor.login})
    assert kept.getresponse().status == 200
    kept.close()


def test_a_reload_by_hand_tells_what_is_wrong_with_the_file(start, tmp_path):
    web = tmp_path / "web.yml"
    web.write_text("{}")
    monitor = start(
        "--web.config.file", web, "--web.enable-lifecycle", configuration={"targets": [{"host": "127.0.0.1", "port": 1}]})
    assert monitor.get("/-/reload", "POST")[0] == 200
    web.write_text("basic_auth_users: []\nbogus: 1\n")
    status, _, text = monitor.get("/-/reload", "POST")
    assert status == 500 and f"{web}:2:1: unknown key 'bogus'" in text
    assert monitor.metric("smtpwatch_config_last_reload_successful") == 0
    assert "unknown key 'bogus'" in html.unescape(monitor.get("/")[2])
    web.write_text("{}")
    wait_until(lambda: monitor.metric("smtpwatch_config_last_reload_successful") == 1, "the mended file to be taken")


def test_client_certificates_are_asked_for(guarded, identity, authority, tmp_path):
    shutil.copy(authority.certificate, tmp_path / "ca.pem")
    web = {"tls_server_config": {
        **identity, "client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.pem"}}
    monitor = Guarded(tmp_path, web, authority=authority.certificate)
    certificate, key = authority.issue_client("friend")
    monitor.context.load_cert_chain(certificate, key)
    with monitor:
        assert monitor.get("/-/healthy")[0] == 200
        monitor.context = ssl.create_default_context(cafile=authority.certificate)
        with pytest.raises((ssl.SSLError, OSError, http.client.HTTPException)):
            monitor.get("/-/healthy")
        url = f"https://localhost:{monitor.port}"
        trusted = ("--tls.ca-file", authority.certificate)
        assert smtpwatch("healthcheck", url, *trusted).code == 1
        assert smtpwatch("healthcheck", url, *trusted, "--tls.cert-file", certificate, "--tls.key-file", key).code == 0


def test_healthcheck_finds_its_way_through_the_doors(guarded, identity, authority, tmp_path):
    monitor = guarded(
        {"tls_server_config": identity, "basic_auth_users": {"bob": SECRET}},
        authority=authority.certificate, user="bob")
    password = tmp_path / "password"
    password.touch(mode=0o600)
    password.write_text("secret\n")
    url, trusted = f"https://localhost:{monitor.port}", ("--tls.ca-file", authority.certificate)
    login = ("--auth.user", "bob", "--auth.password-file", password)
    assert smtpwatch("healthcheck", url, *trusted, *login).code == 0
    assert smtpwatch("healthcheck", url, "--tls.insecure-skip-verify", *login).code == 0
    by_name = ("--tls.server-name", "localhost", "--auth.user", "bob", "--auth.password-env", "WORD")
    assert smtpwatch("healthcheck", f"https://127.0.0.1:{monitor.port}", *trusted, *by_name, WORD="secret").code == 0
    for arguments, words in (
            (login, "not to be believed"), (trusted, "401"), ((*trusted, *login[:3], "/dev/null"), "")):
        ended = smtpwatch("healthcheck", url, *arguments)
        assert ended.code != 0 and words in ended.err
    # Plain HTTP on the same port is no answer, and no hang.
    assert smtpwatch("healthcheck", url.replace("https", "http")).code == 1
    assert smtpwatch("healthcheck", url, "--auth.user", "bob").code == USAGE


def test_a_rate_limit_is_kept(guarded):
    monitor = guarded({"rate_limit": {"interval": "1h", "burst": 50}})
    statuses = [monitor.get("/-/healthy")[0] for _ in range(60)]
    assert statuses.count(429) >= 10 and statuses[-1] == 429
    assert int(monitor.get("/")[1]["Retry-After"]) > 60


def test_wrong_passwords_are_held_up_and_right_ones_are_not(guarded):
    monitor = guarded({"basic_auth_users": {"bob": SECRET}}, user="bob")
    known = monitor.login
    refused, began = [], time.monotonic()
    for guess in range(15):
        monitor.login = "Basic " + base64.b64encode(f"bob:{guess}".encode()).decode()
        status, headers, _ = monitor.get("/")
        assert status == 401 or (status == 429 and int(headers["Retry-After"]) >= 1)
        refused.append(status == 429)
    # Ten tries at once, and another one each six seconds.
    assert refused[:10] == [False] * 10 and refused.count(False) <= 10 + (time.monotonic() - began) / 6
    assert any(refused), "guessing took minutes"
    monitor.login = known
    assert monitor.get("/")[0] == 200


def test_pages_on_a_unix_socket(start, tmp_path):
    path = tmp_path / "web.sock"
    # What a program that was killed leaves behind.
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    monitor = start("--web.listen-address", f"unix:{path}", command="demo")

    def ask():
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
            client.sendall(b"GET /-/healthy HTTP/1.0\r\n\r\n")
            return client.makefile("rb").read()
    assert b" 200 " in ask() and path.stat().st_mode & 0o777 == 0o660
    ended = smtpwatch("demo", "--web.listen-address", f"unix:{path}")
    assert ended.code == CONFIGURATION and "another program serves there" in ended.err
    assert b" 200 " in ask()
    assert monitor.end() == 0 and not path.exists()


def test_sockets_of_the_service_manager(tmp_path):
    ended = smtpwatch("demo", "--web.systemd-socket")
    assert ended.code == CONFIGURATION and "no socket activation file descriptors found" in ended.err
    ports = [free_port(), free_port()]
    listen = [argument for port in ports for argument in ("-l", f"127.0.0.1:{port}")]
    process = subprocess.Popen(
        ["systemd-socket-activate", *listen, BINARY, "demo", "--web.systemd-socket"], env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for port in ports:
            # The first connection starts the program, which answers it.
            wait_until(lambda: _status(port) == 200, "the program behind the socket")
    finally:
        process.terminate()
        assert process.wait(timeout=60) == 0


def _status(port):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/-/healthy")
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


@pytest.mark.parametrize("flags, home, link", [
    ((), "/", "http://127.0.0.1:{port}/"),
    (("--web.external-url", "https://status.example/"), "/", "https://status.example/"),
    (("--web.external-url", "https://status.example/watch/"), "/watch/", "https://status.example/watch/"),
    (("--web.external-url", "https://status.example/watch", "--web.route-prefix", "/"), "/",
     "https://status.example/watch/"),
    (("--web.route-prefix", "/inside"), "/inside/", "http://127.0.0.1:{port}/inside/"),
])
def test_links_begin_where_the_pages_are_seen_from_outside(tmp_path, flags, home, link):
    class Prefixed(Monitor):
        def is_ready(self):
            return self.get(f"{home}-/ready")[0] == 200
    with Prefixed(tmp_path, *flags, command="demo") as monitor:
        link = link.format(port=monitor.port)
        name = json.loads(monitor.get(f"{home}api/v1/targets")[2])["targets"][0]["name"]
        page = monitor.get(f"{home}targets/{name}")[2]
        assert f"({link}api/v1/targets/{name}/badge.svg)" in page and "example.net/api" not in page
        found = json.loads(monitor.get(f"{home}api/v1/sd")[2])
        assert found[0]["labels"]["__meta_smtpwatch_page"] == f"{link}targets/{name}"
        path = link.split("/", 3)[3]
        assert f'href="/{path}targets/{name}"' in monitor.get(home)[2]


@pytest.mark.parametrize("url", ["status.example", "ftp://a", "http://", "http://a/?q", "http://u@a", '"http://a"', "http://a:b"])
def test_what_is_no_external_url_is_refused(url):
    ended = smtpwatch("demo", "--web.external-url", url)
    assert ended.code == USAGE and "--web.external-url" in ended.err
