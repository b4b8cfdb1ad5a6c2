"""`smtpwatch run`: pages, metrics and the API follow what happens to real servers."""

import html
import json
import re
import signal
import subprocess
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from conftest import PASSWORD, USER
from servers import packages
from servers.postfix import Postfix
from servers.prometheus import Prometheus
from servers.waiting import free_port, wait_until
from smtpwatch import Monitor

# What Prometheus itself sends.
PROMETHEUS_ACCEPT = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
                     "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")


@pytest.fixture(scope="module")
def monitor(lab, postfix, authority):
    """A monitor of four targets: three doors of the mail server, one of them wrongly configured, and no server."""
    directory = lab / "monitor"
    directory.mkdir()
    (directory / "password").touch(mode=0o600)
    (directory / "password").write_text(PASSWORD)
    tls = {"ca_file": str(authority.certificate)}
    login = {"username": USER, "password_file": "password"}
    def target(name, port, module, **more):
        return {"name": name, "host": "127.0.0.1", "port": port, "module": module, "interval": "1s", **more}
    configuration = {
        "modules": {
            # Passive, lest a mail server of this machine's own is found on the usual ports.
            "login": {"timeout": "20s", "diagnosis": "passive", "tls": {"mode": "starttls", **tls},
                      "auth": login},
            "implicit": {"timeout": "20s", "tls": {"mode": "implicit", **tls}},
        },
        "targets": [
            target("good", postfix.submission, "login", group="own", labels={"team": "mail"}),
            target("implicit", postfix.submissions, "implicit"),
            target("mixed-up", postfix.submission, "implicit"),
            target("gone", free_port(), "login"),
        ]}
    with Monitor(directory, configuration=configuration) as running:
        for name, outcome, reason in EXPECTED:
            running.wait_for(name, outcome, reason)
        yield running


EXPECTED = [("good", "up", "ok"), ("implicit", "up", "ok"), ("mixed-up", "down", "port_speaks_plaintext"),
            ("gone", "down", "connect_refused")]


def test_the_status_page_says_in_words_how_each_target_is(monitor):
    status, headers, text = monitor.get("/")
    page = html.unescape(re.sub(r"<[^>]*>", " ", text))
    assert status == 200 and headers["Content-Type"].startswith("text/html")
    for name, outcome, _ in EXPECTED:
        assert name in page
        if outcome == "down":
            assert monitor.api(f"targets/{name}")["last"]["message"] in page


def test_a_targets_page_shows_cause_cure_and_transcript_without_the_password(monitor):
    # What a person is to type stands in a type of its own.
    page = html.unescape(re.sub("</?code>", "`", monitor.get("/targets/mixed-up")[2]))
    last = monitor.api("targets/mixed-up")["last"]
    assert last["message"] in page and last["remedy"] in page
    page = monitor.get("/targets/good")[2]
    assert "EHLO" in page and PASSWORD not in page
    assert monitor.get("/targets/nowhere")[0] == 404


def check_metrics(page, lab):
    promtool = packages.program("promtool", "prometheus", lab)
    checked = subprocess.run([promtool, "check", "metrics"], input=page, text=True, capture_output=True)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_the_text_format_passes_promtool(monitor, lab):
    status, headers, text = monitor.get("/metrics", Accept="text/plain;version=0.0.4")
    assert status == 200 and "version=0.0.4" in headers["Content-Type"]
    check_metrics(text, lab)


def test_the_recorded_page_with_every_family_passes_promtool(lab):
    check_metrics((Path(__file__).parent.parent / "Golden/metrics.txt").read_text(), lab)


def test_the_openmetrics_format_parses_and_has_the_same_series(monitor):
    monitor.metrics()  # Requests are counted by series: those for this page are there from now on.
    status, headers, text = monitor.get("/metrics", Accept=PROMETHEUS_ACCEPT)
    assert status == 200 and headers["Content-Type"].startswith("application/openmetrics-text")
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert families["smtp_probe_runs"].type == "counter"
    assert families["smtp_probe_latency_seconds"].type == "histogram"
    series = {(sample.name, frozenset(sample.labels.items()))
              for family in families.values() for sample in family.samples}
    assert {pair for pair in series if not pair[0].endswith("_created")} == set(monitor.metrics())


def test_metrics_tell_state_and_reason(monitor):
    for name, outcome, reason in EXPECTED:
        assert monitor.metric("smtp_probe_success", target=name) == (1 if outcome == "up" else 0)
    metrics = monitor.metrics()
    reasons = {(dict(labels)["target"], dict(labels)["stage"], dict(labels)["reason"])
               for (name, labels) in metrics if name == "smtp_probe_status_reason"}
    assert reasons == {
        ("good", "none", "ok"), ("implicit", "none", "ok"), ("mixed-up", "tls", "port_speaks_plaintext"),
        ("gone", "connect", "connect_refused")}
    assert metrics["smtpwatch_targets", frozenset()] == 4
    assert metrics["smtpwatch_config_last_reload_successful", frozenset()] == 1
    [information] = [dict(labels) for (name, labels) in metrics
                     if name == "smtp_target_info" and ("target", "good") in labels]
    assert (information["host"], information["group"], information["team"]) == ("127.0.0.1", "own", "mail")
    for name in ("smtp_probe_tls_cert_not_after_timestamp_seconds", "smtp_probe_tls_verified"):
        assert monitor.metric(name, target="good") > 0


