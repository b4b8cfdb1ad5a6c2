"""The commands around the monitor: health check, check of a configuration, versions, the environment, ending."""

import signal

import pytest

from conftest import PASSWORD, USER
from servers.waiting import free_port
from smtpwatch import CONFIGURATION, UP, USAGE, Monitor, smtpwatch


def test_the_version_names_program_and_libraries():
    run = smtpwatch("--version")
    assert run.code == 0 and run.out.startswith("smtpwatch, version "), run
    for library in ("Swift", "OpenSSL", "libmicrohttpd", "c-ares"):
        assert library.lower() in run.out.lower()


def test_the_health_check_tells_a_living_monitor_from_none(postfix, submission, start):
    monitor = start(configuration=submission(postfix.submission))
    assert smtpwatch("healthcheck", f"http://127.0.0.1:{monitor.port}").code == 0
    assert smtpwatch("healthcheck", f"http://127.0.0.1:{free_port()}").code == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_monitor_ends_well_when_asked(postfix, submission, start, number):
    monitor = start(configuration=submission(postfix.submission))
    monitor.signal(number)
    assert monitor.process.wait(timeout=60) == 0, monitor.output


def test_a_good_configuration_passes_the_check(submission, tmp_path, silent_door):
    monitor = Monitor(tmp_path, configuration=submission(silent_door.port))
    assert smtpwatch("check-config", monitor.configuration).code == 0
    assert smtpwatch("run", "--config.check", "--config.file", monitor.configuration).code == 0
    assert not silent_door.knocked()


def test_a_warning_is_printed_and_does_not_fail_the_check(tmp_path):
    path = tmp_path / "typo.yml"
    path.write_text("targets:\n  - name: typo\n    host: smtp.example.test\n    port: 456\n")
    run = smtpwatch("check-config", path)
    assert run.code == 0 and run.lines_with("typo.yml:", "456", "465"), run


def test_a_bad_configuration_fails_check_and_start_alike(tmp_path):
    path = tmp_path / "bad.yml"
    path.write_text("targets:\n  - name: x\n    host: smtp.example.test\n    prot: 587\n")
    for arguments in (("check-config", path), ("run", "--config.check", "--config.file", path),
                      ("run", "--config.file", path)):
        run = smtpwatch(*arguments)
        assert run.code == CONFIGURATION and run.lines_with("bad.yml:4:", "prot", "port"), run


def test_a_probe_takes_server_and_login_from_the_environment(postfix, authority, tmp_path):
    server = {"SMTP_SERVER": "127.0.0.1", "SMTP_PORT": str(postfix.submission), "SMTP_USER": USER}
    trust = ("--tls.ca-file", authority.certificate)
    run = smtpwatch("probe", "--json", *trust, **server, SMTP_PASSWORD=PASSWORD)
    assert run.code == UP and "auth" in run.json["phases"], run
    secret = tmp_path / "secret"
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD + "\n")
    run = smtpwatch("probe", "--json", *trust, **server, SMTP_PASSWORD_FILE=str(secret))
    assert run.code == UP and "auth" in run.json["phases"], run


def test_the_environment_alone_configures_a_monitor_of_one_target(postfix, start):
    monitor = start(SMTP_SERVER="127.0.0.1", SMTP_PORT=str(postfix.submission), SMTP_USER=USER,
                    SMTP_PASSWORD=PASSWORD)
    [target] = monitor.api("targets")["targets"]
    assert target["name"] == "127.0.0.1"
    # The lab's authority is unknown to the system, so the probe gets as far as the certificate.
    assert monitor.get("/metrics")[2].count("smtp_target_info{") == 1


@pytest.mark.parametrize("words, told", [
    (["prob", "mail.example.com"], "There is no command 'prob'. Did you mean 'probe'?"),
    (["frobnicate"], "There is no command 'frobnicate'. There are run, probe, check-config, demo, healthcheck."),
    (["smtps://user:planted-secret@mail.example.com"], "A server is probed by 'smtpwatch probe TARGET'"),
])
def test_a_command_that_there_is_not_is_told(words, told):
    ended = smtpwatch(*words)
    assert ended.code == USAGE and told in ended.err and "planted-secret" not in ended.text


@pytest.mark.parametrize("arguments", [
    ("probe", "smtp://monitor:P1anted@mail.example.test"), ("probe", "smpt://monitor:P1anted@mail.example.test"),
    ("probe", "monitor:P1anted@mail.example.test"), ("healthcheck", "http://monitor:P1anted@127.0.0.1:10525"),
    ("run", "--web.external-url", "https://monitor:P1anted@example.test")])
def test_a_password_within_an_argument_is_refused_and_not_repeated(arguments):
    ended = smtpwatch(*arguments)
    assert ended.code == USAGE and "P1anted" not in ended.text and "@" in ended.text
