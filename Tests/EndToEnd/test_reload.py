"""Reloading: by signal and by request; a bad file changes nothing but says so."""

import signal

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


def test_reload_by_request_is_off_by_default(postfix, submission, start):
    monitor = start(configuration=submission(postfix.submission))
    monitor.configure(with_another_target(submission(postfix.submission)))
    status, _, text = monitor.get("/-/reload", method="POST")
    assert status == 403 and "--web.enable-lifecycle" in text
    assert monitor.metric("smtpwatch_targets") == 1


def test_a_changed_file_is_noticed_where_that_is_enabled(postfix, submission, start):
    monitor = start("--config.enable-auto-reload", configuration=submission(postfix.submission))
    monitor.configure(with_another_target(submission(postfix.submission)))
    wait_until(lambda: monitor.metric("smtpwatch_targets") == 2, "the second target", deadline=40)
