"""`smtpwatch probe` against Postfix and Dovecot."""

import base64
import email

import pytest

from conftest import PASSWORD, USER
from servers.waiting import free_port, wait_until
from smtpwatch import DEGRADED, DOWN, UP, smtpwatch

RESULT_KEYS = {
    "target", "host", "port", "tls_mode", "started_at", "duration_seconds", "outcome", "success", "stage",
    "reason", "retryable", "attempts", "message", "remedy", "suggestion", "evidence", "address", "family",
    "phases", "reply", "smtp", "tls"}
PHASES = {"dns", "connect", "tls", "banner", "ehlo", "starttls", "ehlo_tls", "auth", "mail", "rcpt", "rset",
          "data", "message", "quit"}


def verdict(run):
    """Stage and reason of a failed probe, which says so by its exit status and in words."""
    result = run.json
    assert run.code == DOWN, run
    assert (result["outcome"], result["success"]) == ("down", False), run
    assert result["message"] and result["remedy"], run
    return result["stage"], result["reason"]


def good(run):
    """The result of a probe that found everything well."""
    assert run.code == UP, run
    result = run.json
    assert (result["outcome"], result["success"], result["reason"]) == ("up", True, "ok"), run
    assert result["stage"] is None and result["suggestion"] is None, run
    return result


def hints(run):
    return {piece["text"] for piece in run.json["evidence"] if piece["kind"] == "hint"}


def test_starttls_works_and_the_result_has_the_promised_shape(postfix, probe):
    result = good(probe(postfix.submission))
    assert RESULT_KEYS <= result.keys()
    assert (result["host"], result["port"], result["tls_mode"]) == ("127.0.0.1", postfix.submission, "starttls")
    assert (result["address"], result["family"], result["attempts"]) == ("127.0.0.1", "ipv4", 1)
    assert result["phases"].keys() <= PHASES
    assert {"connect", "banner", "ehlo", "starttls", "tls", "ehlo_tls"} <= result["phases"].keys()
    assert all(0 <= seconds <= result["duration_seconds"] for seconds in result["phases"].values())
    assert "mail.example.test" in result["smtp"]["banner"]
    assert {"PLAIN", "LOGIN", "CRAM-MD5"} <= set(result["smtp"]["auth_mechanisms"])
    tls = result["tls"]
    assert (tls["version"], tls["verified"], tls["verify_error"]) == ("TLSv1.3", True, None)
    assert "mail.example.test" in tls["names"]
    assert tls["not_before"] < result["started_at"] < tls["not_after"]


def test_implicit_tls_works(postfix, probe):
    result = good(probe(postfix.submissions, "--tls", "implicit"))
    assert result["tls_mode"] == "implicit" and result["tls"]["verified"]
    assert "tls" in result["phases"] and "starttls" not in result["phases"]


def test_plain_smtp_works_where_it_is_asked_for(postfix, probe):
    result = good(probe(postfix.relay, "--tls", "none"))
    assert result["tls_mode"] == "none" and "tls" not in result["phases"]


def test_a_url_says_how_to_probe(postfix, authority):
    for scheme, port in (("smtp", postfix.submission), ("smtps", postfix.submissions),
                         ("smtp+plain", postfix.relay)):
        good(smtpwatch("probe", f"{scheme}://127.0.0.1:{port}", "--tls.ca-file", authority.certificate,
                       "--json"))


