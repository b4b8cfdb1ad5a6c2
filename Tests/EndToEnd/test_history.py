"""The stored history: what was shown before the end of the process, however it came, is shown after it."""

import http.client
import os
import random
import signal
import subprocess
import threading

import pytest

from servers.waiting import wait_until
from smtpwatch import BINARY, CONFIGURATION, Monitor, smtpwatch

# Quick probes of one server, many times over.
MODULE = {"timeout": "20s", "diagnosis": "passive", "tls": {"mode": "none"}, "retries": 0}


def settings(port, targets, interval="200ms", **more):
    """A configuration of so many targets."""
    names = [f"t{index}" for index in range(targets)] if isinstance(targets, int) else targets
    return {"modules": {"quick": MODULE}, **more, "targets": [
        {"name": name, "host": "127.0.0.1", "port": port, "module": "quick", "interval": interval} for name in names]}


class Memory:
    """What a monitor was seen to show."""

    def __init__(self):
        self.results, self.events, self.targets, self.runs = {}, {}, {}, {}

    def look(self, monitor, name):
        """Takes in what is shown of a target."""
        # What was shown first is compared with what is shown later: the order matters.
        runs = monitor.metrics()
        results = monitor.api(f"targets/{name}/results?limit=1000")["results"]
        events = monitor.api(f"targets/{name}/events?limit=1000")["events"]
        target = monitor.api(f"targets/{name}")
        self.results[name], self.events[name], self.targets[name] = results, events, target
        for (metric, labels), value in runs.items():
            if metric == "smtp_probe_runs_total":
                self.runs[dict(labels)["target"]] = value

    def compare(self, monitor):
        """Fails where anything is missing that was seen."""
        metrics = monitor.metrics()
        for name, count in self.runs.items():
            assert metrics[("smtp_probe_runs_total", frozenset({("target", name)}))] >= count, name
        for name, results in self.results.items():
            shown = monitor.api(f"targets/{name}/results?limit=1000")["results"]
            oldest = shown[-1]["started_at"] if shown else ""
            missing = [result for result in results if result["started_at"] >= oldest and result not in shown]
            assert not missing, f"{name}: {missing}"
            events = monitor.api(f"targets/{name}/events?limit=1000")["events"]
            for is_state in (True, False):
                kept = [event for event in events if (event["kind"] == "state") == is_state]
                seen = [event for event in self.events[name] if (event["kind"] == "state") == is_state]
                missing = [event for event in seen if event not in kept and (not kept or event["at"] >= kept[-1]["at"])]
                assert not missing, f"{name}: {missing}"
            before, after = self.targets[name], monitor.api(f"targets/{name}")
            for part in ("last", "last_failure"):
                if before[part]:
                    assert after[part] and after[part]["started_at"] >= before[part]["started_at"], f"{name}: {part}"
                    if after[part]["started_at"] == before[part]["started_at"]:
                        assert after[part] == before[part], f"{name}: {part}"
            if before["since"]:
                assert after["since"] >= before["since"], name


def kill(monitor):
    """Ends the process as the kernel does that is short of memory."""
    os.killpg(monitor.process.pid, signal.SIGKILL)
    monitor.process.wait()
    monitor.process = None


def test_nothing_shown_is_missing_after_a_kill_at_any_moment(request, start, moody, tmp_path):
    dice = random.Random(20)
    names = [f"t{index}" for index in range(30)]
    monitor = start("--storage.path", tmp_path / "history", configuration=settings(moody.port, names))
    memory = Memory()
    for _ in range(request.config.getoption("--kills")):
        looks = dice.randrange(1, 12)
        enough = threading.Event()
        broken = []

        def watch():
            # Until the monitor is gone, in the middle of an answer maybe.
            count = 0
            try:
                while True:
                    memory.look(monitor, dice.choice(names))
                    count += 1
                    if count == looks:
                        enough.set()
            except (OSError, http.client.HTTPException) as error:
                broken.append(error)
            finally:
                enough.set()

        watcher = threading.Thread(target=watch)
        watcher.start()
        enough.wait()
        assert not broken, broken
        # The watcher goes on, and so do the probes: this is somewhere in the middle of both.
        kill(monitor)
        watcher.join()
        monitor.start()
        memory.compare(monitor)
        assert monitor.metric("smtpwatch_history_dropped_total") == 0
        assert monitor.metric("smtpwatch_history_degraded") == 0
    assert any(events for events in memory.events.values())


def test_counters_states_and_transcripts_go_on_after_a_restart(start, scribe, tmp_path):
    monitor = start("--storage.path", tmp_path / "history", configuration=settings(scribe.port, ["plunk"], "100ms"))
    wait_until(lambda: (monitor.metric("smtp_probe_runs_total", target="plunk") or 0) >= 5, "some results")
    memory = Memory()
    memory.look(monitor, "plunk")
    assert monitor.end() == 0
    monitor.configure(settings(scribe.port, ["another", "plunk"], "60s"))
    monitor.start()
    memory.compare(monitor)
    # Before its first probe of this process the page shows what the last one saw.
    assert monitor.api("targets/plunk")["last"]["transcript"]
    assert "scribe.example ESMTP" in monitor.get("/targets/plunk")[2]


