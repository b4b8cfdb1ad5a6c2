"""Postfix with three doors: relay (25-like), submission (STARTTLS, login) and submissions (implicit TLS)."""

import os
import shutil

from . import packages
from .daemon import Daemon
from .waiting import free_port, wait_until

HOSTNAME = "mail.example.test"

MAIN = """\
compatibility_level = 3.6
queue_directory = {home}/queue
data_directory = {home}/data
command_directory = {root}/usr/sbin
daemon_directory = {daemons}
shlib_directory = {libraries}
meta_directory = {home}/configuration
import_environment = MAIL_CONFIG={home}/configuration LD_LIBRARY_PATH={libraries}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}

myhostname = {hostname}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
mydestination =
local_recipient_maps =
alias_maps =
# Nothing leaves this machine.
default_transport = error:this server sends no mail abroad

virtual_mailbox_domains = example.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ sink@example.test=sink/ grey@example.test=grey/ }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534

smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_relay_restrictions = reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{ {{ banned@example.test = 553 5.7.1 not owned by user }} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ grey@example.test = 450 4.2.0 Greylisted, please try again later }} }}
"""

MASTER = """\
127.0.0.1:{relay} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

QUEUES = ("active bounce corrupt defer deferred flush hold incoming private saved trace".split())


class Postfix(Daemon):
    """A whole Postfix of its own; needs to run as root, as Postfix does."""

    def __init__(self, directory, certificate, dovecot, name="postfix"):
        """`certificate` is its file and its key's, `dovecot` checks passwords, `name` tells several apart."""
        if os.geteuid() != 0:
            raise RuntimeError("Postfix starts as root only: run the end-to-end tests as root")
        self.home = home = directory / f"{name}-home"
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        root = packages.unpack("postfix", directory)
        self.relay, self.submission, self.submissions = self.ports = free_port(), free_port(), free_port()
        libraries = root / "usr/lib/postfix"
        self.log_file = home / "log"
        self.starts = 0

        self._make_directories()
        configuration = home / "configuration"
        (configuration / "main.cf").write_text(MAIN.format(
            home=home, root=root, libraries=libraries, daemons=libraries / "sbin", hostname=HOSTNAME,
            certificate=certificate[0], key=certificate[1], sasl=dovecot.socket))
        (configuration / "master.cf").write_text(MASTER.format(
            relay=self.relay, submission=self.submission, submissions=self.submissions))
        self.command = [libraries / "sbin/master", "-c", configuration, "-d"]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": str(libraries)}

    def _make_directories(self):
        """What `postfix check` would make, were Postfix installed."""
        queue = self.home / "queue"
        for path in ("configuration", "queue", "queue/pid", "mail"):
            (self.home / path).mkdir(parents=True)
        for path in ["data", *(f"queue/{name}" for name in QUEUES)]:
            (self.home / path).mkdir(mode=0o700)
            shutil.chown(self.home / path, "postfix")
        for path, mode in (("maildrop", 0o1730), ("public", 0o2710)):
            (queue / path).mkdir()
            shutil.chown(queue / path, "postfix", "postdrop")
            (queue / path).chmod(mode)
        shutil.chown(self.home / "mail", "nobody", "nogroup")
        self.home.chmod(0o755)

    def start(self):
        """Starts the master process, also once more on the same ports."""
        self.starts += 1
        super().start()

    def is_ready(self):
        """Whether it says so: connecting to find out would leave lost connections in the log."""
        return self.log.count("daemon started") >= self.starts

    @property
    def log(self):
        """The mail log so far."""
        return self.log_file.read_text(errors="replace") if self.log_file.exists() else ""

    def log_since(self, mark, sessions, what="the sessions to end in the mail log"):
        """The log beyond `mark` (an earlier length), once `sessions` clients have disconnected in it."""
        def part():
            text = self.log[mark:]
            return text if text.count("disconnect from") >= sessions else None
        return wait_until(part, what)

    def delivered(self, user="sink"):
        """The messages in a user's maildir, oldest first."""
        files = (self.home / "mail" / user / "new").glob("*")
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)]
