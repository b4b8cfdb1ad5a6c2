"""What the site does beyond showing: probes on request, the API's description, and what it refuses."""

import json
import re
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import PASSWORD, USER
from servers import pypi
from servers.prometheus import Prometheus
from servers.waiting import free_port, wait_until
from smtpwatch import Monitor


@pytest.fixture(scope="module")
def site(lab, postfix, authority):
    """A monitor that is asked for probes: it allows hosts below `.test`, which do not exist."""
    directory = lab / "site"
    directory.mkdir()
    (directory / "password").touch(mode=0o600)
    (directory / "password").write_text(PASSWORD)
    tls = {"ca_file": str(authority.certificate)}
    login = {"username": USER, "password_file": "password"}
    configuration = {
        "modules": {
            "login": {"timeout": "20s", "diagnosis": "passive", "tls": {"mode": "starttls", **tls}, "auth": login},
            "implicit": {"timeout": "20s", "diagnosis": "passive", "tls": {"mode": "implicit", **tls}},
        },
        "targets": [
            {"name": "good", "host": "127.0.0.1", "port": postfix.submission, "module": "login", "interval": "1s",
             "group": "own"},
            {"name": "gone", "host": "127.0.0.1", "port": free_port(), "module": "implicit", "interval": "1s"},
        ],
        "probe": {"allow": ["configured", "*.test"]},
    }
    with Monitor(directory, "--web.enable-lifecycle", configuration=configuration) as running:
        running.wait_for("good", "up", "ok")
        running.wait_for("gone", "down", "connect_refused")
        yield running


def probe(site, target, module="login", **headers):
    return site.get(f"/probe?target={target}&module={module}", **headers)


def sample(text, name):
    [value] = re.findall(rf"^{name} (\S+)$", text, re.M)
    return float(value)


def test_a_probe_gives_the_families_of_blackbox_exporter_and_its_own_without_target(site, postfix):
    status, headers, text = probe(site, f"127.0.0.1:{postfix.submission}")
    assert status == 200 and headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert sample(text, "probe_success") == 1 == sample(text, "smtp_probe_success")
    assert 0 < sample(text, "probe_duration_seconds") == sample(text, "smtp_probe_duration_seconds")
    assert sample(text, "probe_ssl_earliest_cert_expiry") > 1.7e9
    assert "target=" not in text and "smtpwatch_" not in text and "process_" not in text
    assert 'smtp_probe_auth_mechanism{mechanism="PLAIN"} 1' in text
    status, headers, text = probe(
        site, f"127.0.0.1:{postfix.submission}", Accept="application/openmetrics-text;version=1.0.0")
    assert headers["Content-Type"].startswith("application/openmetrics-text") and text.endswith("# EOF\n")


def test_a_failed_probe_is_an_answer_and_no_error(site):
    gone = site.api("targets/gone")["last"]["port"]
    status, _, text = probe(site, f"127.0.0.1:{gone}", "implicit")
    assert status == 200 and sample(text, "probe_success") == 0
    assert 'smtp_probe_status_reason{stage="connect",reason="connect_refused"} 1' in text
    assert "probe_ssl_earliest_cert_expiry" not in text


def test_debug_shows_everything_but_the_password(site, postfix):
    status, _, text = site.get(f"/probe?target=127.0.0.1:{postfix.submission}&module=login&debug=true")
    assert status == 200
    for heading in ("Logs for the probe:", "Metrics that would have been returned:", "Module configuration:"):
        assert heading in text
    assert re.search(r"C: AUTH \S+( <secret>)?$", text, re.M) and "probe_success 1" in text and "timeout: 20s" in text
    assert PASSWORD not in text and 'password: "<secret>"' in text


@pytest.mark.parametrize("query, status", [
    ("", 400), ("target=", 400), ("target=a.test&target=b.test", 400), ("target=a.test&module=http_2xx", 400),
    ("target=mx:", 400), ("target=mx:example.com", 403), ("target=user:secret@a.test", 400), ("target=a.test:99999", 400),
    ("target=%00", 400), ("target=example.com", 403), ("target=localhost", 403), ("target=%5B::1%5D:25", 403),
])
def test_what_cannot_or_may_not_be_probed_is_refused_with_a_hint(site, query, status):
    answer, _, text = site.get(f"/probe?{query}")
    assert answer == status and len(text.splitlines()) == 2 and "secret" not in text


@pytest.mark.parametrize("timeout", ["x", "0", "-1", "nan", "inf"])
def test_a_timeout_that_is_none_is_refused(site, timeout):
    assert probe(site, "a.test", X_Prometheus_Scrape_Timeout_Seconds=timeout)[0] == 400


