"""The dashboards and rules fit what smtpwatch exports."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from servers import packages
from servers.prometheus import Prometheus
from servers.waiting import wait_until
from smtpwatch import Monitor

ROOT = Path(__file__).parents[2]
CHECKER = ROOT / "Tests/check-dashboards.py"


@pytest.fixture(scope="module")
def demo(lab):
    """The demonstration, once each of its targets has been probed."""
    directory = lab / "dashboards"
    directory.mkdir()
    with Monitor(directory, command="demo") as running:
        wait_until(lambda: all(target["last"] for target in (
            running.api(f"targets/{name['name']}") for name in running.api("targets")["targets"])),
            "every target to be probed")
        yield running


@pytest.fixture
def check(lab):
    """Runs the checker on a scrape."""
    promtool = packages.program("promtool", "prometheus", lab)
    path = f"{promtool.parent}:{os.environ['PATH']}"
    return lambda metrics: subprocess.run([sys.executable, CHECKER], input=metrics, text=True, capture_output=True,
                                          env={**os.environ, "PATH": path})


def test_dashboards_and_rules_name_what_there_is(demo, check, start, submission, silent_door, tmp_path):
    # The demonstration has every series but those of a stored history and of deliveries.
    configuration = submission(silent_door.port, timeout="1s")
    (tmp_path / "Maildir").mkdir()
    configuration["targets"][0] |= {
        "send": {"from": "a@example.net", "to": "b@example.net"}, "delivery": {"maildir": str(tmp_path / "Maildir")}}
    storing = start("--storage.path", tmp_path / "history", configuration=configuration)
    wait_until(lambda: "smtp_probe_delivery_mailbox_up{" in storing.get("/metrics")[2], "a look into the mailbox")
    checked = check("".join(
        monitor.get("/metrics", Accept="text/plain;version=0.0.4")[2] for monitor in (demo, storing)))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_metric_that_does_not_exist_is_found(check):
    checked = check("")
    assert checked.returncode == 1 and "there is no metric smtp_probe_success" in checked.stdout


def test_every_query_of_the_dashboards_finds_something(demo, lab):
    specification = importlib.util.spec_from_file_location("check_dashboards", CHECKER)
    checker = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(checker)
    queries = {(path.name, panel["title"], target["expr"]): checker.expand(target["expr"])
               for path in sorted((ROOT / "dashboards").glob("*.json"))
               for panel in checker.panels(json.loads(path.read_text())) for target in panel["targets"]
               if not re.search("smtp_probe_(warning|dane|mta_sts|delivery)", target["expr"])}
    for macro, value in (('"x"', '".+"'), ("[1m]", "[15s]")):
        queries = {key: query.replace(macro, value) for key, query in queries.items()}
    with Prometheus(lab, demo.port, name="dashboards-prometheus") as prometheus:
        def in_vain():
            return [key for key, query in queries.items() if not prometheus.query(query)]
        wait_until(lambda: not in_vain(), lambda: f"these queries to find something: {in_vain()}")


def test_the_rules_pass_their_unit_tests(lab):
    promtool = packages.program("promtool", "prometheus", lab)
    directory = ROOT / "deploy/prometheus"
    for arguments in (["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml", "rules.days.test.yml"],
                      ["check", "config", "prometheus.yml"], ["check", "config", "prometheus-sharded.yml"],
                      ["check", "config", "prometheus-probe.yml"],
                      ["check", "config", "--agent", "prometheus-agent.yml"]):
        checked = subprocess.run([promtool, *arguments], cwd=directory, text=True, capture_output=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr


def looks(test):
    """Each look of a rules' test at alerts: a function that tells which it would have seen, and those that fire."""
    for look in test.get("alert_rule_test", []):
        name = look["alertname"]
        yield name.__eq__, {name} if look.get("exp_alerts") else set()
    for look in test.get("promql_expr_test", []):
        if "ALERTS" not in look["expr"]:
            continue
        [(sign, pattern)] = re.findall(r'alertname(=~|!=|=)"([^"]+)"', look["expr"]) or [("=~", ".*")]
        # A sample names its alert, unless the query is for one only.
        names = {(re.findall('alertname="([^"]+)"', str(sample.get("labels"))) or [pattern])[0]
                 for sample in look.get("exp_samples") or []}
        # In an anchored expression a name stands for itself.
        yield lambda name, sign=sign, pattern=pattern: bool(re.fullmatch(pattern, name)) != (sign == "!="), names


def test_every_alert_is_tested_firing_and_staying_silent():
    directory = ROOT / "deploy/prometheus"
    alerts = {rule["alert"] for group in yaml.safe_load((directory / "rules.yml").read_text())["groups"]
              for rule in group["rules"] if "alert" in rule} - {"Watchdog"}
    fired, silent = set(), set()
    for file in directory.glob("*.test.yml"):
        for test in yaml.safe_load(file.read_text())["tests"]:
            in_this = set().union(*(names for _, names in looks(test)))
            fired |= in_this
            # Silent at another moment of the series that make it fire.
            silent |= {name for name in in_this for would_see, names in looks(test)
                       if would_see(name) and name not in names}
    assert not alerts - fired, f"never seen firing: {alerts - fired}"
    assert not alerts - silent, f"never seen silent before or after: {alerts - silent}"


def test_the_runbooks_can_be_served_anywhere(tmp_path):
    for path in ("deploy", "dashboards", "Tests/check-runbooks.py", "Sources/Model", "Sources/CRunbooks"):
        source = ROOT / path
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, tmp_path / path) if source.is_dir() else shutil.copy(source, tmp_path / path)
    moved = subprocess.run([tmp_path / "deploy/runbooks/serve-at", "https://wiki.test/mail~/run"],
                           capture_output=True, text=True)
    assert moved.returncode == 0, moved.stderr
    left = subprocess.run(["grep", "-rl", "runbooks.example.org", *(tmp_path / path for path in (
        "deploy/prometheus", "deploy/kubernetes", "dashboards"))], capture_output=True, text=True)
    assert left.stdout == ""
    checked = subprocess.run([sys.executable, tmp_path / "Tests/check-runbooks.py"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout
    assert "https://wiki.test/mail~/run/SMTPProbeFailing.md" in (tmp_path / "deploy/kubernetes/monitoring/rules.yaml").read_text()
    for bad in ("", "wiki.test", "https://wiki.test/a b|c"):
        assert subprocess.run([tmp_path / "deploy/runbooks/serve-at", bad], capture_output=True).returncode == 64


def test_alertmanager_takes_its_configuration_and_never_mails_alone(lab):
    amtool = packages.program("amtool", "prometheus-alertmanager", lab)
    file = ROOT / "deploy/alertmanager/alertmanager.yml"
    checked = subprocess.run([amtool, "check-config", file], text=True, capture_output=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    for labels, receiver in ((["alertname=Watchdog", "severity=none"], "heartbeat"),
                             (["alertname=SMTPProbeFailing", "severity=critical"], "pager"),
                             (["alertname=SMTPAlertMailFailing", "severity=warning"], "ticket")):
        routed = subprocess.run([amtool, "config", "routes", "test", f"--config.file={file}", *labels],
                                text=True, capture_output=True)
        assert routed.stdout.strip() == receiver
    for receiver in yaml.safe_load(file.read_text())["receivers"]:
        assert "email_configs" not in receiver or receiver.get("webhook_configs"), receiver["name"]
