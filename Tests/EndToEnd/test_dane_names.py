"""Under which names DANE has a server known: aliases, MX records and who vouches for them. Exim writes down the name
that it is asked for."""

import hashlib
import subprocess

import pytest

from servers.dns import A, MX, NameServer
from servers.exim import Exim
from servers.signed_zones import SignedZones
from servers.waiting import wait_until


@pytest.fixture(scope="module")
def exim(lab, authority):
    """Its certificate is for a mail domain and for an alias; it sends its authority along."""
    leaf, key = authority.issue("secure.test", "DNS:alias.signed.localhost")
    chain = lab / "dane-chain.pem"
    chain.write_text(leaf.read_text() + authority.certificate.read_text())
    with Exim(lab, (chain, key), name="exim-dane") as server:
        yield server


@pytest.fixture(scope="module")
def zones(lab, exim, authority):
    def digest(*command):
        return hashlib.sha256(subprocess.run(command, check=True, capture_output=True).stdout).hexdigest()

    vouching = "2 0 1 " + digest("openssl", "x509", "-in", authority.certificate, "-outform", "DER")
    own = "3 0 1 " + digest("openssl", "x509", "-in", lab / "dane-chain.pem", "-outform", "DER")
    with SignedZones(lab, {
            "signed.localhost": [
                f"relay IN A 127.0.0.1\n_{exim.port}._tcp.relay IN TLSA {vouching}", "alias IN CNAME named",
                f"named IN A 127.0.0.1\n_{exim.port}._tcp.named IN TLSA {vouching}",
                f"bare IN A 127.0.0.1\nbarealias IN CNAME bare\n_{exim.port}._tcp.bare IN TLSA 1 0 1 {'ab' * 32}"],
            "secure.test": ["@ IN MX 10 relay.signed.localhost.", "www IN CNAME @"],
            "aliased.test": ["@ IN MX 10 alias.signed.localhost."],
            "implicit.test": ["@ IN A 127.0.0.1", f"_{exim.port}._tcp IN TLSA {own}"],
            "insecure.test": ["@ IN MX 10 relay.signed.localhost."]},
            unsigned=["insecure.test"], name="dane-zones", is_systems=True) as server:
        yield server


@pytest.fixture(scope="module")
def resolving(lab, zones):
    """The beginning of a command that asks the resolver of the zones for everything."""
    return asking(lab / "dane-resolv.conf", zones.host)


def asking(path, address):
    path.write_text(f"nameserver {address}\noptions timeout:30 attempts:1\n")
    return ["unshare", "--mount", "sh", "-c", f'mount --bind {path} /etc/resolv.conf && exec "$@"', "sh"]


@pytest.fixture
def ask(exim, zones, resolving, authority, start):
    """Watches a host or a domain; the first result of its one server."""
    def run(target, dane="require", wrapper=resolving):
        monitor = start(wrapper=wrapper, configuration={"targets": [{
            "name": "mx", "host": target, "port": exim.port, "interval": "1s", "ip": "4", "diagnosis": "passive",
            "tls": {"mode": "starttls", "ca_file": str(authority.certificate)},
            "policy": {"dane": dane, "resolver": zones.address}}]})
        last = wait_until(lambda: monitor.api("targets/mx")["last"], "a result")
        return (last.get("members") or [last])[0]
    return run


@pytest.mark.parametrize("target, base", [
    ("mx:secure.test", "relay.signed.localhost"),      # for the domain that mail is for
    ("mx:www.secure.test", "relay.signed.localhost"),  # for what that is an alias of
    ("alias.signed.localhost", "named.signed.localhost"),  # for the host that mail is sent to straight
    ("mx:implicit.test", "implicit.test"),             # a domain without MX records is its own server
])
def test_a_certificate_may_be_for_whom_mail_is_for(ask, exim, target, base):
    mark = len(exim.log)
    result = ask(target)
    assert result["outcome"] == "up", result
    dane = result["policy"]["dane"]
    assert (dane["status"], dane["dnssec"], dane["name"]) == ("valid", "secure", f"_{exim.port}._tcp.{base}")
    wait_until(lambda: f'SNI="{base}"' in exim.log[mark:] or f"SNI={base}" in exim.log[mark:],
               lambda: exim.log[mark:])


@pytest.mark.parametrize("target", ["relay.signed.localhost", "mx:aliased.test"])
def test_a_certificate_for_others_is_no_match_though_its_authority_is(ask, target):
    result = ask(target)
    assert result["outcome"] == "down", result
    assert (result["stage"], result["reason"]) == ("policy", "dane_mismatch")


def test_mx_records_that_nobody_vouches_for_lead_to_no_dane(ask):
    result = ask("mx:insecure.test")
    assert result["outcome"] == "down", result
    assert (result["reason"], result["policy"]["dane"]["status"]) == ("policy_violation", "insecure")
    assert "does not vouch for the MX records of insecure.test" in result["message"]
    assert "policy.resolver" in result["remedy"]


def test_a_host_that_the_vouched_mx_records_do_not_name_is_not_taken_for_one(ask, tmp_path):
    """The system's resolver tells of another host than the one that validates."""
    records = {("secure.test", MX): [(10, "named.signed.localhost")], ("named.signed.localhost", A): ["127.0.0.1"]}
    with NameServer(records) as names:
        result = ask("mx:secure.test", wrapper=asking(tmp_path / "resolv.conf", names.address))
    assert result["outcome"] == "down", result
    assert "do not name named.signed.localhost" in result["message"]


@pytest.mark.parametrize("host, dane", [("alias", "report"), ("barealias", "require")])
def test_without_usable_records_or_where_they_only_inform_the_host_is_asked_for_by_its_own_name(ask, exim, host, dane):
    mark = len(exim.log)
    ask(f"{host}.signed.localhost", dane)
    wait_until(lambda: "SNI=" in exim.log[mark:], lambda: exim.log[mark:])
    assert "named.signed" not in exim.log[mark:] and f"{host}.signed.localhost" in exim.log[mark:]
