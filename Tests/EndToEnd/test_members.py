"""Targets that are several servers or addresses, and the ways to connect, against real servers."""

import json
import os

import pytest

import smtpwatch as program
from servers.dns import A, AAAA, MX, NameServer
from servers.dovecot_lmtp import DovecotLMTP
from smtpwatch import DEGRADED, DOWN, INCONCLUSIVE, UP, Monitor

RECORDS = {
    ("dual.example.test", A): ["127.0.0.1"],
    ("dual.example.test", AAAA): ["::1"],
    ("example.test", MX): [(10, "mx1.example.test"), (20, "mx2.example.test"), (30, "gone.example.test")],
    ("mx1.example.test", A): ["127.0.0.1"],
    ("mx2.example.test", A): ["127.0.0.2"],
    ("null.test", MX): [(0, "")],
    ("plain.test", A): ["127.0.0.1"],
}


@pytest.fixture(scope="module")
def names():
    with NameServer(RECORDS) as server:
        yield server


@pytest.fixture(scope="module")
def resolving(names, lab):
    """The beginning of a command that asks the tests' own name server."""
    directory = lab / "resolver"
    directory.mkdir()
    return names.asked_by(directory)


@pytest.fixture
def ask(resolving, authority):
    """`smtpwatch probe` with the tests' names and authority."""
    def run(target, *arguments):
        # The certificate is for localhost, whatever the servers are called here.
        return program.smtpwatch(
            "probe", target, "--tls.ca-file", authority.certificate, "--tls.server-name", "localhost",
            "--no-follow-up", *arguments, wrapper=resolving)
    return run


def members(result):
    return {(member["host"], member["address"]): (member["outcome"], member["reason"])
            for member in result["members"]}


def test_every_address_of_both_families_works(postfix, ask):
    run = ask(f"dual.example.test:{postfix.both}", "--ip", "each", "--json")
    assert run.code == UP, run
    assert members(run.json) == {
        ("dual.example.test", "127.0.0.1"): ("up", "ok"), ("dual.example.test", "::1"): ("up", "ok")}
    assert {member["family"] for member in run.json["members"]} == {"ipv4", "ipv6"}


@pytest.mark.parametrize("rule, code", [("all", DOWN), ("quorum", DOWN), ("any", DEGRADED)])
def test_an_address_where_nothing_listens_counts_by_the_rule(postfix, ask, rule, code):
    run = ask(f"dual.example.test:{postfix.relay}", "--ip", "each", "--rollup", rule, "--json")
    assert run.code == code, run
    assert (run.json["stage"], run.json["reason"], run.json["address"]) == ("connect", "connect_refused", "::1")
    assert "1 of 2 addresses of dual.example.test works" in run.json["message"]


def test_the_report_has_a_table_and_tells_what_fails(postfix, ask):
    run = ask(f"dual.example.test:{postfix.relay}", "--ip", "each")
    assert run.lines_with("✔", "127.0.0.1", "up") and run.lines_with("✖", "::1", "connect_refused"), run
    assert run.lines_with("why", "1 of 2"), run


def test_nagios_reads_how_many_work(postfix, ask):
    run = ask(f"dual.example.test:{postfix.relay}", "--ip", "each", "--rollup", "any", "--nagios")
    assert run.code == DEGRADED and run.out.startswith("SMTP WARNING - connect_refused: 1 of 2"), run
    assert "working=1;;;0;2" in run.out and run.out.count("\n") == 1, run


def test_a_null_mx_says_that_there_is_no_mail(ask):
    run = ask("mx:null.test", "--json")
    assert run.code == DOWN and run.json["reason"] == "dns_no_address", run
    assert "takes no mail" in run.json["message"] and "members" not in run.json, run


def test_a_domain_without_mx_is_its_own_host(ask):
    run = ask("mx:plain.test", "--json")
    assert [member["host"] for member in run.json["members"]] == ["plain.test"], run
    assert run.json["port"] == 25


