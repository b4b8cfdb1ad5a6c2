"""Dovecot as what checks passwords and tokens: no mailboxes, only its authentication service on a socket."""

import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path

from . import packages
from .daemon import Daemon

CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
libexec_dir = {libraries}
import_environment = LD_LIBRARY_PATH={library_path}
log_path = {home}/log
protocols =
ssl = no
default_internal_user = postfix
default_internal_group = postfix
default_login_user = nobody
disable_plaintext_auth = no
auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 xoauth2 oauthbearer
# No pauses after wrong passwords, neither fixed nor growing: tests give many.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2
}}
passdb {{
  driver = passwd-file
  mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service auth {{
  unix_listener {home}/auth {{
    mode = 0666
  }}
}}
"""

TOKENS = """\
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={home}/keys/
username_attribute = sub
"""

INTROSPECTION = """\
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


class Dovecot(Daemon):
    """The authentication service; `socket` is where a mail server asks it."""

    # Where Postfix would find plugins for it.
    plugins = ""

    def __init__(self, directory, users, name="dovecot", introspection=None):
        """`users` are passwords by user name; `introspection` is the URL that knows about tokens, which are
        checked by their signature otherwise; `name` tells several apart."""
        home = directory / name
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        root = packages.unpack("dovecot-core", directory)
        home.mkdir()
        home.chmod(0o755)
        self.socket = home / "auth"
        libraries = root / "usr/lib/dovecot"
        library_path = f"{libraries}:{libraries}/modules/old-stats"
        configuration = home / "dovecot.conf"
        configuration.write_text(
            CONFIGURATION.format(home=home, libraries=libraries, library_path=library_path))
        (home / "users").write_text("".join(f"{user}:{{PLAIN}}{word}\n" for user, word in users.items()))
        self.key = os.urandom(32)
        (home / "oauth2").write_text(
            INTROSPECTION.format(url=introspection) if introspection else TOKENS.format(home=home))
        (home / "keys/default/HS256").mkdir(parents=True)
        (home / "keys/default/HS256/default").write_text(base64.b64encode(self.key).decode())
        # The server looks for doveconf at its installed place to read its settings; asked first, doveconf
        # hands them over and starts the server itself.
        self.command = [
            root / "usr/bin/doveconf", "-f", "service=master", "-c", configuration, "-m", "master", "-p",
            "-e", root / "usr/sbin/dovecot", "-F", "-c", configuration]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": library_path}

    def for_postfix(self, _):
        """The settings that have Postfix ask it."""
        return f"smtpd_sasl_type = dovecot\nsmtpd_sasl_path = {self.socket}"

    def token(self, user, lifetime=3600):
        """An access token (a JWT, RFC 7519) of a user; one with a negative lifetime has expired."""
        def part(content):
            return base64.urlsafe_b64encode(content).decode().rstrip("=")
        now = int(time.time())
        claims = {"sub": user, "iat": now - 7200, "nbf": now - 7200, "exp": now + lifetime}
        text = ".".join(part(json.dumps(piece).encode()) for piece in ({"alg": "HS256", "typ": "JWT"}, claims))
        return f"{text}.{part(hmac.digest(self.key, text.encode(), hashlib.sha256))}"

    def is_ready(self):
        """Whether the socket exists and it has announced itself."""
        log = Path(self.directory / "log")
        return self.socket.is_socket() and log.exists() and "starting up" in log.read_text()
