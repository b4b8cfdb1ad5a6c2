"""Logins with access tokens that smtpwatch gets by itself: a token endpoint gives them, Dovecot asks it about
them, Postfix carries them."""

import stat
import time

import pytest

from conftest import USER
from servers.dovecot import Dovecot
from servers.postfix import Postfix
from servers.token_endpoint import CLIENT, SECRET, TokenEndpoint
from servers.waiting import free_port, wait_until

EXPIRY = "smtp_probe_oauth_token_expiry_timestamp_seconds"


@pytest.fixture(scope="module")
def authorization_server():
    with TokenEndpoint(USER) as server:
        yield server


@pytest.fixture(scope="module")
def mail_server(lab, certificate, authorization_server):
    with Dovecot(lab, {}, name="dovecot-oauth", introspection=authorization_server.introspection_url) as dovecot:
        with Postfix(lab, certificate, dovecot, name="postfix-oauth") as server:
            yield server


@pytest.fixture
def endpoint(authorization_server):
    """The authorization server as new."""
    server = authorization_server
    server.lifetime, server.leniency, server.refusal, server.refresh_token, server.rotates = 3600, 0, None, None, False
    server.requests.clear()
    server.tokens.clear()
    return server


def secret(path, text):
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return path


@pytest.fixture
def oauth2(endpoint, tmp_path):
    return {"token_url": endpoint.url, "client_id": CLIENT, "scopes": ["smtp", "offline"],
            "client_secret_file": str(secret(tmp_path / "client-secret", SECRET))}


@pytest.fixture
def configuration(authority, mail_server, oauth2):
    """Targets by name, each with its mechanism, that log in by the same grant."""
    def make(oauth2=oauth2, **targets):
        module = {
            "timeout": "20s", "diagnosis": "passive", "tls": {"ca_file": str(authority.certificate)},
            "auth": {"username": USER, "oauth2": oauth2}}
        return {
            "modules": {"mail": module},
            "targets": [
                {"name": name, "host": "127.0.0.1", "port": mail_server.submission, "module": "mail",
                 "interval": "1s", "auth": {"mechanism": mechanism}} for name, mechanism in targets.items()]}
    return make


def test_targets_share_a_token_that_the_mail_server_accepts(endpoint, configuration, start):
    monitor = start(configuration=configuration(x="XOAUTH2", bearer="OAUTHBEARER", auto="auto"))
    for name, mechanism in {"x": "XOAUTH2", "bearer": "OAUTHBEARER", "auto": "OAUTHBEARER"}.items():
        target = monitor.wait_for(name, "up", "ok")
        assert target["last"]["smtp"]["auth_mechanism"] == mechanism
        assert target["last"]["token_expires_at"].startswith("20")
        assert abs(monitor.metric(EXPIRY, target=name) - time.time() - 3600) < 60
        assert "Access token until" in monitor.get(f"/targets/{name}")[2]
    assert endpoint.requests == [
        {"grant_type": "client_credentials", "scope": "smtp offline", "client_id": CLIENT, "client_secret": SECRET}]
    shown = "".join(
        monitor.get(path)[2] for path in ("/", "/targets/x", "/metrics", "/config", "/api/v1/targets/x"))
    assert endpoint.url in shown
    for word in [SECRET, *endpoint.tokens]:
        assert word not in shown + monitor.output


def test_a_client_can_prove_itself_in_the_header(endpoint, oauth2, configuration, start):
    monitor = start(configuration=configuration(oauth2 | {"client_auth": "basic"}, x="XOAUTH2"))
    monitor.wait_for("x", "up", "ok")
    assert endpoint.requests[0]["basic"] == "yes"


def test_a_token_is_replaced_before_it_ends(endpoint, configuration, start):
    endpoint.lifetime, began = 8, time.monotonic()
    monitor = start(configuration=configuration(x="XOAUTH2"))
    first = monitor.wait_for("x", "up", "ok")["last"]["token_expires_at"]
    wait_until(lambda: monitor.api("targets/x")["last"]["token_expires_at"] > first, "another token")
    wait_until(lambda: min(endpoint.tokens.values()) < time.monotonic() - 1, "the first token to end")
    assert monitor.metric("smtp_probe_failures_total", target="x") == 0
    # Each is replaced when a fifth of its life is left.
    assert len(endpoint.requests) <= 2 + (time.monotonic() - began) / 6.4


def test_a_refusal_is_told_in_the_endpoints_words_and_ends_by_itself(endpoint, configuration, start):
    words = f"the secret {SECRET} is wrong"
    endpoint.refusal = 401, {"error": "invalid_client", "error_description": words}
    monitor = start(configuration=configuration(x="XOAUTH2"))
    target = monitor.wait_for("x", "down", "auth_token")
    last = target["last"]
    assert last["stage"] == "auth" and "ehlo_tls" in last["phases"] and "auth" not in last["phases"]
    assert 'invalid_client, "the secret <secret> is wrong"' in last["message"]
    assert "auth.oauth2.client_secret_file" in last["remedy"]
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="x") > 3, "more probes")
    assert monitor.api("targets/x")["auth_paused_until"] is None
    assert len(endpoint.requests) < monitor.metric("smtp_probe_runs_total", target="x"), "it is asked with back-off"
    assert SECRET not in monitor.get("/api/v1/targets/x")[2] + monitor.output
    endpoint.refusal = None
    wait_until(lambda: monitor.state_of("x") == ("up", "ok"), "a token", deadline=120)
    assert "Access tokens come again" in monitor.output


