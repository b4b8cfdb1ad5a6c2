"""Exim with one door that offers STARTTLS, a log of everything, and mailboxes where they are asked for."""

import shutil

from . import packages
from .daemon import Daemon
from .waiting import free_port

CONFIGURATION = """\
primary_hostname = mail.example.test
exim_path = {program}
spool_directory = {home}/spool
log_file_path = {home}/log/%s
pid_file_path = {home}/pid
notifier_socket =
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts = *
tls_certificate = {certificate}
tls_privatekey = {home}/key
log_selector = +all
"""

# One recipient, in a Maildir.
MAIL = """\
domainlist local_domains = exim.test
acl_smtp_rcpt = rcpt
# It keeps no rights where its settings are not the installed ones: it delivers as itself.
deliver_drop_privilege = true

begin acl
rcpt:
  accept local_parts = sink
         domains = +local_domains
  deny

begin routers
local:
  driver = accept
  domains = +local_domains
  transport = maildir

begin transports
maildir:
  driver = appendfile
  maildir_format
  directory = {mail}
"""

# Logins inside TLS only.
AUTHENTICATORS = """\
auth_advertise_hosts = ${if def:tls_in_cipher {*}{}}

begin authenticators

"""

# What checks passwords.
LOGINS = """\
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if eq{{$auth3}}{{${{lookup{{$auth2}}lsearch{{{users}}}{{$value}}fail}}}}}}
  server_set_id = $auth2

login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if eq{{$auth2}}{{${{lookup{{$auth1}}lsearch{{{users}}}{{$value}}fail}}}}}}
  server_set_id = $auth1

cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_secret = ${{lookup{{$auth1}}lsearch{{{users}}}{{$value}}fail}}
  server_set_id = $auth1
"""


# What asks Dovecot; SCRAM among it, which the light Exim does not know by itself.
ASKING = """\
{name}:
  driver = dovecot
  public_name = {mechanism}
  server_socket = {socket}
  server_set_id = $auth1
"""


class Exim(Daemon):
    """A whole Exim of its own; starts as root. It takes mail for sink@exim.test into `maildir` where it `delivers`."""

    def __init__(self, directory, certificate, users=None, staple=None, dovecot=None, name="exim-home",
                 delivers=False):
        """`certificate` is its file and its key's, `users` are passwords by user name, `staple` is a file with
        an OCSP response, `dovecot` checks passwords in the place of `users`, `name` tells several apart."""
        home = directory / name
        super().__init__(home)
        packages.ensure_account("Debian-exim")
        # Only the heavy one can ask Dovecot.
        package = "exim4-daemon-heavy" if dovecot else "exim4-daemon-light"
        program = packages.unpack(package, directory) / "usr/sbin/exim4"
        self.port = free_port()
        self.maildir = home / "mail"
        boxes = [self.maildir, *(self.maildir / name for name in ("new", "cur", "tmp"))] if delivers else []
        for path in (home, home / "spool", home / "log", *boxes):
            path.mkdir()
            shutil.chown(path, "Debian-exim")
        shutil.copy(certificate[1], home / "key")
        shutil.chown(home / "key", "Debian-exim")
        logins = LOGINS.format(users=home / "users") if users else ""
        for mechanism in ("PLAIN", "SCRAM-SHA-1", "SCRAM-SHA-256") if dovecot else ():
            logins += ASKING.format(
                name=mechanism.replace("-", "_").lower(), mechanism=mechanism, socket=dovecot.socket)
        if logins:
            logins = AUTHENTICATORS + logins
        (home / "users").write_text("".join(f"{user}: {word}\n" for user, word in (users or {}).items()))
        mail = MAIL.format(mail=self.maildir) if delivers else ""
        stapling = f"tls_ocsp_file = {staple}\n" if staple else ""
        (home / "configuration").write_text(CONFIGURATION.format(
            home=home, program=program, port=self.port, certificate=certificate[0]) + stapling + mail + logins)
        self.command = [program, "-C", home / "configuration", "-bdf"]

    def is_ready(self):
        """Whether it says so: connecting would show in the log."""
        return "daemon started" in self.log

    @property
    def log(self):
        """The main log so far."""
        return (self.directory / "log/main").read_text(errors="replace")