def test_a_monitor_shows_the_mx_hosts_of_a_domain(postfix, resolving, tmp_path, authority):
    """One host works, one is stopped, one does not exist: the domain still takes mail, and says what is wrong."""
    target = {
        "name": "domain", "host": "mx:example.test", "port": postfix.relay, "interval": "1s", "timeout": "20s",
        "diagnosis": "passive",
        "tls": {"mode": "starttls", "ca_file": str(authority.certificate), "server_name": "localhost"}}
    with Monitor(tmp_path, configuration={"targets": [target]}, wrapper=resolving) as monitor:
        monitor.wait_for("domain", "degraded", "connect_refused")
        found = monitor.api("targets/domain")["last"]
        assert members(found) == {
            ("mx1.example.test", "127.0.0.1"): ("up", "ok"),
            ("mx2.example.test", "127.0.0.2"): ("down", "connect_refused"),
            ("gone.example.test", None): ("down", "dns_not_found")}
        text = monitor.get("/metrics")[2]
        assert 'smtp_probe_members{target="domain",family="ipv4"} 2' in text
        assert 'smtp_probe_members_working{target="domain",family="ipv4"} 1' in text
        assert 'smtp_probe_members{target="domain",family="none"} 1' in text
        assert "mx1.example.test" not in text
        assert "1 of 3 work" in monitor.get("/")[2]
        assert "mx2.example.test (127.0.0.2)" in monitor.get("/targets/domain")[2]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_server_behind_the_proxy_protocol_is_reached_and_sees_the_monitor(postfix, probe, caller, version):
    mark = len(postfix.log)
    run = probe(postfix.proxied, "--proxy-protocol", version, "--source-address", caller,
                "--tls.server-name", "localhost")
    assert run.code == UP, run
    assert f"[{caller}]" in postfix.log_since(mark, 1, caller)


def test_without_its_header_that_server_says_nothing_good(postfix, probe):
    run = probe(postfix.proxied, "--timeout", "3s", "--no-follow-up")
    assert run.code == DOWN and run.json["stage"] == "banner", run


def test_a_server_sees_the_source_address(postfix, probe, caller):
    mark = len(postfix.log)
    run = probe(postfix.relay, "--source-address", caller)
    assert run.code == UP, run
    assert f"[{caller}]" in postfix.log_since(mark, 1, caller)


def test_a_source_address_that_this_host_lacks_is_the_monitors_own_trouble(postfix, probe):
    run = probe(postfix.relay, "--source-address", "192.0.2.9", "--no-follow-up")
    assert run.code == INCONCLUSIVE and run.json["reason"] == "local_error", run
    assert "source_address 192.0.2.9 cannot be used" in run.json["message"]


@pytest.fixture(scope="module")
def lmtp(lab):
    with DovecotLMTP(lab) as server:
        yield server


def test_lmtp_delivers_a_message(lmtp):
    run = program.smtpwatch(
        "probe", f"lmtp://127.0.0.1:{lmtp.port}", "--from", "probe@example.net", "--to", "sink@example.test",
        "--send", "--json")
    assert run.code == UP, run
    assert any(line["text"].startswith("LHLO ") for line in run.json["transcript"]), run
    assert {"rcpt", "data", "message"} <= run.json["phases"].keys()
    assert len(lmtp.delivered()) == 1


def test_lmtp_refuses_a_recipient_that_it_does_not_know(lmtp):
    run = program.smtpwatch(
        "probe", f"lmtp://127.0.0.1:{lmtp.port}", "--from", "probe@example.net", "--to", "nobody@example.test",
        "--json", "--no-follow-up")
    assert run.code == DOWN and (run.json["stage"], run.json["reason"]) == ("rcpt", "recipient_rejected"), run


def test_lmtp_on_any_port_is_a_target(lmtp, tmp_path):
    target = {"name": "boxes", "host": "127.0.0.1", "port": lmtp.port, "protocol": "lmtp", "interval": "1s"}
    with Monitor(tmp_path, configuration={"targets": [target]}) as monitor:
        monitor.wait_for("boxes", "up", "ok")
