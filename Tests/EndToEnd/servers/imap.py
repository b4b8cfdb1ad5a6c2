"""Dovecot as mailboxes: IMAP with TLS, and LMTP that fills them."""

import itertools
import os
import shutil

from . import packages
from .daemon import Daemon
from .dovecot import INTROSPECTION
from .waiting import free_port

CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
libexec_dir = {libraries}
mail_plugin_dir = {libraries}/modules
import_environment = LD_LIBRARY_PATH={library_path}
log_path = {home}/log
protocols = imap lmtp
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
default_internal_user = postfix
default_internal_group = postfix
default_login_user = nobody
disable_plaintext_auth = yes
# No pauses after wrong logins, neither fixed nor growing: tests give many.
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
auth_mechanisms = {mechanisms}
mail_location = maildir:{home}/mail/%u
first_valid_uid = 1
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Unwanted {{
    auto = create
    special_use = \\Junk
  }}
}}
{tokens}
passdb {{
  driver = passwd-file
  mechanisms = plain
  args = {home}/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={home}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


TOKENS = """\
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2
}}
"""


class Mailbox(Daemon):
    """Mailboxes of a domain; `imaps` is where they are read."""

    def __init__(self, directory, certificate, domain, password, lmtp, introspection=None,
                 mechanisms="plain xoauth2 oauthbearer"):
        """`introspection` is the URL that knows about tokens, where logins with these are taken; by these
        `mechanisms` then."""
        home = directory / "mailbox"
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        # Each package has programs and modules of one tree.
        root = directory / "mailbox-root"
        for name in ("dovecot-core", "dovecot-imapd", "dovecot-lmtpd"):
            shutil.copytree(packages.unpack(name, directory), root, dirs_exist_ok=True, symlinks=True)
        (home / "mail").mkdir(parents=True)
        home.chmod(0o755)
        (home / "mail").chmod(0o777)
        self.imaps, self.lmtp = self.ports = free_port(), lmtp
        libraries = root / "usr/lib/dovecot"
        library_path = f"{libraries}:{libraries}/modules/old-stats"
        configuration = home / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(
            home=home, libraries=libraries, library_path=library_path, certificate=certificate[0],
            key=certificate[1], imaps=self.imaps, lmtp=self.lmtp,
            mechanisms=mechanisms if introspection else "plain",
            tokens=TOKENS.format(home=home) if introspection else ""))
        (home / "oauth2").write_text(INTROSPECTION.format(url=introspection))
        self.users, self.addresses = home / "users", (f"probe{number}@{domain}" for number in itertools.count())
        self.users.touch()
        self.password = password
        # It looks for some of its modules at their installed place alone.
        self.command = packages.in_place(root, "usr/lib", [
            root / "usr/bin/doveconf", "-f", "service=master", "-c", configuration, "-m", "master", "-p",
            "-e", root / "usr/sbin/dovecot", "-F", "-c", configuration])
        self.environment = {**os.environ, "LD_LIBRARY_PATH": library_path}

    def new_user(self):
        """A user to whom nobody else writes: address, and where the files are."""
        address = next(self.addresses)
        with open(self.users, "a") as users:
            users.write(f"{address}:{{PLAIN}}{self.password}\n")
        return address, self.directory / "mail" / address

    @property
    def log(self):
        """The server's log so far."""
        return (self.directory / "log").read_text(errors="replace")
