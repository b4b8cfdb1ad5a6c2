"""Logins with OAuth access tokens: Dovecot checks them, Postfix carries them."""

import pytest

from conftest import USER


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
