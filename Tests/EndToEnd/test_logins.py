"""Logins at servers that check passwords by themselves: Postfix with Cyrus SASL, and Exim."""

import pytest

from conftest import PASSWORD, USER
from servers.cyrus import Cyrus
from servers.exim import Exim
from servers.lockable import LockableSMTP
from servers.postfix import HOSTNAME, Postfix
from servers.waiting import wait_until


@pytest.fixture(scope="module")
def cyrus_postfix(lab, certificate):
    with Postfix(lab, certificate, Cyrus(lab, {USER: PASSWORD}, HOSTNAME), name="postfix-cyrus") as server:
        yield server


@pytest.fixture(scope="module")
def exim(lab, certificate):
    with Exim(lab, certificate, {USER: PASSWORD}, name="exim-logins") as server:
        yield server


@pytest.fixture(scope="module")
def asking_exim(lab, certificate, dovecot):
    """Exim that asks Dovecot, and so knows SCRAM."""
    with Exim(lab, certificate, dovecot=dovecot, name="exim-asking") as server:
        yield server


CYRUS = ["PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "auto"]
EXIM = ["PLAIN", "LOGIN", "CRAM-MD5", "auto"]


@pytest.mark.parametrize("mechanism", CYRUS)
def test_cyrus_accepts_the_right_password(cyrus_postfix, probe, mechanism):
    result = probe(cyrus_postfix.submission, "--auth.mechanism", mechanism, password=PASSWORD).json
    assert result["reason"] == "ok", result
    assert result["smtp"]["auth_mechanism"] == ("SCRAM-SHA-256" if mechanism == "auto" else mechanism)


@pytest.mark.parametrize("mechanism", CYRUS)
def test_cyrus_refuses_a_wrong_password(cyrus_postfix, probe, mechanism):
    result = probe(cyrus_postfix.submission, "--auth.mechanism", mechanism, password="wrong horse").json
    assert (result["stage"], result["reason"]) == ("auth", "auth_rejected"), result
    assert "wrong horse" not in str(result)


@pytest.mark.parametrize("mechanism", EXIM)
def test_exim_accepts_the_right_password(exim, probe, mechanism):
    result = probe(exim.port, "--auth.mechanism", mechanism, password=PASSWORD).json
    assert result["reason"] == "ok", result
    assert result["smtp"]["auth_mechanism"] == ("CRAM-MD5" if mechanism == "auto" else mechanism)


@pytest.mark.parametrize("mechanism", EXIM)
def test_exim_refuses_a_wrong_password(exim, probe, mechanism):
    result = probe(exim.port, "--auth.mechanism", mechanism, password="wrong horse").json
    assert (result["stage"], result["reason"]) == ("auth", "auth_rejected"), result


def test_exim_offers_no_mechanism_in_common(exim, probe):
    result = probe(exim.port, "--auth.mechanism", "SCRAM-SHA-256", password=PASSWORD).json
    assert (result["stage"], result["reason"]) == ("auth", "auth_mechanism"), result


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-1", "SCRAM-SHA-256", "auto"])
def test_exim_and_the_monitor_prove_the_password_to_each_other(asking_exim, probe, mechanism):
    result = probe(asking_exim.port, "--auth.mechanism", mechanism, password=PASSWORD).json
    assert result["reason"] == "ok", result
    assert result["smtp"]["auth_mechanism"] == ("SCRAM-SHA-256" if mechanism == "auto" else mechanism)
    result = probe(asking_exim.port, "--auth.mechanism", mechanism, password="wrong horse").json
    assert (result["stage"], result["reason"]) == ("auth", "auth_rejected"), result


def test_a_password_that_is_changed_under_fifty_targets_costs_their_account_two_refusals(start):
    with LockableSMTP() as server:
        names = [f"t{number}" for number in range(50)]
        auth = {"username": USER, "password_env": "ACCOUNT_PASSWORD", "allow_plaintext": True}
        targets = [{"name": name, "host": "127.0.0.1", "port": server.port, "interval": "1s", "timeout": "20s",
                    "tls": {"mode": "none"}, "auth": auth} for name in names]
        monitor = start(configuration={"targets": targets, "limits": {"per_address": 100}}, ACCOUNT_PASSWORD=PASSWORD)
        wait_until(lambda: server.accepted > 150, "three rounds of good logins")
        assert monitor.state_of("t7") == ("up", "ok")
        server.accepts = False
        wait_until(lambda: all(monitor.state_of(name) == ("down", "auth_rejected") for name in names),
                   "all targets to tell that the password is wrong")
        runs = monitor.metric("smtp_probe_runs_total", target="t0")
        wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="t0") > runs + 2, "two more rounds")
        assert server.refused == 2
        assert all(monitor.metric("smtp_probe_auth_paused", target=name) == 1 for name in names)
