"""Dovecot's submission service, in clear."""

import os
import subprocess
from pathlib import Path

from . import packages
from .daemon import Daemon
from .waiting import free_port

CONFIGURATION = """\
base_dir = {home}/run
state_dir = {home}/state
libexec_dir = {libraries}
import_environment = LD_LIBRARY_PATH={library_path}
log_path = {home}/log
protocols = submission
hostname = mail.example.test
ssl = no
login_plugin_dir = {libraries}/modules/login
mail_plugin_dir = {libraries}/modules
default_internal_user = postfix
default_internal_group = postfix
default_login_user = nobody
auth_mechanisms = plain login
submission_relay_host = 127.0.0.1
passdb {{
  driver = static
  args = password=nobody-knows
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    address = 127.0.0.1
    port = {port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class DovecotSubmission(Daemon):
    """A whole submission service of its own; needs to run as root."""

    def __init__(self, directory):
        home = directory / "dovecot-submission"
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        root = directory / "dovecot-submission-root"
        for name in ("dovecot-core", "dovecot-submissiond"):
            subprocess.run(["dpkg", "-x", packages.fetch(name), root], check=True)
        home.mkdir()
        home.chmod(0o755)
        self.port = free_port()
        libraries = root / "usr/lib/dovecot"
        library_path = f"{libraries}:{libraries}/modules/old-stats"
        configuration = home / "dovecot.conf"
        configuration.write_text(CONFIGURATION.format(
            home=home, libraries=libraries, library_path=library_path, port=self.port))
        # doveconf hands the settings over and starts the server, as in dovecot.py. Where its modules are is fixed when it
        # is built.
        self.command = packages.in_place(root, "usr/lib", [
            root / "usr/bin/doveconf", "-f", "service=master", "-c", configuration, "-m", "master", "-p",
            "-e", root / "usr/sbin/dovecot", "-F", "-c", configuration])
        self.environment = {**os.environ, "LD_LIBRARY_PATH": library_path}

    @property
    def log(self):
        """The log so far."""
        path = Path(self.directory / "log")
        return path.read_text(errors="replace") if path.exists() else ""

    def is_ready(self):
        """Whether it has announced itself: connecting would show in the log."""
        return "starting up" in self.log