@pytest.mark.parametrize("refusal, words", [
    ((200, b"<html>sign in</html>"), "it is no JSON object"),
    ((200, b"[" * 5000), "it is no JSON object"),
    ((200, {"access_token": "a b", "token_type": "Bearer"}), "its access_token is no token"),
    ((200, {"access_token": "abc", "token_type": "mac"}), "its token_type is not Bearer"),
    ((200, {"access_token": ["abc"], "token_type": "Bearer"}), "access_token is of the wrong type"),
    ((200, b"{" + b" " * (1 << 17) + b"}"), "sends more than 65536 bytes"),
    ((503, b"upstream is away"), "answers with the status 503"),
])
def test_an_answer_that_is_no_token_is_named(endpoint, configuration, start, refusal, words):
    endpoint.refusal = refusal
    monitor = start(configuration=configuration(x="auto"))
    last = monitor.wait_for("x", "down", "auth_token")["last"]
    assert words in last["message"], last


def test_an_endpoint_that_is_away_is_named_and_earlier_failures_come_first(
        oauth2, configuration, start):
    closed = free_port()
    settings = configuration(oauth2 | {"token_url": f"http://127.0.0.1:{closed}/token"}, x="auto", y="auto")
    settings["targets"][1]["port"] = closed
    monitor = start(configuration=settings)
    last = monitor.wait_for("x", "down", "auth_token")["last"]
    assert "127.0.0.1 cannot be reached" in last["message"] and "auth.oauth2.token_url" in last["remedy"]
    monitor.wait_for("y", "down", "connect_refused")


def test_a_replaced_refresh_token_goes_into_its_file(endpoint, oauth2, configuration, start, tmp_path):
    endpoint.refresh_token, endpoint.rotates, endpoint.lifetime = "first-refresh-token", True, 6
    endpoint.leniency = 600
    path = secret(tmp_path / "refresh", "first-refresh-token")
    monitor = start(configuration=configuration(oauth2 | {"refresh_token_file": str(path)}, x="auto"))
    monitor.wait_for("x", "up", "ok")
    wait_until(lambda: len(endpoint.requests) > 1, "the second request")
    assert endpoint.requests[0]["refresh_token"] == "first-refresh-token"
    assert endpoint.requests[1]["refresh_token"] != "first-refresh-token"
    wait_until(lambda: path.read_text().strip() == endpoint.refresh_token, "the newest refresh token in the file")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found.name for found in tmp_path.glob("refresh*")] == ["refresh"]
    assert monitor.metric("smtp_probe_failures_total", target="x") == 0


def test_a_refresh_token_behind_a_link_is_kept_in_memory(endpoint, oauth2, configuration, start, tmp_path):
    endpoint.refresh_token, endpoint.rotates, endpoint.lifetime = "first-refresh-token", True, 6
    endpoint.leniency = 600
    link = tmp_path / "refresh"
    link.symlink_to(secret(tmp_path / "mounted", "first-refresh-token"))
    monitor = start(configuration=configuration(oauth2 | {"refresh_token_file": str(link)}, x="auto"))
    monitor.wait_for("x", "up", "ok")
    wait_until(lambda: len(endpoint.requests) > 2, "the third request")
    assert link.is_symlink() and link.read_text().strip() == "first-refresh-token"
    assert monitor.metric("smtp_probe_failures_total", target="x") == 0
    assert monitor.output.count("kept in memory only") == 1
    assert endpoint.refresh_token not in monitor.output


def test_a_replaced_refresh_token_of_a_read_only_folder_is_a_warning_until_a_restart_needs_it(
        endpoint, oauth2, configuration, start, tmp_path):
    endpoint.refresh_token, endpoint.rotates, endpoint.lifetime = "first-refresh-token", True, 6
    folder = tmp_path / "mounted"
    folder.mkdir()
    path = secret(folder / "refresh", "first-refresh-token")
    # As containers mount secrets: root may not write there either.
    read_only = f'mount --bind {folder} {folder} && mount -o remount,ro,bind {folder} && exec "$@"'
    wrapper = ["unshare", "--mount", "sh", "-c", read_only, "sh"]
    settings = configuration(oauth2 | {"refresh_token_file": str(path)}, x="auto")
    monitor = start(configuration=settings, wrapper=wrapper)
    last = monitor.wait_for("x", "up", "ok")["last"]
    assert monitor.metric("smtp_probe_warning", target="x", warning="refresh_token_unsaved") == 1
    [told] = [piece["text"] for piece in last["evidence"] if "refresh token" in piece["text"]]
    assert f"in memory only: {path} cannot be written: Read-only file system" in told
    assert "refresh token unsaved" in monitor.get("/targets/x")[2]
    wait_until(lambda: len(endpoint.requests) > 2, "the third request", 30)
    assert monitor.metric("smtp_probe_failures_total", target="x") == 0
    assert monitor.output.count("kept in memory only") == 1
    assert monitor.end() == 0
    # What the warning was about.
    again = start(configuration=settings, wrapper=wrapper)
    last = again.wait_for("x", "down", "auth_token")["last"]
    assert "invalid_grant" in last["message"]
    assert not any(word in str(last) + monitor.output for word in ["first-refresh-token", endpoint.refresh_token])


def test_a_spent_refresh_token_is_named_and_a_new_one_is_taken_from_the_file(
        endpoint, oauth2, configuration, start, tmp_path):
    endpoint.refresh_token = "the-good-one"
    path = secret(tmp_path / "refresh", "a-spent-one")
    monitor = start(configuration=configuration(oauth2 | {"refresh_token_file": str(path)}, x="auto"))
    last = monitor.wait_for("x", "down", "auth_token")["last"]
    assert "invalid_grant" in last["message"] and "auth.oauth2.refresh_token_file" in last["remedy"]
    secret(path, "the-good-one")
    wait_until(lambda: monitor.state_of("x") == ("up", "ok"), "a token", deadline=120)
