"""Logins with OAuth access tokens: Dovecot checks them, Postfix carries them."""

import base64

import pytest

from conftest import USER
from quick import configuration, goes_on
from servers.scribe import Scribe
from servers.waiting import wait_until


@pytest.fixture
def with_token(authority, postfix, tmp_path):
    """A configuration of one target `plunk` that logs in with a token."""
    def configuration(token, mechanism):
        path = tmp_path / "token"
        path.touch(mode=0o600)
        path.write_text(token + "\n")
        return {"targets": [{
            "name": "plunk", "host": "127.0.0.1", "port": postfix.submission, "interval": "1s", "timeout": "20s",
            "diagnosis": "passive", "tls": {"mode": "starttls", "ca_file": str(authority.certificate)},
            "auth": {"username": USER, "token_file": str(path), "mechanism": mechanism}}]}
    return configuration


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER", "auto"])
def test_a_login_with_a_good_token_works(dovecot, with_token, start, mechanism):
    monitor = start(configuration=with_token(dovecot.token(USER), mechanism))
    target = monitor.wait_for("plunk", "up", "ok")
    assert target["last"]["smtp"]["auth_mechanism"] == ("OAUTHBEARER" if mechanism == "auto" else mechanism)
    assert "auth" in target["last"]["phases"]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_an_expired_token_is_named_with_the_servers_words(dovecot, with_token, start, mechanism):
    token = dovecot.token(USER, lifetime=-60)
    monitor = start(configuration=with_token(token, mechanism))
    result = monitor.wait_for("plunk", "down", "auth_token")["last"]
    assert result["stage"] == "auth" and "auth.token_file" in result["remedy"], result
    assert any('"status"' in piece["text"] for piece in result["evidence"]), result
    assert token not in monitor.get("/api/v1/targets/plunk")[2]


class Bouncer(Scribe):
    """Takes logins with the tokens of the day."""

    def __init__(self, *tokens):
        super().__init__(mechanisms="XOAUTH2")
        self.tokens, self.shown = set(tokens), set()

    def _verdict(self, said):
        words = base64.b64decode(said.split()[-1]).decode()
        token = words.split("Bearer ")[1].strip("\x01")
        self.shown.add(token)
        return b"235 welcome" if token in self.tokens else b"535 5.7.8 no"


def test_a_token_that_somebody_renews_is_taken_from_its_file_before_the_old_one_ends(start, tmp_path):
    token = tmp_path / "token"
    token.touch(mode=0o600)
    token.write_text("first\n")
    with Bouncer("first", "second") as server:
        auth = {"username": USER, "token_file": str(token), "mechanism": "XOAUTH2", "allow_plaintext": True}
        monitor = start(configuration=configuration(server.port, auth=auth))
        monitor.wait_for("watched-0", "up", "ok")
        token.write_text("second\n")
        wait_until(lambda: "second" in server.shown, "the new token")
        server.tokens = {"second"}
        goes_on(monitor, 3)
        assert monitor.metric("smtp_probe_failures_total", target="watched-0") == 0
