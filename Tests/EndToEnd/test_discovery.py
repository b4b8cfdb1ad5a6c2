"""Discovery: lists of targets that change while the monitor runs, in every way that files do."""

import base64
import http.server
import itertools
import json
import os
import signal
import threading

import pytest

from servers.scribe import Scribe
from servers.waiting import free_port, wait_until

GOOD = "smtpwatch_target_list_last_read_successful"


@pytest.fixture
def lists(tmp_path):
    """The directory of the lists."""
    directory = tmp_path / "targets.d"
    directory.mkdir()
    return directory


@pytest.fixture
def watching(submission, silent_door, lists, start):
    """A monitor with one target of its own and all lists. The target's port does not answer: mail is not the matter."""
    configuration = submission(silent_door.port, timeout="1s")
    del configuration["modules"]["submission"]["auth"]
    return start(configuration={**configuration, "target_files": [str(lists / "*.yml"), str(lists / "*.json")]})


def group(*names, port=1, **labels):
    """One list in the shape of service discovery, as JSON, which is YAML."""
    return json.dumps([{"targets": [f"127.0.0.1:{port}"],
                        "labels": {"target": name, "__param_module": "submission", **labels}} for name in names])


def replace(path, text):
    """Puts a file in the place of another at once."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def targets(monitor):
    """The names of all targets."""
    return {target["name"] for target in monitor.api("targets")["targets"]}


def becomes(monitor, *names):
    """Waits until these are the targets beside the configuration's own."""
    wait_until(lambda: targets(monitor) == {"plunk", *names},
               lambda: f"the targets {names}, not {sorted(targets(monitor))[:20]}")


def test_lists_that_appear_change_and_vanish_are_followed_without_a_reload(watching, lists):
    (lists / "a.yml").write_text(group("a1", "a2", team="mail"))
    becomes(watching, "a1", "a2")
    info = [dict(labels) for name, labels in watching.metrics() if name == "smtp_target_info"]
    assert {"a1", "a2"} == {labels["target"] for labels in info if labels.get("team") == "mail"}

    replace(lists / "a.yml", group("a2", "a3"))
    (lists / "b.json").write_text(group("b1"))
    becomes(watching, "a2", "a3", "b1")
    assert not [labels for _, labels in watching.metrics() if ("target", "a1") in labels]

    (lists / "a.yml").unlink()
    becomes(watching, "b1")
    # A file that no pattern fits is nobody's business.
    (lists / "c.txt").write_text(group("c1"))
    (lists / "b.json").write_text(group("b2"))
    becomes(watching, "b2")


def test_the_swap_of_a_mounted_config_map_is_seen(watching, lists, tmp_path):
    def mount(version, *names):
        data = lists / f"..{version}"
        data.mkdir()
        (data / "map.yml").write_text(group(*names))
        (lists / "..data_tmp").symlink_to(data.name)
        (lists / "..data_tmp").rename(lists / "..data")

    mount("2026_1", "first")
    (lists / "map.yml").symlink_to("..data/map.yml")
    becomes(watching, "first")
    mount("2026_2", "second")
    becomes(watching, "second")


def test_a_bad_list_keeps_what_it_held_and_says_so_in_log_and_metric(watching, lists):
    (lists / "a.yml").write_text(group("a1"))
    (lists / "b.yml").write_text(group("b1"))
    becomes(watching, "a1", "b1")
    replace(lists / "a.yml", '- targets: ["127.0.0.1:port"]\n')
    replace(lists / "b.yml", group("b2"))
    becomes(watching, "a1", "b2")
    assert watching.metric(GOOD, list=str(lists / "a.yml")) == 0
    assert watching.metric(GOOD, list=str(lists / "b.yml")) == 1
    assert watching.metric("smtpwatch_target_list_targets", list=str(lists / "a.yml")) == 1
    # The configuration itself is well.
    assert watching.metric("smtpwatch_config_last_reload_successful") == 1
    wait_until(lambda: "a.yml:1:13" in watching.output, "the fault and its place in the log")

    page = watching.get("/")[2]
    assert f"<code>{lists / 'a.yml'}</code>. What it held before (1 target) stays in use" in page
    assert "a.yml:1:13" in page

    # Once is enough, whatever else changes.
    replace(lists / "b.yml", group("b3"))
    becomes(watching, "a1", "b3")
    assert watching.output.count("A list of targets cannot be used") == 1

    replace(lists / "a.yml", group("a2"))
    becomes(watching, "a2", "b3")
    assert watching.metric(GOOD, list=str(lists / "a.yml")) == 1


def test_a_list_that_is_a_pipe_is_read_while_somebody_writes_and_holds_nobody_up(watching, lists):
    os.mkfifo(lists / "a.yml")
    wait_until(lambda: "a.yml: it is a pipe, and nobody writes into it" in watching.output, "the fault in the log")
    (lists / "b.yml").write_text(group("b1"))
    becomes(watching, "b1")
    (lists / "a.yml").unlink()
    (lists / "c.yml").write_text(group("c1"))
    becomes(watching, "b1", "c1")


