"""Bad input: one line that names the place and the cure, the promised exit status, and not one packet."""

import pytest

from servers.waiting import free_port
from smtpwatch import CONFIGURATION, USAGE, smtpwatch

TARGET = "targets:\n  - name: plunk\n    host: 127.0.0.1\n    port: {port}\n"

# Name, configuration, words of the line that tells (the place first).
FILES = [
    ("an unknown key", TARGET + "    intervall: 5s\n", ["bad.yml:5:", "intervall", "'interval'"]),
    ("an unknown key in a module", "modules:\n  m: {{ timeot: 5s }}\n" + TARGET, ["bad.yml:2:", "timeot", "'timeout'"]),
    ("a bad duration", TARGET + "    interval: soon\n", ["bad.yml:5:", "soon", "30s"]),
    ("a duration without unit", TARGET + "    interval: 30\n", ["bad.yml:5:", "30s"]),
    ("a port out of range", "targets:\n  - name: plunk\n    host: 127.0.0.1\n    port: 65536\n", ["bad.yml:4:", "65536", "65535"]),
    ("a missing secret file", TARGET + "    auth: {{ username: u, password_file: nowhere }}\n", ["bad.yml:5:", "nowhere"]),
    ("a missing CA file", TARGET + "    tls: {{ ca_file: nowhere.pem }}\n", ["bad.yml:5:", "nowhere.pem"]),
    ("a CA file that is none", TARGET + "    tls: {{ ca_file: bad.yml }}\n", ["bad.yml:5:", "ca_file"]),
    ("an unset variable", TARGET + "    ehlo: ${{SURELY_NOT_SET}}\n", ["bad.yml:5:", "SURELY_NOT_SET"]),
    ("an unknown module", TARGET + "    module: nosuch\n", ["bad.yml:5:", "nosuch"]),
    ("an unknown mechanism", TARGET + "    auth: {{ username: u, password: p, mechanism: PLIAN }}\n", ["bad.yml:5:", "PLIAN", "PLAIN"]),
    ("the same name twice", TARGET + "  - name: plunk\n    host: localhost\n", ["bad.yml:5:", "plunk"]),
    ("a URL for a host", "targets:\n  - name: plunk\n    host: smtp://127.0.0.1\n", ["bad.yml:3:", "smtp://"]),
    ("a host with a blank", "targets:\n  - name: plunk\n    host: '127.0.0.1 '\n", ["bad.yml:3:", "blank"]),
    ("no YAML", "targets: [\n", ["bad.yml:"]),
]


@pytest.mark.parametrize("text, words", [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_bad_configuration_is_told_in_one_line_before_any_packet(tmp_path, silent_door, text, words):
    path = tmp_path / "bad.yml"
    path.write_text(text.format(port=silent_door.port))
    run = smtpwatch("run", "--config.file", path, "--web.listen-address", f"127.0.0.1:{free_port()}")
    assert run.code == CONFIGURATION, run
    assert len(run.lines_with(*words)) == 1, run
    assert not silent_door.knocked()


@pytest.mark.parametrize("target, word", [
    ("127.0.0.1:notaport", "notaport"), ("127.0.0.1:65536", "65536"), ("127.0.0.1:", "127.0.0.1:"),
    ("[::1", "[::1"), ("gopher://127.0.0.1", "gopher"), ("two words", "two words"), (f"{'x' * 64}.test", "63")])
def test_an_invalid_target_is_a_usage_error_that_quotes_it(target, word):
    run = smtpwatch("probe", target)
    assert run.code == USAGE and run.lines_with(word), run


@pytest.mark.parametrize("arguments, word", [
    (["--tls", "tsl"], "starttls"), (["--timeout", "soon"], "soon"), (["--timeout", "0s"], "1ms"), (["--ip", "5"], "any"),
    (["--auth.mechanism", "PLIAN"], "PLAIN"), (["--auth.password", "p"], "--auth.password"),
    (["--send"], "--from"), (["--no-such-flag"], "--no-such-flag")])
def test_a_bad_flag_is_a_usage_error_before_any_packet(silent_door, arguments, word):
    run = smtpwatch("probe", f"127.0.0.1:{silent_door.port}", *arguments)
    assert run.code == USAGE and run.lines_with(word), run
    assert not silent_door.knocked()


@pytest.mark.parametrize("arguments, environment, word", [
    (["--tls.ca-file", "/nowhere/ca.pem"], {}, "/nowhere/ca.pem"),
    (["--auth.user", "u", "--auth.password-file", "/nowhere/secret"], {}, "/nowhere/secret"),
    (["--auth.user", "u", "--auth.password-env", "NOT_SET"], {}, "NOT_SET"),
    (["--auth.user", "u", "--auth.password-env", "EMPTY"], {"EMPTY": ""}, "EMPTY")])
def test_unusable_secrets_and_certificates_are_told_before_any_packet(
        silent_door, arguments, environment, word):
    run = smtpwatch("probe", f"127.0.0.1:{silent_door.port}", *arguments, **environment)
    assert run.code in (USAGE, CONFIGURATION), run
    assert len(run.lines_with(word)) == 1, run
    assert not silent_door.knocked()


def test_no_target_and_no_environment_is_a_usage_error():
    run = smtpwatch("probe")
    assert run.code == USAGE and run.lines_with("SMTP_SERVER"), run


def test_a_missing_configuration_file_is_named():
    for command in (["check-config", "/nowhere.yml"], ["run", "--config.file", "/nowhere.yml"]):
        run = smtpwatch(*command)
        assert run.code == CONFIGURATION and len(run.lines_with("/nowhere.yml")) == 1, run


def test_a_port_in_use_is_named_before_any_packet(submission, tmp_path, silent_door):
    path = tmp_path / "good.yml"
    path.write_text(TARGET.format(port=silent_door.port) + "    interval: 1s\n    timeout: 1s\n")
    run = smtpwatch("run", "--config.file", path, "--web.listen-address", f"127.0.0.1:{silent_door.port}")
    assert run.code in (USAGE, CONFIGURATION), run
    assert len(run.lines_with(str(silent_door.port), "in use")) == 1, run
    assert not silent_door.knocked()
