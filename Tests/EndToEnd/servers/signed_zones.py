"""Signed zones, and a resolver that validates them: unbound, with keys and signatures by ldns."""

import os
import subprocess

from . import packages
from .daemon import Daemon
from .waiting import free_port, reserve

CONFIGURATION = """\
server:
  interface: {host}
  port: {port}
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "{home}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  verbosity: 1
  val-log-level: 2
  module-config: "validator iterator"
  local-zone: "localhost." nodefault
  local-zone: "test." nodefault
  val-permissive-mode: no
{anchors}
remote-control:
  control-enable: no
{zones}
"""

ZONE = """\
  name: "{zone}"
  zonefile: "{file}"
  for-downstream: no
  for-upstream: yes
  fallback-enabled: no
"""

HEAD = """\
$ORIGIN {zone}.
$TTL 300
@ IN SOA ns.{zone}. admin.{zone}. 1 3600 600 86400 300
@ IN NS ns.{zone}.
ns IN A 127.0.0.1
"""


def own_address():
    """A loopback address that nobody else has for a DNS server."""
    return next(f"127.53.54.{number}" for number in range(1, 250) if reserve(f"dns-{number}"))


class SignedZones(Daemon):
    """A validating resolver on a loopback port that holds the zones itself."""

    def __init__(self, directory, zones, unsigned=(), bogus=(), name="zones", is_systems=False):
        """`zones` are lines of each zone's file by its name; those named in `unsigned` are not signed, the key
        that is trusted for those in `bogus` is another than the one they are signed with. `name` tells several
        apart. One that `is_systems` can be written into resolv.conf: it has port 53 of an address of its own."""
        self.home = home = directory / name
        home.mkdir()
        super().__init__(home)
        self.root, self.tools = packages.unpack("unbound", directory), packages.unpack("ldnsutils", directory)
        anchors, parts = [], []
        for zone, lines in zones.items():
            file = home / zone
            file.write_text(HEAD.format(zone=zone) + "".join(f"{line}\n" for line in lines))
            if zone not in unsigned:
                key = self._tool("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", zone)
                self._tool("ldns-signzone", "-o", zone, "-f", home / f"{zone}.signed", file, home / key)
                file = home / f"{zone}.signed"
                if zone in bogus:
                    key = self._tool("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", zone)
                anchors.append(f'  trust-anchor-file: "{home / key}.key"')
            parts.append("auth-zone:\n" + ZONE.format(zone=zone, file=file))
        self.host, self.port = (own_address(), 53) if is_systems else ("127.0.0.1", free_port())
        configuration = home / "unbound.conf"
        configuration.write_text(CONFIGURATION.format(
            host=self.host, port=self.port, home=home, anchors="\n".join(anchors), zones="".join(parts)))
        self.command = [self.root / "usr/sbin/unbound", "-d", "-p", "-c", configuration]
        self.environment = dict(os.environ)

    def is_ready(self):
        """Whether it says so."""
        return "start of service" in self.output

    def _tool(self, name, *arguments):
        """Runs one of ldns's programs where the zones are; what it writes."""
        return subprocess.run(
            [self.tools / "usr/bin" / name, *arguments], cwd=self.home, check=True, capture_output=True,
            text=True).stdout.strip()

    @property
    def address(self):
        """Whom to ask."""
        return f"{self.host}:{self.port}"
