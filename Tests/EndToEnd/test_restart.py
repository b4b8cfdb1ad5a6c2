"""What a restart costs: nothing. Each field that was shown before is shown after it, of targets of every sort."""

from datetime import datetime, timedelta

import pytest

from servers.dns import A, AAAA, MX, NameServer
from servers.policy_host import ADDRESS, PolicyHost
from servers.postfix import HOSTNAME
from servers.signed_zones import SignedZones
from servers.waiting import free_port, wait_until
from test_history import kill

# What is not of the past: it is as old as the answer, or of the schedule.
OF_THE_MOMENT = {"generated_at", "horizon_seconds", "next_run_at", "mailbox_looked_at"}
OF_THE_MOMENT_AS_METRICS = (
    "_remaining_ratio", "_next_run_timestamp_seconds", "_last_look_timestamp_seconds")


def settled(value):
    """An answer without what is of the moment."""
    if isinstance(value, dict):
        return {key: settled(part) for key, part in value.items() if key not in OF_THE_MOMENT}
    return [settled(part) for part in value] if isinstance(value, list) else value


def differences(before, after, place=""):
    """Where two answers differ, and in what."""
    if isinstance(before, dict) and isinstance(after, dict):
        return [found for key in before | after
                for found in differences(before.get(key), after.get(key), f"{place}.{key}")]
    if isinstance(before, (list, tuple)) and len(before) == len(after):
        return [found for index, pair in enumerate(zip(before, after))
                for found in differences(*pair, f"{place}[{index}]")]
    if place.endswith(".next_message_at") and before and after:
        # Reckoned from two clocks, which are not read in the same instant.
        distance = datetime.fromisoformat(before) - datetime.fromisoformat(after)
        return [(place, before, after)] if abs(distance) > timedelta(seconds=1) else []
    return [] if before == after else [(place, before, after)]


@pytest.fixture
def scene(postfix, authority, moody, tmp_path):
    """Targets of every sort, each probed only when it is asked for, and what the command begins with that it may see
    their names."""
    names = {
        ("stored.test", MX): [(10, "one.stored.test"), (20, "two.stored.test")],
        ("one.stored.test", A): ["127.0.0.1"], ("two.stored.test", A): ["127.0.0.2"],
        ("dual.stored.test", A): ["127.0.0.1"], ("dual.stored.test", AAAA): ["::1"],
        ("match.stored.test", A): ["127.0.0.1"]}
    relay = postfix.relay
    zone = [f"_{relay}._tcp.match IN TLSA 3 1 1 {'ab' * 32}", f"mta-sts IN A {ADDRESS}", "match IN A 127.0.0.1",
            "_mta-sts IN TXT \"v=STSv1; id=7\"", "_smtp._tls IN TXT \"v=TLSRPTv1; rua=mailto:tls@stored.test\""]
    maildir = postfix.new_maildir()
    with NameServer(names) as resolver, PolicyHost(authority.issue("mta-sts.stored.test")) as host, \
            SignedZones(tmp_path, {"stored.test": zone}) as zones:
        host.policy = "version: STSv1\r\nmode: enforce\r\nmx: *.stored.test\r\nmax_age: 604800\r\n"
        trusted = {"ca_file": str(authority.certificate), "server_name": HOSTNAME}
        starttls = {"mode": "starttls", **trusted}
        policy = {"dane": "report", "mta_sts": "report", "tls_rpt": "report", "domain": "stored.test",
                  "resolver": zones.address, "ca_file": str(authority.certificate)}
        targets = {
            "plain": {"port": moody.port, "tls": {"mode": "none"}},
            "tls": {"port": relay, "tls": starttls},
            "untrusted": {"port": relay, "tls": {"mode": "starttls"}},
            "each": {"host": "dual.stored.test", "port": postfix.both, "tls": starttls, "ip": "each"},
            "some": {"host": "dual.stored.test", "port": relay, "tls": starttls, "ip": "each", "rollup": "any"},
            "mx": {"host": "mx:stored.test", "port": relay, "tls": starttls},
            "policy": {"host": "match.stored.test", "port": relay, "tls": starttls, "policy": policy},
            "gone": {"port": free_port(), "tls": {"mode": "none"}},
            "wrong": {"port": moody.port, "tls": {"mode": "implicit"}},
            "mail": {"port": relay, "tls": {"mode": "none"},
                     "send": {"from": "probe@example.test", "to": f"{maildir.name}@example.test", "every": "30s"},
                     "delivery": {"maildir": str(maildir), "poll_interval": "1s"}}}
        yield resolver.asked_by(tmp_path), {
            "modules": {"m": {"timeout": "20s", "retries": 0, "diagnosis": "active"}},
            "targets": [{"name": name, "host": "127.0.0.1", "interval": "24h", "module": "m", **keys}
                        for name, keys in targets.items()]}


def test_every_field_is_there_after_a_kill(start, scene, tmp_path):
    wrapper, configuration = scene
    monitor = start("--storage.path", tmp_path / "history", "--web.enable-lifecycle", configuration=configuration,
                    wrapper=wrapper)
    names = [target["name"] for target in configuration["targets"]]
    for name in names:
        # Where the schedule was quicker, it refuses.
        monitor.get(f"/targets/{name}/probe", "POST")

    def seen():
        """All that is shown of each target, in JSON and as metrics."""
        metrics = {key: value for key, value in monitor.metrics().items()
                   if not key[0].endswith(OF_THE_MOMENT_AS_METRICS)}
        return {name: (settled([monitor.api(f"targets/{name}{part}") for part in ("", "/results", "/events")]),
                       {key: value for key, value in metrics.items() if ("target", name) in key[1]})
                for name in names}

    def is_settled():
        if not all(monitor.api(f"targets/{name}")["last"] for name in names):
            return None
        delivery = monitor.api("targets/mail")["delivery"]
        shown = seen()
        return delivery["delivered"] and not delivery["in_flight"] and shown == seen() and shown

    left = set(names)
    # A restarted monitor looks at every target within half a minute: the next kill is for those it was quick with.
    for _ in range(30):
        before = wait_until(is_settled, lambda: f"the results of all: {monitor.api('targets')}", deadline=180)
        last = {name: before[name][0][0]["last"] for name in names}
        kill(monitor)
        monitor.start()
        after, later = seen(), seen()
        for name in names:
            # A probe may have come to its end before the kill, or since, between two of the questions.
            if all(one[name][0][0]["last"]["started_at"] == last[name]["started_at"] for one in (after, later)):
                assert not differences(before[name], after[name]), name
                left.discard(name)
        if not left:
            break
    assert not left
    # The scene has what it is for.
    assert all(len(last[name]["members"]) == 2 for name in ("each", "some", "mx")), last
    assert all(last["policy"]["policy"].values()) and last["policy"]["policy"]["mta_sts"]["mode"] == "enforce", last
    assert last["tls"]["tls"]["group"] and last["tls"]["tls"]["chain"] and last["tls"]["tls"]["key_bits"], last
    assert {name for name in names if not last[name]["success"]} >= {"untrusted", "gone", "wrong"}, last
