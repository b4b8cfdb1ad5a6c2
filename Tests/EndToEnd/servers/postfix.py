"""Postfix with seven doors: relay (25-like), the same behind postscreen, submission (STARTTLS, login), submissions
(implicit TLS), both (relay over IPv4 and IPv6), proxied (relay behind the PROXY protocol) and losing (relay over IPv4; over IPv6 what
it accepts is thrown away)."""

import os
import re
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
import_environment = MAIL_CONFIG={home}/configuration LD_LIBRARY_PATH={libraries} SASL_PATH={plugins}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {home}/log
maillog_file_prefixes = {home}

myhostname = {hostname}
inet_interfaces = 127.0.0.1, [::1]
inet_protocols = all
mynetworks = 127.0.0.0/8, [::1]/128
smtpd_peername_lookup = no
mydestination =
local_recipient_maps =
alias_maps =
# Nothing leaves this machine.
default_transport = error:this server sends no mail abroad

# What two doors for messages get: a monitor's listener, and another server's mailboxes.
relay_domains = listened.test boxed.test
transport_maps = inline:{{ {{ listened.test = lmtp:inet:127.0.0.1:{listener} }} {{ boxed.test = lmtp:inet:127.0.0.1:{mailbox} }} }}

virtual_mailbox_domains = example.test
virtual_mailbox_base = {home}/mail
virtual_mailbox_maps = inline:{{ sink@example.test=sink/ grey@example.test=grey/ judged@example.test=judged/ {boxes} }}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534

smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
{sasl}
# Whoever speaks before the greeting is over is dropped, and nobody is let through for having waited once.
postscreen_access_list =
postscreen_cache_map = btree:$data_directory/postscreen_cache
postscreen_greet_wait = 1s
postscreen_greet_ttl = 1s
postscreen_greet_action = drop
postscreen_dnsbl_sites =
smtpd_relay_restrictions = reject_unauth_destination
smtpd_sender_restrictions = check_sender_access inline:{{ {{ banned@example.test = 553 5.7.1 not owned by user }} }}
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ grey@example.test = 450 4.2.0 Greylisted, please try again later }} {{ judged@example.test = PREPEND Authentication-Results: mail.example.test; spf=pass smtp.mailfrom=example.test; dkim=temperror (no answer) header.d=example.test; dmarc=none }} }}
"""

MASTER = """\
127.0.0.1:{relay} inet n - n - - smtpd
127.0.0.1:{screened} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
tlsproxy unix - - n - 0 tlsproxy
dnsblog unix - - n - 0 dnsblog
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{both} inet n - n - - smtpd
[::1]:{both} inet n - n - - smtpd
127.0.0.1:{losing} inet n - n - - smtpd
[::1]:{losing} inet n - n - - smtpd
  -o smtpd_client_restrictions=check_client_access,static:DISCARD
127.0.0.1:{proxied} inet n - n - - smtpd
  -o smtpd_upstream_proxy_protocol=haproxy
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
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

QUEUES = ("active bounce corrupt defer deferred flush hold incoming private saved trace".split())


class Postfix(Daemon):
    """A whole Postfix of its own; needs to run as root, as Postfix does."""

    def __init__(self, directory, certificate, passwords, name="postfix", settings="", services="", wrapper=()):
        """`certificate` is its file and its key's, `passwords` checks them, `name` tells several apart; `settings`
        and `services` are further lines of main.cf and master.cf, `wrapper` is the beginning of the command."""
        if os.geteuid() != 0:
            raise RuntimeError("Postfix starts as root only: run the end-to-end tests as root")
        self.home = home = directory / f"{name}-home"
        super().__init__(home)
        packages.ensure_account("postfix", "postdrop")
        root = packages.unpack("postfix", directory)
        self.relay, self.screened, self.submission, self.submissions = self.ports = [
            free_port() for _ in range(4)]
        self.both, self.proxied, self.losing = free_port(), free_port(), free_port()
        # Where mail for listened.test and for boxed.test goes.
        self.listener, self.mailbox = free_port(), free_port()
        # Mailboxes that nobody uses yet.
        self.boxes = [f"box{number}" for number in range(50)]
        libraries = root / "usr/lib/postfix"
        self.log_file = home / "log"
        self.starts = 0

        self._make_directories()
        configuration = home / "configuration"
        main = MAIN.format(
            home=home, root=root, libraries=libraries, daemons=libraries / "sbin", hostname=HOSTNAME,
            listener=self.listener, mailbox=self.mailbox,
            boxes=" ".join(f"{box}@example.test={box}/" for box in self.boxes), certificate=certificate[0], key=certificate[1],
            sasl=passwords.for_postfix(configuration), plugins=passwords.plugins)
        # Later lines would count too, but Postfix complains of each that comes twice, again and again.
        replaced = {line.split(" = ")[0] for line in settings.splitlines() if line}
        kept = [line for line in main.splitlines() if line.split(" = ")[0] not in replaced]
        (configuration / "main.cf").write_text("\n".join(kept) + f"\n{settings}")
        (configuration / "master.cf").write_text(MASTER.format(
            relay=self.relay, screened=self.screened, submission=self.submission, submissions=self.submissions,
            both=self.both, proxied=self.proxied, losing=self.losing) + services)
        self.command = [*wrapper, libraries / "sbin/master", "-c", configuration, "-d"]
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

    def log_since(self, mark, sessions, address):
        """The log beyond `mark` (an earlier length), once so many clients from an address have disconnected in it, and
        without what it has of clients from elsewhere: what it says of earlier ones may come late."""
        def part():
            lines = self.log[mark:].splitlines()
            ended = sum(f"disconnect from unknown[{address}]" in line for line in lines)
            return ended >= sessions and "\n".join(
                line for line in lines if f"[{address}]" in line or not re.search(r"\[127\.[\d.]+\]", line))
        return wait_until(part, lambda: f"the sessions of {address} to end in the mail log")

    def new_maildir(self, user=None):
        """A user's maildir that its owner may empty; without a name the user is one whom nobody else writes to."""
        path = self.home / "mail" / (user or self.boxes.pop())
        for name in ("new", "cur", "tmp"):
            (path / name).mkdir(parents=True, exist_ok=True)
            shutil.chown(path / name, "nobody", "nogroup")
        shutil.chown(path, "nobody", "nogroup")
        return path

    def delivered(self, user="sink"):
        """The messages in a user's maildir, oldest first."""
        files = (self.home / "mail" / user / "new").glob("*")
        return [path.read_bytes() for path in sorted(files, key=lambda path: path.stat().st_mtime_ns)]
