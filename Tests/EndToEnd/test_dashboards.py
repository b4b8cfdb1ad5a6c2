"""The dashboards and rules fit what smtpwatch exports."""

import importlib.util
import json
import os
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
            "every target to be probed", deadline=30)
        yield running


@pytest.fixture
def check(lab):
    """Runs the checker on a scrape."""
    promtool = packages.program("promtool", "prometheus", lab)
    path = f"{promtool.parent}:{os.environ['PATH']}"
    return lambda metrics: subprocess.run([sys.executable, CHECKER], input=metrics, text=True, capture_output=True,
                                          env={**os.environ, "PATH": path})


def test_dashboards_and_rules_name_what_there_is(demo, check):
    checked = check(demo.get("/metrics", Accept="text/plain;version=0.0.4")[2])
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
               if "smtp_probe_warning" not in target["expr"]}
    for macro, value in (('"x"', '".+"'), ("[1m]", "[5s]")):
        queries = {key: query.replace(macro, value) for key, query in queries.items()}
    with Prometheus(lab, demo.port, name="dashboards-prometheus") as prometheus:
        def in_vain():
            return [key for key, query in queries.items() if not prometheus.query(query)]
        wait_until(lambda: not in_vain(), lambda: f"these queries to find something: {in_vain()}", deadline=30)


def test_the_rules_pass_their_unit_tests(lab):
    promtool = packages.program("promtool", "prometheus", lab)
    directory = ROOT / "deploy/prometheus"
    for arguments in (["check", "rules", "rules.yml"], ["test", "rules", "rules.test.yml", "rules.days.test.yml"],
                      ["check", "config", "prometheus.yml"], ["check", "config", "prometheus-sharded.yml"],
                      ["check", "config", "--agent", "prometheus-agent.yml"]):
        checked = subprocess.run([promtool, *arguments], cwd=directory, text=True, capture_output=True)
        assert checked.returncode == 0, checked.stdout + checked.stderr


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
