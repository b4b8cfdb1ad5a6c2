"""The README says nothing that was not tried: its commands run, its configurations are read by whom they are for."""

import os
import re
import signal
import subprocess
import urllib.request
from pathlib import Path

import pytest
import yaml

from conftest import PASSWORD, USER
from servers import packages
from servers.waiting import free_port, wait_until
from smtpwatch import BINARY, ENVIRONMENT

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
# What builds or tests everything is run by `.ci/run` as it stands here.
WHOLE = ["./deploy/demo", "./Tests/run", "swift build -c release --product smtpwatch"]


def blocks(kind):
    return [text for found, text in BLOCKS if found == kind]


@pytest.fixture
def desk(tmp_path, postfix, authority):
    """A directory like a reader's, in which the README's server is the lab's and its names lead there."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/monitor").touch(mode=0o600)
    (tmp_path / "secrets/monitor").write_text(PASSWORD + "\n")
    (tmp_path / "smtpwatch.yml").write_text(blocks("yaml")[0])
    (tmp_path / "deploy").symlink_to(REPOSITORY / "deploy")
    (tmp_path / "history").mkdir(mode=0o700)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/smtpwatch").symlink_to(BINARY)
    return tmp_path


def environment(desk):
    return {**ENVIRONMENT, "PATH": f"{desk}/bin:{os.environ['PATH']}"}


def test_whole_commands_are_run_by_the_checks_of_a_change():
    checks = (REPOSITORY / ".ci/run").read_text()
    for command in WHOLE:
        assert command in README and command in checks, command


def test_every_command_is_one_that_a_test_knows():
    known = [*WHOLE, 'export PATH="$PWD/.build/release:$PATH"', "export SMTP_SERVER", "smtpwatch probe", "smtpwatch check-config", "smtpwatch run"]
    for line in "".join(blocks("sh")).splitlines():
        assert line.startswith(tuple(known)), line


def test_the_configuration_passes_its_check(desk):
    run = subprocess.run(
        ["smtpwatch", "check-config", "smtpwatch.yml"], cwd=desk, env=environment(desk), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_prometheus_takes_its_configuration(desk, lab):
    (desk / "prometheus.yml").write_text(blocks("yaml")[1])
    promtool = packages.program("promtool", "prometheus", lab)
    run = subprocess.run([promtool, "check", "config", "prometheus.yml"], cwd=desk, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_monitor_runs_as_it_says(desk):
    command = next(line for line in "".join(blocks("sh")).splitlines() if line.startswith("smtpwatch run"))
    port = free_port()
    monitor = subprocess.Popen(
        [*command.split(), "--web.listen-address", f"127.0.0.1:{port}"], cwd=desk, env=environment(desk),
        stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready").status == 200, "it serves")
        targets = yaml.safe_load(blocks("yaml")[0])["targets"]
        page = urllib.request.urlopen(f"http://127.0.0.1:{port}/").read().decode()
        for target in targets:
            assert f'/targets/{target["name"]}"' in page
    finally:
        monitor.send_signal(signal.SIGTERM)
        assert monitor.wait(60) == 0


@pytest.mark.parametrize("line", [
    line for line in "".join(blocks("sh")).splitlines() if line.startswith("smtpwatch probe")])
def test_probes_are_asked_for_as_it_says(desk, postfix, authority, line):
    """With the lab's server in the place of the README's."""
    line = line.replace("smtp.example.com:587", f"127.0.0.1:{postfix.submission}").replace("user monitor", f"user {USER}")
    variables = {"SMTP_SERVER": "127.0.0.1", "SMTP_PORT": str(postfix.submission), "SMTP_USER": USER,
                 "SMTP_PASSWORD_FILE": "secrets/monitor", "SMTPWATCH_CA": str(authority.certificate)}
    run = subprocess.run(
        [*line.split(), "--tls.ca-file", authority.certificate], cwd=desk, env={**environment(desk), **variables},
        capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "UP" in run.stdout


def test_the_report_that_it_shows_is_the_one_that_comes(postfix):
    def labels(report):
        return [line[:12] for line in report.splitlines() if line[:1].isupper()]
    run = subprocess.run(
        [BINARY, "probe", f"smtps://127.0.0.1:{postfix.submission}"], env=ENVIRONMENT, capture_output=True, text=True)
    assert labels(run.stdout) == labels(blocks("text")[0]), run.stdout


def test_the_tables_name_every_key_and_no_other():
    source = (REPOSITORY / "Sources/Configuration/Keys.swift").read_text()
    def keys(name):
        body = re.search(rf"static let {name} = \[(.*?)\]", source, re.DOTALL)[1]
        return set(re.findall(r'"(\w+)"', body))
    tables = README.split("## Configuration")[1].split("## Metrics")[0]
    named = set(re.findall(r"^\| (`[^|]*`) \|", tables, re.MULTILINE))
    named = {key for cell in named for key in re.findall(r"`(\w+)`", cell)}
    assert named == keys("module") | keys("top")


def test_the_table_of_metrics_names_every_family():
    sources = "".join(path.read_text() for path in (REPOSITORY / "Sources/Web/Metrics").glob("*.swift"))
    families = set(re.findall(r'MetricFamily\(\s*"(smtp\w+)"', sources))
    table = README.split("<summary>Every family</summary>")[1].split("</details>")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == families


def test_the_table_of_reasons_is_that_of_the_runbooks():
    table = README.split("<summary>Every reason</summary>")[1].split("</details>")[0]
    runbooks = (REPOSITORY / "deploy/runbooks/README.md").read_text()
    assert re.findall(r"^\| \[`(\w+)`\]\(\S+\) \| (.*) \|$", table, re.MULTILINE) == re.findall(
        r"^- \[(\w+)\]\(reasons/\w+\.md\): (.*)$", runbooks, re.MULTILINE)


def test_everything_it_points_to_is_there():
    for path in re.findall(r"\]\(([^)]+)\)|`((?:deploy|dashboards|Tests|Sources)/[\w./-]*)`", README):
        name = next(filter(None, path))
        assert name.startswith("http") or (REPOSITORY / name).exists(), name
