"""`smtpwatch demo`: no network, no configuration, and every built-in server shows what it is there to show."""

import pytest

from servers.waiting import wait_until
from smtpwatch import Monitor


@pytest.fixture(scope="module")
def demo(lab):
    directory = lab / "demo"
    directory.mkdir()
    with Monitor(directory, command="demo") as running:
        yield running


def test_every_built_in_target_shows_the_reason_it_is_meant_to(demo):
    # Each target of the demo carries its reason in the label `shows`.
    targets = demo.api("targets")["targets"]
    assert len(targets) >= 6
    meant = {target["name"]: demo.api(f"targets/{target['name']}")["labels"]["shows"] for target in targets}
    assert "ok" in meant.values() and len(set(meant.values())) >= 5

    def shown():
        lasts = {name: demo.api(f"targets/{name}")["last"] for name in meant}
        return {name: last and last["reason"] for name, last in lasts.items()}

    wait_until(lambda: shown() == meant, f"the demo to show {meant}", deadline=120)


def test_the_demo_ends_when_asked(demo):
    assert demo.end() == 0, demo.output
