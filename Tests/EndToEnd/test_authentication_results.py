"""What a receiving server found of the sender: Postfix signs with OpenDKIM; another Postfix judges with OpenDKIM,
OpenDMARC and an SPF policy service, each of which writes a header of its own."""

import os

import pytest

from servers.front import Front
from servers.opendkim import OpenDKIM, SigningKey
from servers.opendmarc import OpenDMARC
from servers.policyd_spf import PolicydSPF
from servers.postfix import HOSTNAME, Postfix
from servers.signed_zones import SignedZones
from servers.waiting import wait_until

# Where the sending server seems to come from: of what comes from loopback nobody asks SPF.
OUTSIDE = "192.0.2.1"

RECEIVER = """
virtual_mailbox_domains = receiver.test
virtual_mailbox_maps = inline:{{ results@receiver.test=results/ received@receiver.test=received/ }}
smtpd_milters = inet:127.0.0.1:{dkim}, inet:127.0.0.1:{dmarc}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ results@receiver.test = spf_results }} {{ received@receiver.test = spf_received }} }}
smtpd_restriction_classes = spf_results, spf_received
spf_results = check_policy_service unix:private/policyd-spf-AR
spf_received = check_policy_service unix:private/policyd-spf-SPF
"""

SENDER = """
relay_domains = receiver.test
transport_maps = inline:{{ receiver.test=smtp:[127.0.0.1]:{front} }}
smtpd_milters = inet:127.0.0.1:{signer}
smtp_helo_name = out.passing.example
"""


@pytest.fixture(scope="module")
def key(lab):
    return SigningKey(lab / "signing.key")


@pytest.fixture(scope="module")
def names(lab, key):
    """What knows the domains: one that proves all, one whose records are of others, one without any."""
    other = SigningKey(lab / "other.key")
    zones = {
        "passing.example": [f'@ IN TXT "v=spf1 ip4:{OUTSIDE} -all"', f"probe._domainkey IN TXT {key.record}",
                         '_dmarc IN TXT "v=DMARC1; p=reject"', f"out IN A {OUTSIDE}"],
        "failing.example": ['@ IN TXT "v=spf1 ip4:198.51.100.1 -all"', f"probe._domainkey IN TXT {other.record}",
                         '_dmarc IN TXT "v=DMARC1; p=none"'],
        "silent.example": [],
    }
    with SignedZones(lab, zones, unsigned=zones, name="results-zones", is_systems=True) as server:
        yield server


@pytest.fixture(scope="module")
def resolving(lab, names):
    """The beginning of a command in whose eyes the domains exist."""
    (lab / "results-resolv.conf").write_text(f"nameserver {names.host}\noptions timeout:30\n")
    script = f'mount --bind {lab}/results-resolv.conf /etc/resolv.conf && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, "sh"]


@pytest.fixture(scope="module")
def receiver(lab, certificate, dovecot, names, resolving):
    policy = PolicydSPF(lab, HOSTNAME, ["AR", "SPF"])
    with (OpenDKIM.judge(lab, HOSTNAME, names.host, resolving) as dkim,
          OpenDMARC(lab, HOSTNAME, resolving) as dmarc,
          Postfix(lab, certificate, dovecot, "postfix-receiver", RECEIVER.format(dkim=dkim.port, dmarc=dmarc.port),
                  policy.services, resolving) as server):
        yield server


@pytest.fixture(scope="module")
def sender(lab, certificate, dovecot, key, receiver):
    with (Front(receiver.proxied, OUTSIDE) as front,
          OpenDKIM.signer(lab, ["passing.example", "failing.example"], "probe", key.path) as signer,
          Postfix(lab, certificate, dovecot, "postfix-sender",
                  SENDER.format(front=front.port, signer=signer.port)) as server):
        yield server


@pytest.mark.parametrize("box, domain, spf, dkim, dmarc", [
    ("results", "passing.example", "pass", "pass", "pass"),
    ("results", "failing.example", "fail", "fail", "fail"),
    ("results", "silent.example", "none", "none", "none"),
    ("received", "passing.example", "pass", "pass", "pass"),
    ("received", "failing.example", "fail", "fail", "fail"),
])
def test_what_every_judge_of_the_receiver_found_is_told(
        sender, receiver, start, box, domain, spf, dkim, dmarc):
    maildir = receiver.home / "mail" / box
    for path in (maildir, *(maildir / name for name in ("new", "cur", "tmp"))):
        path.mkdir(exist_ok=True)
        os.chown(path, 65534, 65534)
    monitor = start(configuration={
        "modules": {"m": {
            "timeout": "5s", "diagnosis": "passive", "tls": {"mode": "none"},
            "send": {"from": f"probe@{domain}", "to": f"{box}@receiver.test", "every": "1s", "max_per_day": 1},
            "delivery": {"maildir": str(maildir), "poll_interval": "1s"}}},
        "targets": [{"name": "mail", "host": "127.0.0.1", "port": sender.relay, "module": "m", "interval": "1s"}]})
    wait_until(
        lambda: (monitor.api("targets/mail")["delivery"] or {"delivered": 0})["delivered"],
        lambda: f"a delivery: {monitor.output}\n{sender.log[-3000:]}\n{receiver.log[-3000:]}")
    found = {
        method: [verdict for verdict in ("pass", "fail", "none", "missing", "other", "temperror", "permerror")
                 if monitor.metric(
                     "smtp_probe_delivery_authentication", target="mail", method=method, verdict=verdict) == 1]
        for method in ("spf", "dkim", "dmarc")}
    assert found == {"spf": [spf], "dkim": [dkim], "dmarc": [dmarc]}
