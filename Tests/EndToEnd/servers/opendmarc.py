"""OpenDMARC as a milter: it judges by what SPF and DKIM found before it."""

from . import packages
from .daemon import Daemon
from .waiting import free_port

CONFIGURATION = """\
AuthservID {authority}
TrustedAuthservIDs {authority}
Socket inet:{port}@127.0.0.1
UserID nobody
PidFile {home}/pid
IgnoreHosts {home}/ignored
RejectFailures false
Syslog true
"""


class OpenDMARC(Daemon):
    """The milter of one mail server, at `port`."""

    def __init__(self, directory, authority, wrapper):
        home = directory / "opendmarc-home"
        super().__init__(home)
        home.mkdir()
        home.chmod(0o755)
        self.port, = self.ports = free_port(),
        program = packages.unpack("opendmarc", directory) / "usr/sbin/opendmarc"
        # Without a list it would let this machine's own mail pass.
        (home / "ignored").write_text("203.0.113.1\n")
        (home / "configuration").write_text(CONFIGURATION.format(authority=authority, port=self.port, home=home))
        self.command = [*wrapper, program, "-f", "-c", home / "configuration"]
