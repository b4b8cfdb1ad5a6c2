"""Reloading: by signal and by request; a bad file changes nothing but says so."""

import http.client
import signal

from quick import configuration, runs
from servers.waiting import wait_until

SUCCESSFUL = "smtpwatch_config_last_reload_successful"


def with_another_target(configuration):
    """The same configuration with one more target."""
    return {**configuration, "targets": [
        *configuration["targets"], {**configuration["targets"][0], "name": "newcomer"}]}


def test_a_hangup_brings_a_new_target(postfix, submission, start):
    monitor = start(configuration=submission(postfix.submission))
    monitor.wait_for("plunk", "up", "ok")
    monitor.configure(with_another_target(submission(postfix.submission)))
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 2, "the second target")
    monitor.wait_for("newcomer", "up", "ok")
    assert monitor.metric(SUCCESSFUL) == 1
    assert len(monitor.api("targets/plunk/results")["results"]) >= 1


def test_a_target_that_leaves_takes_its_series_along(postfix, submission, start):
    monitor = start(configuration=with_another_target(submission(postfix.submission)))
    monitor.wait_for("newcomer", "up", "ok")
    monitor.configure(submission(postfix.submission))
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 1, "the target to leave")
    assert not [labels for _, labels in monitor.metrics() if ("target", "newcomer") in labels]


def test_targets_that_leave_amid_their_probes_are_not_judged_on_their_way_out(moody, start):
    many = configuration(*[moody.port] * 300, interval="1s")
    monitor = start("--web.enable-lifecycle", configuration=many)
    for _ in range(5):
        wait_until(lambda: runs(monitor, "watched-299"), "probes of all")
        for change in ({**many, "targets": many["targets"][:1]}, many):
            monitor.configure(change)
            assert monitor.get("/-/reload", method="POST")[0] == 200
            wait_until(lambda: monitor.metric("smtpwatch_targets") == len(change["targets"]), "the targets")
    assert "cannot be judged" not in monitor.output


def test_a_bad_file_keeps_what_runs_and_says_why(postfix, submission, start):
    monitor = start(configuration=submission(postfix.submission))
    monitor.configure("targets:\n  - name: plunk\n    hots: localhost\n")
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: monitor.metric(SUCCESSFUL) == 0, "the refused reload to show")
    monitor.wait_for("plunk", "up", "ok")
    wait_until(lambda: "smtpwatch.yml:3" in monitor.output and "host" in monitor.output, "the reason in the log")
    monitor.configure(submission(postfix.submission))
    monitor.signal(signal.SIGHUP)
    wait_until(lambda: monitor.metric(SUCCESSFUL) == 1, "the mended file to load")


def test_reload_by_request_works_where_it_is_enabled(postfix, submission, start):
    monitor = start("--web.enable-lifecycle", configuration=submission(postfix.submission))
    monitor.configure(with_another_target(submission(postfix.submission)))
    assert monitor.get("/-/reload", method="POST")[0] == 200
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 2, "the second target")
    assert monitor.get("/-/reload")[0] == 405
    monitor.configure("nonsense")
    assert monitor.get("/-/reload", method="POST")[0] == 500


def test_another_size_of_the_history_is_said_to_need_a_start(moody, start):
    known = configuration(moody.port)
    monitor = start("--web.enable-lifecycle", configuration=known)
    said = "What `history` says now counts from the next start on"
    assert monitor.get("/-/reload", method="POST")[0] == 200
    assert said not in monitor.output
    monitor.configure({**known, "history": {"results": 40}})
    assert monitor.get("/-/reload", method="POST")[0] == 200
    wait_until(lambda: said in monitor.output, "the word about the size")
    assert monitor.metric(SUCCESSFUL) == 1


def test_many_requests_at_once_are_answered_by_few_reloads(start):
    def targets(count):
        return {"targets": [{"name": f"t{number}", "host": "192.0.2.1", "port": 25, "interval": "1h"}
                            for number in range(count)]}
    monitor = start("--web.enable-lifecycle", configuration=targets(400))

    def reload():
        """What a crowd is answered that asks while the monitor stands still: so that all come at once."""
        monitor.signal(signal.SIGSTOP)
        crowd = [http.client.HTTPConnection("127.0.0.1", monitor.port, timeout=120) for _ in range(30)]
        for client in crowd:
            client.request("POST", "/-/reload")
        monitor.signal(signal.SIGCONT)
        answers = [client.getresponse() for client in crowd]
        return {answer.status for answer in answers}, [answer.read().decode() for answer in answers]

    monitor.configure(targets(401))
    assert reload()[0] == {200}
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 401, "what was asked for")
    # One, another for all that came meanwhile, and some for those that were slow to be read.
    assert 1 <= monitor.output.count("Configuration reloaded") < 15
    monitor.configure("nonsense")
    statuses, texts = reload()
    assert statuses == {500} and all("smtpwatch.yml:1" in text for text in texts), texts[0]
    assert monitor.metric(SUCCESSFUL) == 0


def test_reload_by_request_is_off_by_default(postfix, submission, start):
    monitor = start(configuration=submission(postfix.submission))
    monitor.configure(with_another_target(submission(postfix.submission)))
    status, _, text = monitor.get("/-/reload", method="POST")
    assert status == 403 and "--web.enable-lifecycle" in text
    assert monitor.metric("smtpwatch_targets") == 1


def test_a_changed_file_is_noticed_where_that_is_enabled(postfix, submission, start):
    monitor = start("--config.enable-auto-reload", configuration=submission(postfix.submission))
    monitor.configure(with_another_target(submission(postfix.submission)))
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 2, "the second target")