def test_a_probe_ends_before_the_scraper_gives_up(start, silent_door):
    target = {"name": "silent", "host": "127.0.0.1", "port": silent_door.port, "interval": "1h",
              "tls": {"mode": "none"}, "timeout": "60s", "timeouts": {"banner": "60s"}, "retries": 0}
    monitor = start(configuration={"targets": [target]})
    _, _, text = monitor.get(
        f"/probe?target=127.0.0.1:{silent_door.port}", X_Prometheus_Scrape_Timeout_Seconds="1")
    assert sample(text, "probe_success") == 0
    # A busy machine may wake it late; without the scraper's word it would wait for a minute.
    assert 0.4 < sample(text, "probe_duration_seconds") < 30


def test_another_port_of_mail_gets_no_credentials(site):
    status, _, text = site.get(
        "/probe?target=127.0.0.1:2526&module=login&debug=true", X_Prometheus_Scrape_Timeout_Seconds="1")
    assert status == 200 and "without the module's credentials" in text and "auth:" not in text


def test_too_many_probes_at_once_are_turned_away(start, silent_door):
    # Two that last for as long as nobody answers, whatever else is slow here.
    module = {"tls": {"mode": "none"}, "timeout": "10m", "timeouts": {"banner": "10m"}}
    monitor = start(configuration={
        "modules": {"default": module}, "targets": [], "probe": {"allow": ["127.0.0.1"]}, "limits": {"per_address": 2}})
    path = f"/probe?target=127.0.0.1:{silent_door.port}"
    with ThreadPoolExecutor(2) as clients:
        asked = [clients.submit(monitor.get, path) for _ in range(2)]
        probes = [silent_door.let_in() for _ in range(2)]
        for _ in range(3):
            status, headers, _ = monitor.get(path)
            assert status == 429 and headers["Retry-After"]
        for probe in probes:
            probe.close()
        assert [answer.result()[0] for answer in asked] == [200, 200]
    # There is room again.
    silent_door.socket.close()
    assert monitor.get(path)[0] == 200


def test_refused_logins_on_request_do_not_lock_the_account(postfix, start, submission, secret_file, caller):
    secret_file.write_text("wrong")
    configuration = submission(postfix.submission)
    configuration["targets"][0] |= {"interval": "1h", "source_address": caller}
    mark = len(postfix.log)
    monitor = start(configuration=configuration)
    for _ in range(4):
        _, _, text = monitor.get(f"/probe?target=127.0.0.1:{postfix.submission}")
        assert sample(text, "probe_success") == 0
        assert 'smtp_probe_status_reason{stage="auth",reason="auth_rejected"} 1' in text
    # Two, and a third where the target's own probe came between them.
    assert 2 <= postfix.log_since(mark, 4, caller).count("authentication failed") <= 3


def test_prometheus_as_blackbox_exporter_documents_it_needs_another_address_only(site, lab, postfix):
    job = {
        "job_name": "blackbox", "metrics_path": "/probe", "params": {"module": ["login"]},
        "static_configs": [{"targets": [f"127.0.0.1:{postfix.submission}"]}],
        "relabel_configs": [
            {"source_labels": ["__address__"], "target_label": "__param_target"},
            {"source_labels": ["__param_target"], "target_label": "instance"},
            {"target_label": "__address__", "replacement": f"127.0.0.1:{site.port}"}]}
    discovered = {
        "job_name": "discovered", "metrics_path": "/probe",
        "http_sd_configs": [{"url": f"http://127.0.0.1:{site.port}/api/v1/sd", "refresh_interval": "1s"}],
        "relabel_configs": job["relabel_configs"]}
    with Prometheus(lab, site.port, name="relabelled", jobs=[job, discovered]) as prometheus:
        def found(job, label):
            return {labels[label]: value for labels, value in prometheus.query(f'probe_success{{job="{job}"}}')}
        # A scraper with little time may have cut a probe short.
        wait_until(lambda: found("blackbox", "instance") == {f"127.0.0.1:{postfix.submission}": 1},
                   lambda: f"a good probe: {found('blackbox', 'instance')}")
        wait_until(lambda: found("discovered", "target") == {"good": 1, "gone": 0},
                   lambda: f"both targets: {found('discovered', 'target')}")
        prometheus.wait_for_good_scrapes("blackbox", "discovered")


def test_an_answer_that_is_known_is_not_sent_again(site):
    for path in ("/api/v1/sd", "/api/v1/openapi.json", "/api/v1/targets/good/badge.json"):
        _, headers, text = site.get(path)
        assert text and headers["ETag"].startswith("W/")
        status, headers, text = site.get(path, If_None_Match=headers["ETag"])
        assert status == 304 and text == ""
        assert site.get(path, If_None_Match='"another"')[0] == 200