def test_the_api_gives_targets_results_events_and_badges(monitor):
    good = monitor.api("targets/good")
    assert {"name", "group", "labels", "module", "interval_seconds", "state", "since", "consecutive_failures",
            "auth_paused_until", "next_run_at", "last", "last_failure", "uptime", "certificate"} <= good.keys()
    assert (good["name"], good["group"], good["labels"]) == ("good", "own", {"team": "mail"})
    assert good["last"]["smtp"]["auth_mechanism"]
    page = monitor.api("targets/good/results?limit=1")
    assert len(page["results"]) == 1 and page["results"][0]["outcome"] == "up"
    assert page["next_before"] is not None or len(monitor.api("targets/good/results")["results"]) == 1
    assert monitor.api("targets/mixed-up/events")["events"]
    assert monitor.api("summary") and monitor.api("targets")
    assert monitor.get("/api/v1/targets/good/badge.svg")[1]["Content-Type"].startswith("image/svg+xml")
    assert monitor.get("/api/v1/targets/good/badge.json")[0] == 200
    status, _, text = monitor.get("/api/v1/targets/nowhere")
    assert status == 404 and {"error", "hint"} <= json.loads(text).keys()


def test_service_discovery_lists_the_targets(monitor):
    assert all({"targets", "labels"} <= entry.keys() for entry in monitor.api("sd"))


def test_the_running_configuration_shows_no_secret(monitor):
    status, _, text = monitor.get("/config")
    assert status == 200 and "good" in text and PASSWORD not in text


def test_a_probe_on_request_reaches_configured_hosts_only(monitor, postfix, silent_door):
    status, _, text = monitor.get(f"/probe?target=127.0.0.1:{postfix.submission}&module=login")
    assert status == 200 and re.search(r"^probe_success 1", text, re.M), text
    assert re.search(r"^smtp_probe_success 1", text, re.M), text
    for host in ("localhost", "127.0.0.1"):
        status, _, _ = monitor.get(f"/probe?target={host}:{silent_door.port}&module=login")
        assert status == 403 and not silent_door.knocked()


def test_prometheus_scrapes_it(monitor, lab):
    with Prometheus(lab, monitor.port) as prometheus:
        found = wait_until(lambda: prometheus.query("smtp_probe_success"), "smtp_probe_success in Prometheus")
        assert {labels["target"]: value for labels, value in found} == {
            name: 1 if outcome == "up" else 0 for name, outcome, _ in EXPECTED}
        assert prometheus.query('smtp_probe_latency_seconds_bucket{target="good",le="+Inf"}')
        prometheus.wait_for_good_scrapes("smtpwatch")


def test_healthy_and_ready_answer(monitor):
    assert [monitor.get(path)[0] for path in ("/-/healthy", "/-/ready")] == [200, 200]


def test_a_server_that_stops_goes_down_and_comes_up_again(lab, certificate, dovecot, submission, start):
    with Postfix(lab, certificate, dovecot, name="stopped") as mail:
        monitor = start(configuration=submission(mail.submission))
        monitor.wait_for("plunk", "up", "ok")
        mail.stop()
        down = monitor.wait_for("plunk", "down", "connect_refused")
        assert monitor.metric("smtp_probe_success", target="plunk") == 0
        assert monitor.metric("smtp_probe_status_reason", target="plunk", stage="connect",
                              reason="connect_refused") == 1
        assert down["last"]["message"] in html.unescape(monitor.get("/")[2])
        mail.start()
        up = monitor.wait_for("plunk", "up", "ok")
        assert up["last_failure"]["reason"] == "connect_refused" and up["consecutive_failures"] == 0
        assert monitor.metric("smtp_probe_failures_total", target="plunk") >= 1


def test_after_two_refused_logins_no_more_are_tried(postfix, submission, start, secret_file, caller):
    secret_file.write_text("wrong")
    mark = len(postfix.log)
    configuration = submission(postfix.submission)
    configuration["targets"][0]["source_address"] = caller
    monitor = start(configuration=configuration)
    wait_until(lambda: monitor.metric("smtp_probe_auth_paused", target="plunk"), "logins to pause")
    runs = monitor.metric("smtp_probe_runs_total", target="plunk")
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="plunk") >= runs + 2, "two more probes")
    paused = monitor.api("targets/plunk")
    assert paused["auth_paused_until"] and paused["last"]["reason"] == "auth_rejected"
    assert postfix.log_since(mark, runs, caller).count("authentication failed") == 2


def test_a_scrape_gets_the_groups_it_names_and_the_lag_of_what_probes_read(monitor):
    chosen = monitor.get("/metrics?collect[]=monitor")[2]
    assert "smtp_probe_success" not in chosen
    lag = next(line for line in chosen.splitlines() if line.startswith("smtpwatch_observation_lag_seconds_count"))
    assert int(lag.split()[1]) > 0
