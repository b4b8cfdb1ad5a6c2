"""Time that is not what it seems: a process that was stopped, a clock that jumps, zones and languages."""

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from quick import configuration, goes_on, runs
from servers.scribe import Scribe
from servers.waiting import wait_until
from smtpwatch import smtpwatch


def stopped(monitor):
    """Waits until the kernel has stopped the process."""
    def state():
        with open(f"/proc/{monitor.process.pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0]
    wait_until(lambda: state() == "T", "the process to stop")


def test_a_stopped_process_resumes_without_a_burst(start, scribe):
    count, missed = 20, 8
    with Scribe() as other:
        monitor = start(configuration=configuration(*[scribe.port] * count, interval="500ms"))
        # One that is not stopped tells how much time goes by.
        reference = start(configuration=configuration(*[other.port] * count, interval="500ms"))
        goes_on(monitor)
        goes_on(reference)
        skipped = monitor.metric("smtpwatch_probes_skipped_total", cause="overrun")
        monitor.signal(signal.SIGSTOP)
        stopped(monitor)
        goes_on(reference, missed)
        rest, theirs = len(scribe.arrivals), len(other.arrivals)
        monitor.signal(signal.SIGCONT)
        goes_on(monitor, 3)
        # What one that was never stopped made meanwhile, and the probes that were under way; not what was missed.
        assert len(scribe.arrivals) - rest <= (len(other.arrivals) - theirs) + 2 * count
        skipped = monitor.metric("smtpwatch_probes_skipped_total", cause="overrun") - skipped
        assert skipped >= count * (missed - 4)
        assert monitor.state_of("watched-0") == ("up", "ok")
        assert monitor.get("/-/healthy")[0] == 200


@pytest.fixture
def clock(wall_clock, tmp_path):
    """A wall clock that tests set: environment of the program, and what moves its clock by so many seconds."""
    offset = tmp_path / "offset"

    def step(seconds):
        fresh = tmp_path / "offset.new"
        fresh.write_text(str(seconds))
        fresh.replace(offset)
    step(0)
    return {"LD_PRELOAD": str(wall_clock), "WALL_CLOCK_OFFSET": str(offset)}, step


def test_a_clock_that_jumps_moves_the_judgement_of_certificates_and_not_the_schedule(
        start, clock, authority, certificate):
    environment, step = clock
    year = 365 * 86400
    with Scribe(certificate=certificate) as scribe:
        tls = {"mode": "starttls", "ca_file": str(authority.certificate)}
        monitor = start(configuration=configuration(scribe.port, tls=tls), **environment)
        monitor.wait_for("watched-0", "up", "ok")
        for jump, reason in ((5 * 3600, "ok"), (-5 * 3600, None), (20 * year, "cert_expired"),
                             (-20 * year, "cert_not_yet_valid"), (0, "ok")):
            step(jump)
            def behind():
                return time.time() + jump - monitor.metric("smtp_probe_last_run_timestamp_seconds", target="watched-0")
            wait_until(lambda: abs(behind()) < 60, lambda: f"a probe at the clock's time, not {behind()} s before it")
            before, begun = len(scribe.arrivals), time.monotonic()
            goes_on(monitor, 4)
            # A schedule that followed the clock would wait for hours, or make up for them at once.
            assert len(scribe.arrivals) - before <= 4 + (time.monotonic() - begun) / 0.2 + 2
            if reason:
                wait_until(lambda: monitor.state_of("watched-0")[1] == reason,
                           lambda: f"{reason}, not {monitor.state_of('watched-0')}")
            assert monitor.get("/-/healthy")[0] == 200 and monitor.get("/")[0] == 200
            assert monitor.get("/targets/watched-0")[0] == 200
        events = monitor.api("targets/watched-0/events")["events"]
        assert all((event["duration_seconds"] or 0) >= 0 for event in events), events
        page, seen = monitor.api("targets/watched-0/results?limit=10"), 0
        while True:
            seen += len(page["results"])
            if not page["next_before"]:
                break
            page = monitor.api(f"targets/watched-0/results?limit=10&before={page['next_before']}")
        assert seen >= runs(monitor) - 10, "results got lost between the pages"


def test_a_clock_that_jumps_makes_no_message_late_or_lost(start, clock, postfix, tmp_path):
    environment, step = clock
    arrivals, watched = postfix.new_maildir(), tmp_path / "watched"
    for folder in ("new", "cur", "tmp"):
        (watched / folder).mkdir(parents=True)
    send = {"from": "probe@example.test", "to": f"{arrivals.name}@example.test", "every": "1s", "max_per_day": 1}
    delivery = {"maildir": str(watched), "poll_interval": "1s", "late_after": "1h", "lost_after": "2h"}
    monitor = start(configuration=configuration(postfix.relay, send=send, delivery=delivery), **environment)

    def metric(name):
        return monitor.metric(f"smtp_probe_delivery_{name}", target="watched-0")
    wait_until(lambda: metric("in_flight") == 1, "a message under way")
    for jump in (5 * 3600, -5 * 3600):
        step(jump)
        wait_until(lambda: abs(time.time() + jump - metric("mailbox_last_look_timestamp_seconds")) < 600,
                   "a look into the mailbox by the new time")
        assert (metric("late_total"), metric("lost_total"), metric("in_flight")) == (0, 0, 1)
        assert monitor.state_of("watched-0") == ("up", "ok")
    message = wait_until(lambda: list(arrivals.glob("new/*")), "the message")[0]
    shutil.copy(message, watched / "new")
    wait_until(lambda: metric("in_flight") == 0, "its arrival to be seen")
    assert metric("lost_total") == 0
    assert 0 < metric("last_latency_seconds") < 600


@pytest.mark.parametrize("environment", [
    {"TZ": "Pacific/Apia"}, {"TZ": ":/etc/passwd"}, {"TZ": "XYZ-99:99"}, {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
    {"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8"}, {"LANG": "\x01/../x", "LANGUAGE": "%s%n"}])
def test_neither_language_nor_time_zone_changes_a_word(scribe, environment):
    def result(**environment):
        ended = smtpwatch("probe", f"127.0.0.1:{scribe.port}", "--tls", "none", "--json", **environment)
        assert ended.code == 0, ended
        return ended.json
    plain, odd = result(), result(**environment)
    began = [re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d):(\d\d):\d\d\.\d{3}Z", one["started_at"]) for one in (plain, odd)]
    assert all(began) and len({match.group(1) for match in began}) <= 2
    for one in (plain, odd):
        assert isinstance(one["duration_seconds"], float)
    keys = ("target", "outcome", "stage", "reason", "message", "remedy", "smtp")
    assert {key: plain[key] for key in keys} == {key: odd[key] for key in keys}