def test_badges_say_in_words_what_they_show(site):
    _, _, picture = site.get("/api/v1/targets/gone/badge.svg")
    assert 'role="img"' in picture and "<title>gone: down: connect refused</title>" in picture
    badge = json.loads(site.get("/api/v1/targets/good/badge.json")[2])
    assert (badge["schemaVersion"], badge["label"], badge["message"]) == (1, "good", "up")
    for kind in ("svg", "json"):
        status, _, text = site.get(f"/api/v1/targets/nobody/badge.{kind}")
        assert status == 404 and "unknown" in text


def test_a_button_probes_now_but_not_all_the_time_nor_for_another_site(site):
    runs = lambda: site.metric("smtp_probe_runs_total", target="good")
    assert site.get("/targets/good/probe")[0] == 405
    assert site.get("/targets/good/probe", "POST", Sec_Fetch_Site="cross-site")[0] == 403
    assert site.get("/targets/good/probe", "POST", Origin="https://evil.example")[0] == 403
    assert site.get("/-/reload", "POST", Sec_Fetch_Site="cross-site")[0] == 403
    # The target is probed each second: by hand there is nothing to add. One that a busy machine kept waiting is probed now.
    def answer():
        status, headers, _ = site.get("/targets/good/probe", "POST")
        return status == 429 and headers
    assert wait_until(answer, "a press that adds nothing")["Retry-After"]


def test_without_the_flag_nobody_probes_by_hand(start, postfix, submission):
    monitor = start(configuration=submission(postfix.submission))
    assert monitor.get("/targets/plunk/probe", "POST")[0] == 403
    assert "Probe now" not in monitor.get("/targets/plunk")[2]


def test_a_button_starts_a_probe(start, postfix, submission):
    configuration = submission(postfix.submission)
    configuration["targets"][0]["interval"] = "1h"
    monitor = start("--web.enable-lifecycle", configuration=configuration)
    # A target that is not due for an hour has its first probe somewhere in it: the button need not wait.
    assert "Probe now" in monitor.get("/targets/plunk")[2]
    status, _, _ = monitor.get("/targets/plunk/probe", "POST", Sec_Fetch_Site="same-origin")
    assert status in (200, 429)  # 303 was followed to the page, or the first probe was under way.
    monitor.wait_for("plunk", "up", "ok")


@pytest.fixture(scope="session")
def schemathesis():
    """The program that tests an API against its description."""
    return pypi.program("schemathesis", "schemathesis==4.32.5")


def test_the_api_is_as_it_is_described(site, schemathesis, tmp_path):
    url = f"http://127.0.0.1:{site.port}"
    ended = subprocess.run(
        [schemathesis, "run", f"{url}/api/v1/openapi.json", "--url", url, "--checks", "all", "--seed", "7",
         "--phases", "examples,coverage,fuzzing", "--max-examples", "30", "--no-color",
         # It waits for the end of an answer, which this one does not have.
         "--exclude-path", "/api/v1/events"],
        cwd=tmp_path, capture_output=True, text=True, timeout=900)
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]


class Listener:
    """Somebody who reads /api/v1/events of a site."""

    def __init__(self, site, *headers):
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=60)
        lines = ["GET /api/v1/events HTTP/1.1", f"Host: 127.0.0.1:{site.port}", *headers, "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.heard = ""

    def hear(self, text):
        """Everything up to `text`."""
        while text not in self.heard:
            part = self.socket.recv(4096)
            assert part, f"the stream ended: {self.heard}"
            self.heard += part.decode()
        return self.heard

    def close(self):
        self.socket.close()


def test_events_are_told_as_they_happen_and_again_to_who_missed_them(start, submission, postfix):
    configuration = submission(postfix.submission)
    monitor = start("--web.enable-lifecycle", configuration=configuration)
    monitor.wait_for("plunk", "up", "ok")
    listener = Listener(monitor)
    listener.hear("retry: ")
    assert "text/event-stream" in listener.heard
    configuration["targets"][0]["port"] = free_port()
    monitor.configure(configuration)
    assert monitor.get("/-/reload", "POST")[0] == 200
    listener.hear('"to":"down"')
    listener.hear("\n\n")
    [name] = re.findall(r"id: (\S+)\r?\nevent: state", listener.heard)[-1:]
    listener.close()
    run, number = name.rsplit("-", 1)
    again = Listener(monitor, f"Last-Event-ID: {run}-{int(number) - 1}")
    assert '"reason":"connect_refused"' in again.hear('"state":"down"}')
    again.close()


def test_listeners_are_bounded_and_keep_nobody_waiting(start, submission, postfix):
    monitor = start(configuration=submission(postfix.submission))
    listeners = [Listener(monitor) for _ in range(64)]
    for listener in listeners:
        listener.hear("retry: ")
    status, headers, text = monitor.get("/api/v1/events")
    assert status == 503 and headers["Retry-After"] and "64" in text
    monitor.wait_for("plunk", "up", "ok")
    assert monitor.end() == 0
    for listener in listeners:
        listener.close()