def test_a_target_that_was_away_finds_its_past(start, moody, tmp_path):
    monitor = start("--storage.path", tmp_path / "history", configuration=settings(moody.port, ["a", "b"], "100ms"))
    wait_until(lambda: (monitor.metric("smtp_probe_runs_total", target="b") or 0) >= 5, "some results")
    memory = Memory()
    memory.look(monitor, "b")
    memory.runs = {"b": memory.runs["b"]}
    for names in (["a"], ["c", "b", "a"]):
        monitor.configure(settings(moody.port, names, "100ms"))
        monitor.signal(signal.SIGHUP)
        wait_until(lambda: {target["name"] for target in monitor.api("targets")["targets"]} == set(names), str(names))
    memory.compare(monitor)


# What is wrong, what is done to the directory, words of the line that tells.
BROKEN = [
    ("a file of something else", lambda path: (path / "records").write_text("Dear diary, " * 20),
     ["records", "was not written by smtpwatch", "another directory"]),
    ("a newer version", lambda path: newer(path / "notes"), ["notes", "newer smtpwatch", "format 2"]),
    ("a directory that all may write to", lambda path: path.chmod(0o777), ["chmod o-w"]),
    ("a file for a directory", lambda path: (path.rename(path.with_name("away")), path.touch()), ["not a directory"]),
]


def newer(path):
    """Makes a file one of a later version."""
    content = bytearray(path.read_bytes())
    content[8] = 2
    path.write_bytes(content)


def run(directory, configuration, *wrapper):
    """A monitor that is expected to end at once."""
    file = directory / "c.yml"
    Monitor.configure(type("", (), {"configuration": file}), configuration)
    done = subprocess.run(
        [*wrapper, BINARY, "run", "--config.file", file, "--storage.path", directory / "history",
         "--web.listen-address", "127.0.0.1:0"], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


@pytest.mark.parametrize("damage, words", [case[1:] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_a_wrong_path_is_told_at_the_start(start, moody, tmp_path, damage, words):
    configuration = settings(moody.port, ["plunk"])
    monitor = start("--storage.path", tmp_path / "history", configuration=configuration)
    monitor.end()
    damage(tmp_path / "history")
    code, text = run(tmp_path, configuration)
    assert code == CONFIGURATION, text
    [line] = [line for line in text.splitlines() if line.startswith("smtpwatch: --storage.path: ")]
    assert all(word in line for word in words), line


def test_a_second_monitor_is_told_of_the_first(start, moody, tmp_path):
    configuration = settings(moody.port, ["plunk"])
    monitor = start("--storage.path", tmp_path / "history", configuration=configuration)
    code, text = run(tmp_path, configuration)
    assert code == CONFIGURATION, text
    assert f"in use by another smtpwatch (process {monitor.process.pid})" in text
    assert monitor.is_ready()


def test_a_directory_without_permission_is_told(moody, tmp_path):
    (tmp_path / "history").mkdir(mode=0o500)
    # Root, but without root's right to write everywhere.
    code, text = run(tmp_path, settings(moody.port, ["plunk"]), "setpriv", "--bounding-set=-dac_override")
    assert code == CONFIGURATION, text
    assert "history/lock cannot be used (Permission denied)" in text


def test_no_space_at_all_is_told(moody, tmp_path):
    code, text = run(tmp_path, settings(moody.port, ["plunk"]), "prlimit", "--fsize=100")
    assert code == CONFIGURATION, text
    assert "no space is left" in text


def test_a_full_disk_stops_no_probe(start, moody, tmp_path):
    monitor = start("--storage.path", tmp_path / "history", configuration=settings(moody.port, 3, "100ms"))
    monitor.end()
    # No file may grow any more, which is what a full disk comes to.
    size = max((tmp_path / "history" / name).stat().st_size for name in ("records", "notes"))
    monitor.command = ["prlimit", f"--fsize={size}", *monitor.command]
    monitor.configure(settings(moody.port, 20, "100ms"))
    monitor.start()
    memory = Memory()
    wait_until(lambda: (monitor.metric("smtp_probe_runs_total", target="t19") or 0) >= 5, "probes without storage")
    assert monitor.metric("smtpwatch_history_degraded") == 1
    wait_until(lambda: "The history is not stored whole" in monitor.output, "the log to tell")
    assert "No space is left" in monitor.output
    # Those that were there before are stored on.
    memory.look(monitor, "t0")
    memory.runs = {"t0": memory.runs["t0"]}
    kill(monitor)
    monitor.start()
    memory.compare(monitor)


def test_a_file_that_is_cut_under_the_monitor_stops_nothing(start, moody, tmp_path):
    monitor = start("--storage.path", tmp_path / "history", configuration=settings(moody.port, 5, "100ms"))
    wait_until(lambda: (monitor.metric("smtp_probe_runs_total", target="t0") or 0) >= 3, "some results")
    for name in ("records", "notes"):
        os.truncate(tmp_path / "history" / name, 0)
    before = monitor.metric("smtp_probe_runs_total", target="t0")
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="t0") >= before + 5, "probes to go on")
    assert monitor.api("targets/t0/results")["results"]
    assert monitor.metric("smtpwatch_history_degraded") == 1
    assert monitor.end() == 0
    # The next one begins anew, and says so.
    monitor.start()
    assert "set aside" in monitor.output
    assert monitor.metric("smtpwatch_history_degraded") == 0


def test_an_empty_path_is_told():
    assert smtpwatch("run", "--storage.path", "").lines_with("--storage.path must name a directory")
