"""Mailboxes that are opened with access tokens: Dovecot asks the token endpoint what they are worth."""

import time

import pytest

from servers.imap import Mailbox
from servers.token_endpoint import CLIENT, SECRET, TokenEndpoint
from servers.waiting import wait_until
from test_delivery import BOX_PASSWORD, delivery, wait_for_deliveries, watched  # noqa: F401


@pytest.fixture(scope="module")
def authorization_server():
    with TokenEndpoint("nobody") as server:
        yield server


@pytest.fixture(scope="module", params=["xoauth2", "oauthbearer", "plain"])
def mailbox(request, lab, certificate, postfix, authorization_server):
    """A server that knows one way to log in, which is its name here."""
    home = lab / f"imap-{request.param}"
    home.mkdir()
    home.chmod(0o755)
    with Mailbox(home, certificate, "boxed.test", BOX_PASSWORD, postfix.mailbox, authorization_server.introspection_url,
                 mechanisms=request.param) as server:
        server.mechanism = request.param
        yield server


@pytest.fixture
def endpoint(authorization_server):
    """The authorization server as new."""
    server = authorization_server
    server.lifetime, server.refusal, server.refresh_token, server.rotates = 3600, None, None, False
    server.requests.clear()
    server.tokens.clear()
    return server


@pytest.fixture
def account(mailbox, endpoint):
    """The address of a mailbox of this test's own, which the authorization server knows."""
    endpoint.user, _ = mailbox.new_user()
    return endpoint.user


def secret(path, text):
    path.touch(mode=0o600)
    path.write_text(text + "\n")
    return str(path)


@pytest.fixture
def imap(mailbox, account, authority, tmp_path):
    """The settings of the mailbox, with what proves the login."""
    def settings(**proof):
        return {"imap": {"host": "127.0.0.1", "port": mailbox.imaps, "username": account,
                         "ca_file": str(authority.certificate), **proof}}
    return settings


@pytest.fixture
def oauth2(endpoint, tmp_path):
    return {"token_url": endpoint.url, "client_id": CLIENT,
            "client_secret_file": secret(tmp_path / "client-secret", SECRET)}


def token_of(endpoint):
    _, answer = endpoint.token({"client_id": CLIENT, "client_secret": SECRET, "grant_type": "client_credentials"}, None)
    return answer["access_token"]


def wait_for_complaint(monitor, *words):
    def complaint():
        found = (delivery(monitor) or {}).get("mailbox_error") or ""
        return all(part in found for part in words) and found
    return wait_until(complaint, lambda: f"{words}: {delivery(monitor)}")


def shown(monitor):
    return monitor.output + "".join(monitor.get(path)[2] for path in ("/config", "/targets/mail", "/api/v1/targets/mail"))


only = pytest.mark.parametrize("mailbox", ["xoauth2", "oauthbearer"], indirect=True)


@only
@pytest.mark.parametrize("how", ["token_file", "client_credentials", "refresh_token"])
def test_a_mailbox_is_opened_with_an_access_token(
        how, mailbox, account, endpoint, oauth2, watched, imap, start, tmp_path):  # noqa: F811
    if how == "token_file":
        proof = {"token_file": secret(tmp_path / "token", token_of(endpoint))}
    elif how == "client_credentials":
        proof = {"oauth2": oauth2}
    else:
        endpoint.refresh_token = "the-refresh-token-4711"
        proof = {"oauth2": oauth2 | {"refresh_token_file": secret(tmp_path / "refresh", endpoint.refresh_token)}}
    monitor = start("--log.level", "debug", configuration=watched(account, imap(**proof)))
    wait_for_deliveries(monitor)
    assert f"method={mailbox.mechanism.upper()}" in mailbox.log
    text = shown(monitor)
    assert not any(word in text for word in [SECRET, "refresh-token-4711", *endpoint.tokens])


@only
def test_a_mailbox_goes_on_when_its_token_ends(
        mailbox, account, endpoint, oauth2, watched, imap, start, tmp_path):  # noqa: F811
    endpoint.lifetime, endpoint.refresh_token, endpoint.rotates = 7, "first", True
    path = tmp_path / "refresh"
    monitor = start(configuration=watched(
        account, imap(oauth2=oauth2 | {"refresh_token_file": secret(path, "first")})))
    wait_for_deliveries(monitor, 1)
    wait_until(lambda: min(endpoint.tokens.values()) < time.monotonic() - 1, "the first token to end", 20)
    wait_for_deliveries(monitor, delivery(monitor)["delivered"] + 2)
    assert delivery(monitor)["mailbox_error"] is None
    assert path.read_text().strip() == endpoint.refresh_token != "first"


@only
@pytest.mark.parametrize("wrong", ["nobody's", "expired"])
def test_a_token_that_is_refused_is_named(wrong, mailbox, account, endpoint, watched, imap, start, tmp_path):  # noqa: F811
    token = "a-token-that-nobody-gave-4711"
    if wrong == "expired":
        endpoint.lifetime = -1
        token = token_of(endpoint)
    monitor = start(configuration=watched(account, imap(token_file=secret(tmp_path / "token", token))))
    wait_for_complaint(
        monitor, "127.0.0.1 refuses the access token", "it has expired", "delivery.imap.token_file")
    assert token not in shown(monitor)


@only
def test_a_token_that_was_given_and_is_refused_points_to_its_scopes(
        mailbox, account, endpoint, oauth2, watched, imap, start):  # noqa: F811
    endpoint.user = "somebody@else.test"
    monitor = start(configuration=watched(account, imap(oauth2=oauth2)))
    wait_for_complaint(monitor, "127.0.0.1 refuses the access token", "delivery.imap.oauth2.scopes")


@only
def test_a_token_that_does_not_come_says_why(mailbox, account, endpoint, oauth2, watched, imap, start):  # noqa: F811
    endpoint.refusal = 400, {"error": "invalid_scope", "error_description": "not IMAP"}
    monitor = start(configuration=watched(account, imap(oauth2=oauth2)))
    wait_for_complaint(monitor, "there is no access token: the token endpoint refuses: invalid_scope")
    assert SECRET not in shown(monitor)


@pytest.mark.parametrize("mailbox", ["plain"], indirect=True)
def test_a_server_that_takes_no_tokens_says_so(mailbox, account, endpoint, watched, imap, start, tmp_path):  # noqa: F811
    monitor = start(configuration=watched(account, imap(token_file=secret(tmp_path / "token", token_of(endpoint)))))
    wait_for_complaint(monitor, "takes no access tokens", "OAUTHBEARER", "password_file")