def test_a_list_that_changes_ends_no_pause_of_logins_on_request(submission, silent_door, lists, start):
    """Those of another shard's target: no schedule here knows of its account."""
    def sharded(shard, port):
        settings = {**submission(port), "target_files": [str(lists / "*.yml")]}
        module = settings["modules"]["submission"]
        module["tls"], module["auth"]["allow_plaintext"] = {"mode": "none"}, True
        settings["modules"]["without-login"] = {"tls": {"mode": "none"}, "timeout": "1s"}
        return start("--shard", shard, "--total-shards", "2", configuration=settings)
    shard = 1 if targets(sharded(0, silent_door.port)) else 0
    with Scribe(repeats=True) as scribe:
        monitor = sharded(shard, scribe.port)

        def logins():
            assert monitor.get(f"/probe?target=127.0.0.1:{scribe.port}&module=submission")[0] == 200
            return sum(line.startswith(b"AUTH") for line in scribe.lines)
        assert [logins() for _ in range(3)] == [1, 2, 2]
        # Some of these are this shard's.
        names = [f"a{number}" for number in range(20)]
        (lists / "a.yml").write_text(group(*names, port=silent_door.port, __param_module="without-login"))
        wait_until(lambda: targets(monitor), "the list to be read")
        assert logins() == 2


def test_a_configuration_file_that_nobody_asked_to_read_stays_unread(watching, lists):
    watching.configure("nonsense: true")
    (lists / "a.yml").write_text(group("a1"))
    becomes(watching, "a1")
    assert watching.metric("smtpwatch_config_last_reload_successful") == 1


def test_a_secret_that_is_away_for_a_moment_leaves_no_mark(submission, secret_file, silent_door, lists, start):
    configuration = {**submission(silent_door.port, timeout="1s"), "target_files": [str(lists / "*.yml")]}
    monitor = start(configuration=configuration)
    secret = secret_file.read_text()
    secret_file.unlink()
    (lists / "a.yml").write_text(group("a1"))
    wait_until(lambda: monitor.metric("smtpwatch_config_last_reload_successful") == 0, "the refusal")
    assert targets(monitor) == {"plunk"}
    secret_file.touch(mode=0o600)
    secret_file.write_text(secret)
    (lists / "a.yml").write_text(group("a1", "a2"))
    becomes(monitor, "a1", "a2")
    assert monitor.metric("smtpwatch_config_last_reload_successful") == 1


def test_with_auto_reload_lists_go_on_beside_a_configuration_that_is_refused(submission, silent_door, lists, start):
    configuration = {**submission(silent_door.port, timeout="1s"), "target_files": [str(lists / "*.yml")]}
    monitor = start("--config.enable-auto-reload", configuration=configuration)
    monitor.configure("nonsense: true")
    wait_until(lambda: monitor.metric("smtpwatch_config_last_reload_successful") == 0, "the refusal")
    (lists / "a.yml").write_text(group("a1"))
    becomes(monitor, "a1")
    assert monitor.metric("smtpwatch_config_last_reload_successful") == 0
    monitor.configure({**configuration, "history": {"results": 5}})
    wait_until(lambda: monitor.metric("smtpwatch_config_last_reload_successful") == 1, "the mended one")
    assert targets(monitor) == {"plunk", "a1"}


def test_a_thousand_targets_come_and_go_and_the_others_keep_their_past(watching, lists):
    many = [f"many-{number}" for number in range(1000)]
    (lists / "kept.yml").write_text(group("kept", __scrape_interval__="1s"))
    becomes(watching, "kept")
    watching_two = ("plunk", "kept")
    for name in watching_two:
        wait_until(lambda: watching.metric("smtp_probe_runs_total", target=name) >= 2, f"two probes of {name}")

    def past():
        """The oldest results of the two, which nobody may lose, and how often they were probed."""
        return {name: (watching.api(f"targets/{name}/results?limit=500")["results"][-1]["started_at"],
                       watching.metric("smtp_probe_runs_total", target=name)) for name in watching_two}

    before = past()
    (lists / "many.json").write_text(group(*many))
    becomes(watching, "kept", *many)
    assert len({labels for name, labels in watching.metrics() if name == "smtp_probe_runs_total"}) == 1002
    between = past()
    (lists / "many.json").unlink()
    becomes(watching, "kept")
    # Gone from the list of targets, gone from the metrics: at once, and all of them.
    left = {dict(labels)["target"] for _, labels in watching.metrics() if "target" in dict(labels)}
    assert left == set(watching_two)
    after = past()
    for name in watching_two:
        assert before[name][0] == between[name][0] == after[name][0]
        assert before[name][1] <= between[name][1] <= after[name][1]
    # And they are probed on.
    wait_until(lambda: all(watching.metric("smtp_probe_runs_total", target=name) > after[name][1]
                           for name in watching_two), "further probes")