@pytest.mark.parametrize(
    "mechanism", ["auto", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_a_login_with_the_right_password_works(postfix, probe, mechanism):
    result = good(probe(postfix.submission, "--auth.mechanism", mechanism, password=PASSWORD))
    assert "auth" in result["phases"]
    strongest = "SCRAM-SHA-256" if mechanism == "auto" else mechanism
    assert result["smtp"]["auth_mechanism"] == strongest


def test_a_login_works_inside_implicit_tls(postfix, probe):
    good(probe(postfix.submissions, "--tls", "implicit", password=PASSWORD))


@pytest.mark.parametrize("mechanism", ["auto", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
def test_a_wrong_password_is_rejected_and_not_tried_again(postfix, probe, caller, mechanism):
    mark = len(postfix.log)
    run = probe(postfix.submission, "--auth.mechanism", mechanism, "--source-address", caller, password="wrong")
    assert verdict(run) == ("auth", "auth_rejected")
    result = run.json
    assert (result["retryable"], result["attempts"]) == (False, 1)
    assert (result["reply"]["code"], result["reply"]["enhanced"]) == (535, "5.7.8")
    log = postfix.log_since(mark, 1, caller)
    assert log.count("authentication failed") == 1 and log.count("disconnect from") == 1, log


def test_an_envelope_check_leaves_no_message(postfix, probe):
    before = len(postfix.delivered())
    result = good(probe(
        postfix.submission, "--from", "probe@example.test", "--to", "sink@example.test", password=PASSWORD))
    assert {"auth", "mail", "rcpt"} <= result["phases"].keys()
    assert "data" not in result["phases"]
    assert len(postfix.delivered()) == before


@pytest.mark.parametrize("door, login", [("relay", None), ("submission", PASSWORD)])
def test_a_foreign_recipient_is_told_from_an_unknown_one(postfix, probe, door, login):
    def to(recipient):
        return probe(getattr(postfix, door), "--from", "probe@example.test", "--to", recipient, password=login)
    foreign, unknown = to("somebody@foreign.test"), to("nobody@example.test")
    assert verdict(foreign) == ("rcpt", "recipient_rejected")
    assert "relay_denied" in hints(foreign), foreign
    assert verdict(unknown) == ("rcpt", "recipient_rejected")
    assert "relay_denied" not in hints(unknown), unknown


def test_a_sender_that_is_not_allowed_is_named_as_the_cause(postfix, probe):
    # Postfix judges the sender when it hears the recipient.
    run = probe(postfix.submission, "--from", "banned@example.test", "--to", "sink@example.test",
                password=PASSWORD)
    stage, reason = verdict(run)
    assert stage in ("mail", "rcpt") and reason == "sender_rejected", run


def test_a_greylisted_recipient_is_no_failure(postfix, probe):
    run = probe(postfix.submission, "--from", "probe@example.test", "--to", "grey@example.test",
                password=PASSWORD)
    assert run.code == DEGRADED, run
    assert (run.json["outcome"], run.json["reason"]) == ("degraded", "greylisted"), run


def test_a_sent_message_arrives_and_says_what_it_is(postfix, probe):
    before = len(postfix.delivered())
    result = good(probe(postfix.submission, "--send", "--from", "probe@example.test",
                        "--to", "sink@example.test", password=PASSWORD))
    assert {"mail", "rcpt", "data", "message"} <= result["phases"].keys()
    wait_until(lambda: len(postfix.delivered()) == before + 1, "the message in the maildir")
    message = email.message_from_bytes(postfix.delivered()[-1])
    assert "probe@example.test" in message["From"] and "sink@example.test" in message["To"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    for header in ("Date", "Message-ID", "Subject", "MIME-Version", "Content-Type"):
        assert message[header], header
    assert message["Return-Path"] == "<probe@example.test>"


def test_implicit_tls_on_a_starttls_port_is_told_in_words(postfix, probe):
    run = probe(postfix.submission, "--tls", "implicit")
    assert verdict(run) == ("tls", "port_speaks_plaintext")
    assert "starttls" in run.json["remedy"].lower(), run
    assert any("220 mail" in piece["text"] for piece in run.json["evidence"]), run


def test_starttls_on_an_implicit_tls_port_is_proved_by_a_follow_up(postfix, probe):
    run = probe(postfix.submissions, "--tls", "starttls", "--timeout.stage", "3s", "--timeout", "20s")
    assert verdict(run) == ("banner", "port_expects_tls")
    assert run.json["suggestion"]["tls_mode"] == "implicit", run
    assert "implicit" in run.json["remedy"].lower(), run


def test_a_closed_port_is_refused(probe):
    # Without follow-up: it would find out if this machine had a mail server of its own.
    assert verdict(probe(free_port(), "--no-follow-up")) == ("connect", "connect_refused")


def test_a_certificate_of_an_unknown_authority_is_not_trusted(postfix, probe):
    run = probe(postfix.submission, trust=False)
    stage, reason = verdict(run)
    assert stage == "tls" and reason in ("cert_untrusted", "cert_chain_incomplete", "cert_self_signed"), run
    assert run.json["tls"]["verified"] is False and run.json["tls"]["verify_error"], run
    assert run.json["tls"]["not_after"], run


def test_a_certificate_for_another_name_is_told(postfix, probe):
    run = probe(postfix.submission, "--tls.server-name", "smtp.example.test")
    assert verdict(run) == ("tls", "cert_name_mismatch")
    assert "mail.example.test" in run.json["message"], run


def test_verification_can_be_switched_off(postfix, probe):
    result = good(probe(postfix.submission, "--tls.insecure-skip-verify", trust=False))
    assert result["tls"]["verified"] is False


def test_a_login_without_tls_is_not_attempted(postfix, probe, caller):
    mark = len(postfix.log)
    run = probe(postfix.relay, "--tls", "none", "--source-address", caller, password=PASSWORD)
    assert run.code != UP, run
    assert PASSWORD not in run.text
    assert " auth=" not in postfix.log_since(mark, 1, caller)


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256"])
@pytest.mark.parametrize("password", [PASSWORD, "wrong+but=secret 9"])
def test_no_output_holds_the_password(postfix, probe, authority, mechanism, password):
    base64_of = lambda text: base64.b64encode(text.encode()).decode().rstrip("=")
    forms = [password, base64_of(password), base64_of(f"\0{USER}\0{password}"), password.replace(" ", "%20")]
    report = smtpwatch(
        "probe", f"127.0.0.1:{postfix.submission}", "--tls.ca-file", authority.certificate, "--auth.user",
        USER, "--auth.password-env", "SECRET", "--auth.mechanism", mechanism, "--transcript", SECRET=password)
    result = probe(postfix.submission, "--auth.mechanism", mechanism, "--transcript", password=password)
    assert f"AUTH {mechanism}" in report.text and "<secret>" in report.text, report
    assert any("<secret>" in line["text"] for line in result.json["transcript"]), result
    if mechanism.startswith("SCRAM"):
        # Nor what the server proves itself with: passwords could be tried against it.
        heard = [line["text"] for line in result.json["transcript"] if line["text"].startswith("334 ")]
        assert len(heard) == (2 if password == PASSWORD else 1), result
        assert heard[1:] == ["334 <secret>"][:len(heard) - 1], result
    for run in (report, result):
        assert not [form for form in forms if form in run.text], run


def test_the_report_for_people_names_outcome_cause_and_cure(postfix, authority):
    run = smtpwatch("probe", f"127.0.0.1:{postfix.submission}", "--tls", "implicit",
                    "--tls.ca-file", authority.certificate)
    assert run.code == DOWN, run
    assert "port_speaks_plaintext" in run.out and "starttls" in run.out.lower(), run


def test_the_nagios_form_is_one_line_with_the_same_exit_status(postfix, authority):
    for mode, code, word in (("starttls", UP, "OK"), ("implicit", DOWN, "CRITICAL")):
        run = smtpwatch("probe", f"127.0.0.1:{postfix.submission}", "--tls", mode,
                        "--tls.ca-file", authority.certificate, "--nagios")
        assert run.code == code, run
        assert len(run.out.splitlines()) == 1 and word in run.out, run
