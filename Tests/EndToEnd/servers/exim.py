"""Exim with one door that offers STARTTLS, and a log of everything."""

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


class Exim(Daemon):
    """A whole Exim of its own that takes no mail; starts as root."""

    def __init__(self, directory, certificate):
        """`certificate` is its file and its key's."""
        home = directory / "exim-home"
        super().__init__(home)
        packages.ensure_account("Debian-exim")
        program = packages.unpack("exim4-daemon-light", directory) / "usr/sbin/exim4"
        self.port = free_port()
        for path in (home, home / "spool", home / "log"):
            path.mkdir()
            shutil.chown(path, "Debian-exim")
        shutil.copy(certificate[1], home / "key")
        shutil.chown(home / "key", "Debian-exim")
        (home / "configuration").write_text(CONFIGURATION.format(
            home=home, program=program, port=self.port, certificate=certificate[0]))
        self.command = [program, "-C", home / "configuration", "-bdf"]

    def is_ready(self):
        """Whether it says so: connecting would show in the log."""
        return "daemon started" in self.log

    @property
    def log(self):
        """The main log so far."""
        return (self.directory / "log/main").read_text(errors="replace")