class Discovery:
    """A service discovery over HTTP that asks for a login; `answer` is a text, or what makes one for each request."""

    LOGIN = "Basic " + base64.b64encode(b"sd:open sesame").decode()

    def __init__(self):
        self.answer, self.status, self.asked = "[]", 200, []
        discovery = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                discovery.asked.append(dict(self.headers))
                right = self.headers["Authorization"] == discovery.LOGIN
                self.send_response(discovery.status if right else 401)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                answer = discovery.answer() if callable(discovery.answer) else discovery.answer
                self.wfile.write((answer if right else "").encode())

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def discovery():
    """The service, ended after the test."""
    service = Discovery()
    yield service
    service.stop()


def test_a_list_behind_a_url_is_fetched_again_and_again(submission, silent_door, start, discovery, tmp_path):
    secret = tmp_path / "sd-password"
    secret.touch(mode=0o600)
    secret.write_text("open sesame\n")
    discovery.answer = group("u1", "u2", team="mail")
    source = {"url": f"http://127.0.0.1:{discovery.port}/sd?site=1", "name": "inventory", "interval": "1s",
              "auth": {"username": "sd", "password_file": str(secret)}}
    configuration = {**submission(silent_door.port, timeout="1s"), "target_urls": [source]}
    monitor = start(configuration=configuration)
    becomes(monitor, "u1", "u2")
    assert monitor.metric(GOOD, list="inventory") == 1
    assert monitor.metric("smtpwatch_target_list_targets", list="inventory") == 2
    assert discovery.asked[0]["X-Prometheus-Refresh-Interval-Seconds"] == "1"
    discovery.answer = group("u2", "u3")
    becomes(monitor, "u2", "u3")

    # It fails, answers nonsense, and answers nothing: the targets stay, and the metric tells.
    for status, answer, words in ((503, "[]", "status 503"), (200, "<html>", "no list in JSON"),
                                  (200, '[{"targets": ["x"], "labels": {"module": "none"}}]', "no module"),
                                  (200, "", "no list in JSON")):
        discovery.status, discovery.answer = status, answer
        wait_until(lambda: words in monitor.output and monitor.metric(GOOD, list="inventory") == 0, words)
        assert targets(monitor) == {"plunk", "u2", "u3"}
        discovery.status, discovery.answer = 200, group("u2", "u3")
        wait_until(lambda: monitor.metric(GOOD, list="inventory") == 1, "the good answer")
    assert "open sesame" not in monitor.output

    # A reload keeps what was fetched, and fetches elsewhere if it says so.
    asked = len(discovery.asked)
    monitor.configure({**configuration, "target_urls": [{**source, "interval": "1h"}]})
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: "Configuration reloaded" in monitor.output, "the reload")
    assert targets(monitor) == {"plunk", "u2", "u3"}
    wait_until(lambda: len(discovery.asked) > asked, "another fetch at once")
    monitor.configure(submission(silent_door.port, timeout="1s"))
    monitor.signal(signal.SIGHUP)
    becomes(monitor)
    assert monitor.metric(GOOD, list="inventory") is None


def test_a_monitor_that_ends_while_it_reads_lists_ends_well(submission, silent_door, start, discovery, tmp_path):
    secret = tmp_path / "sd-password"
    secret.touch(mode=0o600)
    secret.write_text("open sesame\n")
    numbers = itertools.count()
    discovery.answer = lambda: group(f"u{next(numbers)}")
    # So many, and others each time, that one is being read whenever the end comes.
    sources = [{"url": f"http://127.0.0.1:{discovery.port}/sd", "name": f"list-{number}", "interval": "1s",
                "auth": {"username": "sd", "password_file": str(secret)}} for number in range(50)]
    monitor = start(configuration={**submission(silent_door.port, timeout="1s"), "target_urls": sources})
    for _ in range(25):
        known = monitor.output.count("Lists of targets reloaded")
        wait_until(lambda: monitor.output.count("Lists of targets reloaded") > known, "another list")
        assert monitor.end() == 0, monitor.output[-3000:]
        monitor.start()


def test_a_url_that_is_not_there_at_the_start_keeps_nobody_from_probing(submission, silent_door, start):
    configuration = {**submission(silent_door.port, timeout="1s"), "target_urls": [
        {"url": f"http://127.0.0.1:{free_port()}/sd", "interval": "1s"}]}
    monitor = start(configuration=configuration)
    [(_, labels)] = wait_until(lambda: [key for key in monitor.metrics() if key[0] == GOOD], "the first attempt")
    assert monitor.metric(GOOD, **dict(labels)) == 0
    assert targets(monitor) == {"plunk"}


def test_one_smtpwatch_takes_its_targets_from_another(submission, silent_door, start):
    first = start(configuration=submission(silent_door.port, timeout="1s"))
    second = start(configuration={
        "modules": submission(silent_door.port, timeout="1s")["modules"],
        "target_urls": [{"url": f"http://127.0.0.1:{first.port}/api/v1/sd", "interval": "1s"}]})
    wait_until(lambda: targets(second) == {"plunk"}, "the other's target")
    info = [dict(labels) for name, labels in second.metrics() if name == "smtp_target_info"]
    assert (info[0]["port"], info[0]["module"], info[0]["tls_mode"]) == (
        str(silent_door.port), "submission", "starttls")
