"""Dovecot's LMTP server on a loopback port, with mailboxes in a directory."""

import os
import pwd

from . import packages
from .daemon import Daemon
from .waiting import free_port

CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
libexec_dir = {libraries}
import_environment = LD_LIBRARY_PATH={library_path}
log_path = {home}/log
protocols = lmtp
ssl = no
hostname = mail.example.test
postmaster_address = postmaster@example.test
default_internal_user = postfix
default_internal_group = postfix
default_login_user = nobody
mail_location = maildir:{home}/mail/%n
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = passwd-file
  args = {home}/users
}}
userdb {{
  driver = passwd-file
  args = {home}/users
}}
service lmtp {{
  executable = {lmtp}
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {port}
  }}
}}
"""


class DovecotLMTP(Daemon):
    """`port` speaks LMTP and takes mail for sink@example.test alone."""

    def __init__(self, directory):
        self.home = home = directory / "dovecot-lmtp"
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        root = packages.unpack("dovecot-core", directory)
        lmtp = packages.unpack("dovecot-lmtpd", directory) / "usr/lib/dovecot/lmtp"
        (home / "mail").mkdir(parents=True)
        home.chmod(0o755)
        self.port, = self.ports = free_port(),
        libraries = root / "usr/lib/dovecot"
        library_path = f"{libraries}:{libraries}/modules/old-stats"
        configuration = home / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(
            home=home, libraries=libraries, library_path=library_path, lmtp=lmtp, port=self.port))
        # Dovecot takes nobody who delivers as root.
        owner = pwd.getpwnam("postfix")
        os.chown(home / "mail", owner.pw_uid, owner.pw_gid)
        (home / "users").write_text(f"sink@example.test:{{PLAIN}}x:{owner.pw_uid}:{owner.pw_gid}::{home}/mail\n")
        # The LMTP server looks for its modules at their installed place alone: in its own eyes they are there.
        self.command = packages.in_place(root, "usr/lib", [
            root / "usr/bin/doveconf", "-f", "service=master", "-c", configuration, "-m", "master", "-p",
            "-e", root / "usr/sbin/dovecot", "-F", "-c", configuration])
        self.environment = {**os.environ, "LD_LIBRARY_PATH": library_path}

    def delivered(self):
        """The messages in the mailbox."""
        return [path.read_bytes() for path in (self.home / "mail/sink/new").glob("*")]
