"""DANE, MTA-STS and TLS-RPT against signed zones, a validating resolver, Postfix and a policy host."""

import hashlib
import subprocess

import pytest

from servers.dns import A, MX, NameServer
from servers.policy_host import ADDRESS, PolicyHost
from servers.postfix import HOSTNAME
from servers.signed_zones import SignedZones
from servers.waiting import wait_until
from smtpwatch import DOWN, UP, USAGE, CONFIGURATION, smtpwatch

POLICY = "version: STSv1\r\nmode: enforce\r\nmx: *.signed.localhost\r\nmax_age: 604800\r\n"


def public_key_digest(certificate):
    """SHA-256 of a certificate's public key, as `3 1 1` has it."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True,
                         capture_output=True).stdout
    data = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key, check=True,
                          capture_output=True).stdout
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def zones(lab, postfix, certificate):
    """Hosts of every sort, each with records for the port of Postfix."""
    def tlsa(host, *records):
        return [f"{host} IN A 127.0.0.1",
                *(f"_{postfix.relay}._tcp.{host} IN TLSA {record}" for record in records)]

    good, next_key = f"3 1 1 {public_key_digest(certificate[0])}", f"3 1 1 {'ab' * 32}"
    hosts = [*tlsa("match", good), *tlsa("mismatch", next_key), *tlsa("rollover", next_key, good),
             *tlsa("none"), *tlsa("pkix", f"1 1 1 {public_key_digest(certificate[0])}"),
             # Aliases: to a host with records, to one without, to one that nobody vouches for, and to nobody.
             f"_{postfix.relay}._tcp.alias IN TLSA {next_key}", "alias IN CNAME hop", "hop IN CNAME match",
             f"_{postfix.relay}._tcp.own IN TLSA {good}", "own IN CNAME none",
             f"_{postfix.relay}._tcp.astray IN TLSA {good}", "astray IN CNAME match.plain.localhost."]
    domains = {
        "example.test": ["_mta-sts IN TXT \"v=STSv1; id=1\"", f"mta-sts IN A {ADDRESS}",
                         "_smtp._tls IN TXT \"v=TLSRPTv1; rua=mailto:tls@example.test\""],
        "broken.test": ["_mta-sts IN TXT \"v=STSv1; id=not-an-id\"", "_smtp._tls IN TXT \"v=TLSRPTv1; rua=ftp://x\""],
    }
    with SignedZones(
            lab, {"signed.localhost": hosts,
                  "plain.localhost": [*tlsa("match", good), "alias IN CNAME match.signed.localhost."],
                  "bogus.localhost": tlsa("match", good), **domains},
            unsigned=["plain.localhost"], bogus=["bogus.localhost"]) as server:
        yield server


@pytest.fixture
def policy_host(authority):
    with PolicyHost(authority.issue("mta-sts.example.test")) as host:
        host.policy = POLICY
        yield host


@pytest.fixture
def ask(postfix, authority, zones):
    """Probes one of the hosts."""
    def run(host, *arguments, trust=True):
        trusted = ["--tls.ca-file", authority.certificate, "--tls.server-name", HOSTNAME] if trust else []
        return smtpwatch(
            "probe", f"{host}:{postfix.relay}", "--ip", "4", "--json", *trusted, "--policy.resolver", zones.address,
            "--policy.ca-file", authority.certificate, *arguments)
    return run


def test_matching_record_vouches_for_a_certificate_that_nobody_else_does(ask):
    ended = ask("match.signed.localhost", "--policy.dane", "require", trust=False)
    assert ended.code == UP, ended
    dane = ended.json["policy"]["dane"]
    assert (dane["status"], dane["dnssec"], dane["rollover_ready"]) == ("valid", "secure", False)
    assert [record["matches"] for record in dane["records"]] == [True]
    assert not ended.json["tls"]["verified"]


def test_mismatch_is_down_where_required_and_a_warning_where_reported(ask):
    ended = ask("mismatch.signed.localhost", "--policy.dane", "require")
    assert ended.code == DOWN, ended
    assert (ended.json["stage"], ended.json["reason"]) == ("policy", "dane_mismatch")
    assert "none of the 1 usable TLSA records" in ended.json["message"]
    ended = ask("mismatch.signed.localhost", "--policy.dane", "report")
    assert ended.code == UP, ended
    assert ended.json["policy"]["dane"]["status"] == "mismatch"


def test_record_for_the_next_key_is_seen(ask):
    dane = ask("rollover.signed.localhost", "--policy.dane", "require").json["policy"]["dane"]
    assert (dane["status"], dane["rollover_ready"]) == ("valid", True)


@pytest.mark.parametrize("host, status, dnssec, reason", [
    ("none.signed.localhost", "no_records", "secure", "policy_violation"),
    ("pkix.signed.localhost", "unusable", "secure", "policy_violation"),
    ("match.plain.localhost", "insecure", "insecure", "policy_violation"),
    ("alias.plain.localhost", "insecure", "insecure", "policy_violation"),
    ("match.bogus.localhost", "unknown", "unknown", "dns_failure"),
])
def test_records_that_prove_nothing_are_told_apart(ask, host, status, dnssec, reason):
    ended = ask(host, "--policy.dane", "require")
    assert ended.code == DOWN, ended
    dane = ended.json["policy"]["dane"]
    assert (dane["status"], dane["dnssec"], ended.json["reason"]) == (status, dnssec, reason)
    assert ended.json["remedy"]


@pytest.mark.parametrize("alias, base", [
    ("alias", "match.signed.localhost"), ("own", "own.signed.localhost"), ("astray", "astray.signed.localhost")])
def test_records_of_an_alias_are_found_where_senders_look(ask, postfix, alias, base):
    ended = ask(f"{alias}.signed.localhost", "--policy.dane", "require")
    assert ended.code == UP, ended
    dane = ended.json["policy"]["dane"]
    assert (dane["status"], dane["name"]) == ("valid", f"_{postfix.relay}._tcp.{base}")


def test_no_records_are_looked_up_for_an_address_that_nobody_vouches_for(ask):
    dane = ask("match.plain.localhost", "--policy.dane", "report").json["policy"]["dane"]
    assert dane["records"] == [] and "does not vouch for the address of match.plain.localhost" in dane["detail"]


def test_policies_of_a_domain_are_reported(ask, policy_host):
    ended = ask("match.signed.localhost", "--policy.domain", "example.test")
    assert ended.code == UP, ended
    policy = ended.json["policy"]
    assert policy["tls_rpt"]["reports_to"] == ["mailto:tls@example.test"]
    sts = policy["mta_sts"]
    assert (sts["status"], sts["mode"], sts["id"], sts["max_age_seconds"]) == ("valid", "enforce", "1", 604800)
    assert sts["host_covered"] and sts["policy_host_not_after"]


@pytest.mark.parametrize("host, change, status", [
    ("match.plain.localhost", {}, "host_not_covered"),
    ("match.signed.localhost", {"policy": "version: STSv1\nmode: none\nmax_age: 1\n"}, "disabled"),
    ("match.signed.localhost", {"policy": "<html>"}, "bad_policy"),
    ("match.signed.localhost", {"policy": "x" * 70_000}, "unreachable"),
    ("match.signed.localhost", {"status": 404}, "unreachable"),
    ("match.signed.localhost", {"status": 301, "headers": {"Location": "https://example.test/"}}, "unreachable"),
])
def test_policies_that_do_not_hold_are_told_apart(ask, policy_host, host, change, status):
    for name, value in change.items():
        setattr(policy_host, name, value)
    ended = ask(host, "--policy.domain", "example.test")
    assert ended.code == UP, ended
    assert ended.json["policy"]["mta_sts"]["status"] == status
    assert ended.json["policy"]["mta_sts"]["detail"]


def test_policy_host_must_prove_itself(postfix, ask, authority, certificate):
    with PolicyHost(certificate) as host:
        host.policy = POLICY
        sts = ask("match.signed.localhost", "--policy.domain", "example.test").json["policy"]["mta_sts"]
    assert sts["status"] == "unreachable" and "certificate of mta-sts.example.test" in sts["detail"]
    assert host.hits == 0


def test_broken_records_are_told(ask):
    policy = ask("match.signed.localhost", "--policy.domain", "broken.test").json["policy"]
    assert (policy["mta_sts"]["status"], policy["tls_rpt"]["status"]) == ("bad_record", "bad_record")
    policy = ask("match.signed.localhost", "--policy.domain", "missing.example.test").json["policy"]
    assert (policy["mta_sts"]["status"], policy["tls_rpt"]["status"]) == ("no_record", "no_record")


def test_report_for_a_person_has_the_policies(postfix, authority, zones, policy_host):
    ended = smtpwatch(
        "probe", f"rollover.signed.localhost:{postfix.relay}", "--ip", "4", "--tls.ca-file", authority.certificate,
        "--tls.server-name", HOSTNAME, "--policy.resolver", zones.address, "--policy.ca-file",
        authority.certificate, "--policy.dane", "report", "--policy.domain", "example.test")
    assert ended.lines_with("DANE", "holds", "next key") and ended.lines_with("MTA-STS", "holds"), ended
    assert ended.lines_with("TLSA 3 1 1", "matches") and ended.lines_with("TLS-RPT", "mailto:tls@example.test")


def test_monitor_looks_up_once_and_tells(start, postfix, authority, zones, policy_host):
    tls = {"ca_file": str(authority.certificate), "server_name": HOSTNAME}
    policy = {"dane": "require", "mta_sts": "report", "tls_rpt": "report", "domain": "example.test",
              "resolver": zones.address, "ca_file": str(authority.certificate)}
    target = {"name": "mx", "host": "rollover.signed.localhost", "port": postfix.relay, "module": "mx",
              "interval": "1s"}
    monitor = start(configuration={
        "modules": {"mx": {"ip": "4", "tls": {"mode": "starttls", **tls}, "policy": policy}}, "targets": [target]})
    monitor.wait_for("mx", "up", "ok")
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="mx") >= 4, "four probes")
    assert policy_host.hits == 1
    for name in ("dane_valid", "dane_rollover_ready", "mta_sts_valid", "mta_sts_mx_covered", "tls_rpt_valid"):
        assert monitor.metric(f"smtp_probe_{name}", target="mx") == 1, name
    assert monitor.metric("smtp_probe_dane_info", target="mx", status="valid", dnssec="secure") == 1
    assert monitor.metric("smtp_probe_dane_records", target="mx", usable="true") == 2
    assert monitor.metric("smtp_probe_mta_sts_info", target="mx", status="valid", mode="enforce") == 1
    assert monitor.metric("smtp_probe_mta_sts_max_age_seconds", target="mx") == 604800
    _, _, page = monitor.get("/targets/mx", Accept="text/html")
    assert "<h2>Policy</h2>" in page and "DANE" in page


@pytest.fixture
def exchangers(tmp_path):
    """The beginning of a command for which example.test has two MX hosts."""
    records = {("example.test", MX): [(10, "match.signed.localhost"), (20, "match.plain.localhost")],
               ("match.signed.localhost", A): ["127.0.0.1"], ("match.plain.localhost", A): ["127.0.0.1"]}
    with NameServer(records) as server:
        yield server.asked_by(tmp_path)


def test_policies_of_an_mx_target_are_those_of_its_domain(start, postfix, authority, zones, policy_host, exchangers):
    """Nobody names the domain; of its two hosts the policy covers one."""
    monitor = start(wrapper=exchangers, configuration={"targets": [{
        "name": "mx", "host": "mx:Example.Test", "port": postfix.relay, "interval": "1s", "diagnosis": "passive", "ip": "4",
        "tls": {"mode": "starttls", "ca_file": str(authority.certificate), "server_name": HOSTNAME},
        "policy": {"mta_sts": "report", "tls_rpt": "report", "resolver": zones.address,
                   "ca_file": str(authority.certificate)}}]})
    monitor.wait_for("mx", "up", "ok")
    last = monitor.api("targets/mx")["last"]
    found = {member["host"]: member["policy"] for member in last["members"]}
    assert {policy["mta_sts"]["domain"] for policy in found.values()} == {"example.test"}, found
    assert found["match.signed.localhost"]["mta_sts"]["status"] == "valid", found
    assert found["match.plain.localhost"]["mta_sts"]["status"] != "valid", found
    assert monitor.metric("smtp_probe_mta_sts_valid", target="mx") == 0
    assert monitor.metric("smtp_probe_tls_rpt_valid", target="mx") == 1
    assert monitor.metric("smtp_probe_warning", target="mx", warning="mta_sts_broken") == 1
    assert policy_host.hits == 1


def test_silent_resolver_costs_no_more_than_the_probes_time(postfix, authority, ask, silent_door):
    ended = smtpwatch(
        "probe", f"match.signed.localhost:{postfix.relay}", "--ip", "4", "--json", "--tls.ca-file", authority.certificate,
        "--tls.server-name", HOSTNAME, "--policy.resolver", f"127.0.0.1:{silent_door.port}",
        "--policy.dane", "report", "--timeout", "2s")
    assert ended.json["policy"]["dane"]["status"] == "unknown"
    # By itself it would ask three times, a second and a half each.
    assert ended.json["duration_seconds"] < 4.4


def test_settings_that_cannot_be_are_refused(tmp_path, ask):
    assert ask("match.signed.localhost", "--policy.domain", "127.0.0.1").code == USAGE
    configuration = tmp_path / "smtpwatch.yml"
    configuration.write_text(
        "targets:\n- host: mail.example.com\n  policy: {dane: must, mta_sts: require, resolver: unbound}\n")
    ended = smtpwatch("check-config", configuration)
    assert ended.code == CONFIGURATION
    assert ended.lines_with("policy.dane must be one of") or ended.lines_with("policy.dane must be"), ended
    assert ended.lines_with("policy.mta_sts needs policy.domain"), ended
    assert ended.lines_with("policy.resolver must be an address"), ended
