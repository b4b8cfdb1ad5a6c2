"""OCSP staples (RFC 6066 section 8): by Exim, and by a server that staples what Exim would not."""

import pytest

from servers.certificates import Authority
from servers.exim import Exim
from servers.ocsp import Responder, StaplingServer
from servers.postfix import HOSTNAME
from smtpwatch import DOWN, UP, smtpwatch

DAY = 86400


@pytest.fixture(scope="module")
def responder(lab, authority, wall_clock):
    """The authority itself signs."""
    return Responder(lab / "ocsp", authority.certificate, (authority.certificate, authority.directory / "ca.key"),
                     wall_clock)


@pytest.fixture(scope="module")
def stapling_exim(lab, certificate, authority):
    """Exim with a staple that somebody signed whom the authority lets sign."""
    signer = authority.issue("ocsp.example.test", usage="OCSPSigning")
    staple = Responder(lab / "ocsp-delegated", authority.certificate, signer).staple(certificate[0])
    with Exim(lab, certificate, staple=staple, name="exim-stapling") as server:
        yield server


@pytest.fixture
def ask(tmp_path, certificate, authority):
    """Probes a server that staples a file."""
    def run(staple, *arguments, identity=None):
        with StaplingServer(tmp_path / f"server-{len(list(tmp_path.iterdir()))}", identity or certificate, staple) as server:
            return smtpwatch("probe", f"127.0.0.1:{server.port}", "--tls", "implicit", "--tls.ca-file",
                             authority.certificate, "--no-follow-up", "--json", *arguments)
    return run


def test_good_staple_of_a_mail_server_vouches(stapling_exim, probe):
    ended = probe(stapling_exim.port, "--tls.ocsp", "require")
    assert ended.code == UP, ended
    ocsp = ended.json["tls"]["ocsp"]
    assert (ocsp["status"], ocsp["must_staple"], ocsp["detail"]) == ("good", False, "")
    assert ocsp["this_update"] <= ended.json["started_at"] < ocsp["next_update"]


def test_nothing_is_asked_for_by_itself(stapling_exim, probe):
    assert probe(stapling_exim.port).json["tls"]["ocsp"] is None


def test_report_for_a_person_says_until_when(stapling_exim, authority):
    ended = smtpwatch("probe", f"127.0.0.1:{stapling_exim.port}", "--tls.ca-file", authority.certificate, "--tls.ocsp",
                      "report")
    assert ended.lines_with("OCSP", "the staple is good, until"), ended


def test_missing_staple_is_down_where_required(postfix, probe):
    ended = probe(postfix.relay, "--tls.ocsp", "require")
    assert ended.code == DOWN, ended
    assert (ended.json["stage"], ended.json["reason"]) == ("tls", "cert_unusable")
    assert "sends no OCSP staple" in ended.json["message"] and "tls.ocsp: report" in ended.json["remedy"]
    ended = probe(postfix.relay, "--tls.ocsp", "report")
    assert ended.code == UP and ended.json["tls"]["ocsp"]["status"] == "none", ended


def test_revoked_certificate_is_down_where_required_and_a_warning_where_reported(ask, responder, certificate):
    staple = responder.staple(certificate[0], "R")
    ended = ask(staple, "--tls.ocsp", "require")
    assert ended.code == DOWN, ended
    assert (ended.json["stage"], ended.json["reason"]) == ("tls", "cert_revoked")
    assert "since 2026-01-01 (keyCompromise)" in ended.json["message"]
    ended = ask(staple, "--tls.ocsp", "report")
    assert ended.code == UP, ended
    ocsp = ended.json["tls"]["ocsp"]
    assert (ocsp["status"], ocsp["revocation_reason"]) == ("revoked", "keyCompromise")
    assert ocsp["revoked_at"].startswith("2026-01-01T12:00:00")


def test_staple_that_proves_nothing_is_told_why(ask, responder, certificate, lab, wall_clock, authority, tmp_path):
    stranger = Authority(tmp_path / "stranger")
    forger = Responder(tmp_path / "ocsp", authority.certificate, (stranger.certificate, stranger.directory / "ca.key"))
    other = authority.issue("other.example.test")
    for staple, status, words, cure in [
            (responder.staple(certificate[0], offset=-30 * DAY), "invalid", "out of date", "fresh staple"),
            (responder.staple(certificate[0], offset=DAY), "invalid", "begins in the future", "anew"),
            (forger.staple(certificate[0]), "invalid", "signature", "anew"),
            (responder.staple(other[0]), "invalid", "another certificate", "anew"),
            (responder.staple(certificate[0], status=None), "unknown", "does not know", "authority")]:
        ended = ask(staple, "--tls.ocsp", "require")
        assert ended.code == DOWN, ended
        assert (ended.json["stage"], ended.json["reason"]) == ("tls", "cert_unusable"), ended
        assert ended.json["tls"]["ocsp"]["status"] == status, ended
        assert words in ended.json["message"] and cure in ended.json["remedy"], ended


def test_certificate_that_demands_a_staple_is_no_good_without(ask, authority):
    identity = authority.issue("must.example.test", "IP:127.0.0.1", must_staple=True)
    ended = ask(None, "--tls.ocsp", "require", identity=identity)
    assert ended.code == DOWN and "must-staple" in ended.json["message"], ended
    ended = ask(None, "--tls.ocsp", "report", identity=identity)
    assert ended.code == UP and ended.json["tls"]["ocsp"]["must_staple"], ended


def test_monitor_exports_and_shows_the_staple(start, stapling_exim, postfix, authority):
    tls = {"mode": "starttls", "ca_file": str(authority.certificate), "server_name": HOSTNAME, "ocsp": "report"}
    monitor = start(configuration={
        "modules": {"mx": {"tls": tls, "retries": 0, "diagnosis": "off"}},
        "targets": [{"name": name, "host": "127.0.0.1", "port": server, "module": "mx", "interval": "1s"}
                    for name, server in (("exim", stapling_exim.port), ("postfix", postfix.relay))]})
    monitor.wait_for("exim", "up", "ok")
    monitor.wait_for("postfix", "up", "ok")
    assert monitor.metric("smtp_probe_tls_ocsp_good", target="exim") == 1
    assert monitor.metric("smtp_probe_tls_ocsp_good", target="postfix") == 0
    assert monitor.metric("smtp_probe_tls_ocsp_info", target="exim", status="good") == 1
    assert monitor.metric("smtp_probe_tls_ocsp_info", target="postfix", status="none") == 1
    begin, end = (monitor.metric(f"smtp_probe_tls_ocsp_{which}_update_timestamp_seconds", target="exim")
                  for which in ("this", "next"))
    assert end - begin == 7 * DAY
    _, _, page = monitor.get("/targets/exim", Accept="text/html")
    assert "OCSP staple" in page and "good, until" in page
