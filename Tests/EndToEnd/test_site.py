"""What the site does beyond showing: probes on request, the API's description, and what it refuses."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import PASSWORD, USER
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
            "login": {"timeout": "2s", "diagnosis": "passive", "tls": {"mode": "starttls", **tls}, "auth": login},
            "implicit": {"timeout": "2s", "diagnosis": "passive", "tls": {"mode": "implicit", **tls}},
        },
        "targets": [
            {"name": "good", "host": "127.0.0.1", "port": postfix.submission, "module": "login", "interval": "1s",
             "group": "own"},
            {"name": "gone", "host": "127.0.0.1", "port": free_port(), "module": "implicit", "interval": "1s"},
        ],
        "probe": {"allow": ["configured", "*.test"]},
        "limits": {"per_address": 2},
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
    status, _, text = probe(site, f"127.0.0.1:{free_port()}", "implicit")
    assert status == 200 and sample(text, "probe_success") == 0
    assert 'smtp_probe_status_reason{stage="connect",reason="connect_refused"} 1' in text
    assert "probe_ssl_earliest_cert_expiry" not in text


def test_debug_shows_everything_but_the_password(site, postfix):
    status, _, text = site.get(f"/probe?target=127.0.0.1:{postfix.submission}&module=login&debug=true")
    assert status == 200
    for heading in ("Logs for the probe:", "Metrics that would have been returned:", "Module configuration:"):
        assert heading in text
    assert re.search(r"C: AUTH \S+( <secret>)?$", text, re.M) and "probe_success 1" in text and "timeout: 2s" in text
    assert PASSWORD not in text and 'password: "<secret>"' in text


@pytest.mark.parametrize("query, status", [
    ("", 400), ("target=", 400), ("target=a.test&target=b.test", 400), ("target=a.test&module=http_2xx", 400),
    ("target=mx:a.test", 400), ("target=user:secret@a.test", 400), ("target=a.test:99999", 400),
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
              "tls": {"mode": "none"}, "timeout": "8s", "retries": 0}
    monitor = start(configuration={"targets": [target]})
    _, _, text = monitor.get(
        f"/probe?target=127.0.0.1:{silent_door.port}", X_Prometheus_Scrape_Timeout_Seconds="1")
    assert sample(text, "probe_success") == 0
    assert 0.4 < sample(text, "probe_duration_seconds") < 1


def test_the_port_of_another_service_gets_no_credentials(site, silent_door):
    status, _, text = site.get(
        f"/probe?target=127.0.0.1:{silent_door.port}&module=login&debug=true",
        X_Prometheus_Scrape_Timeout_Seconds="1")
    assert status == 200 and "without the module's credentials" in text and "auth:" not in text


def test_too_many_probes_at_once_are_turned_away(start, silent_door):
    target = {"name": "silent", "host": "127.0.0.1", "port": silent_door.port, "interval": "1h",
              "tls": {"mode": "none"}, "timeout": "3s", "retries": 0}
    monitor = start(configuration={"targets": [target], "limits": {"per_address": 2}})
    url = f"http://127.0.0.1:{monitor.port}/probe?target=127.0.0.1:{silent_door.port}"
    asked = [subprocess.Popen(["curl", "-s", "-D", "-", "-o", "/dev/null", url], stdout=subprocess.PIPE)
             for _ in range(5)]
    heads = [process.communicate(timeout=20)[0].decode() for process in asked]
    refused = [head for head in heads if " 429 " in head.splitlines()[0]]
    assert len(refused) == 3 and all("Retry-After:" in head for head in refused)


def test_refused_logins_on_request_do_not_lock_the_account(postfix, start, submission, secret_file):
    secret_file.write_text("wrong")
    configuration = submission(postfix.submission)
    configuration["targets"][0]["interval"] = "1h"
    mark = len(postfix.log)
    monitor = start(configuration=configuration)
    for _ in range(4):
        _, _, text = monitor.get(f"/probe?target=127.0.0.1:{postfix.submission}")
        assert sample(text, "probe_success") == 0
        assert 'smtp_probe_status_reason{stage="auth",reason="auth_rejected"} 1' in text
    assert postfix.log[mark:].count("authentication failed") <= 3


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
        def found(job):
            return prometheus.query(f'probe_success{{job="{job}"}}')
        wait_until(lambda: found("blackbox") and len(found("discovered")) == 2, "probe_success in Prometheus")
        [(labels, value)] = found("blackbox")
        assert labels["instance"] == f"127.0.0.1:{postfix.submission}" and value == 1
        assert {labels["target"]: value for labels, value in found("discovered")} == {"good": 1, "gone": 0}
        assert prometheus.scrape_errors() == []


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
    # The target is probed each second: by hand there is nothing to add.
    status, headers, _ = site.get("/targets/good/probe", "POST")
    assert status == 429 and headers["Retry-After"]


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
def schemathesis(lab):
    """The program that tests an API against its description, in an environment of its own."""
    home = lab / "schemathesis"
    cache = os.environ.get("SMTPWATCH_TEST_CACHE", str(Path.home() / ".cache" / "smtpwatch-tests"))
    options = ["-q", "--disable-pip-version-check", "--cache-dir", f"{cache}/pip"]
    python = next(path for path in (Path("/usr/bin/python3"), Path(sys.executable)) if path.exists())
    try:
        subprocess.run([python, "-m", "venv", home], check=True, capture_output=True)
    except subprocess.CalledProcessError:
        subprocess.run(["uv", "venv", "-q", home], check=True)
    installed = subprocess.run(
        [home / "bin/python", "-m", "pip", "install", *options, "schemathesis==4.*"], capture_output=True, text=True)
    if installed.returncode:
        assert not os.environ.get("CI"), installed.stderr
        pytest.skip(f"schemathesis cannot be installed: {installed.stderr.strip().splitlines()[-1]}")
    return home / "bin/schemathesis"


def test_the_api_is_as_it_is_described(site, schemathesis, tmp_path):
    url = f"http://127.0.0.1:{site.port}"
    ended = subprocess.run(
        [schemathesis, "run", f"{url}/api/v1/openapi.json", "--url", url, "--checks", "all", "--seed", "7",
         "--phases", "examples,coverage,fuzzing", "--max-examples", "30", "--no-color"],
        cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stdout[-8000:] + ended.stderr[-2000:]
