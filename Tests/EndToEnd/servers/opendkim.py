"""OpenDKIM as a milter: it signs what goes out, or judges what comes in."""

import subprocess

from . import packages
from .daemon import Daemon
from .waiting import free_port

CONFIGURATION = """\
Mode {mode}
Socket inet:{port}@127.0.0.1
UserID nobody
PidFile {home}/pid
RequireSafeKeys no
LogResults yes
Syslog yes
"""

SIGNING = """\
Domain {domains}
Selector {selector}
KeyFile {key}
"""

JUDGING = """\
AuthservID {authority}
AlwaysAddARHeader yes
ResolverConfiguration {{home}}/resolver
"""

# The library that asks for it is a whole resolver, which asks nobody on this machine unless it is told.
RESOLVER = """\
server:
  do-not-query-localhost: no
  trust-anchor-file: ""
forward-zone:
  name: "."
  forward-addr: {name_server}
"""


class OpenDKIM(Daemon):
    """The milter of one mail server, at `port`."""

    def __init__(self, directory, name, configuration, wrapper=()):
        home = directory / name
        super().__init__(home)
        home.mkdir()
        home.chmod(0o755)
        self.port, = self.ports = free_port(),
        program = packages.unpack("opendkim", directory) / "usr/sbin/opendkim"
        (home / "configuration").write_text(configuration.replace("{port}", str(self.port)).replace("{home}", str(home)))
        self.command = [*wrapper, program, "-f", "-x", home / "configuration"]

    @classmethod
    def signer(cls, directory, domains, selector, key):
        """One that signs for domains, with the private key in a file."""
        return cls(directory, "opendkim-signer", CONFIGURATION.replace("{mode}", "s") + SIGNING.format(
            domains=",".join(domains), selector=selector, key=key))

    @classmethod
    def judge(cls, directory, authority, name_server, wrapper):
        """One that looks keys up and writes what it found in the name of an `authority`."""
        made = cls(directory, "opendkim-judge", CONFIGURATION.replace("{mode}", "v") + JUDGING.format(
            authority=authority), wrapper)
        (made.directory / "resolver").write_text(RESOLVER.format(name_server=name_server))
        return made


class SigningKey:
    """An RSA key for signatures: the private half as a file, the public one as the domain publishes it."""

    def __init__(self, path):
        self.path = path
        subprocess.run(["openssl", "genrsa", "-out", path, "2048"], check=True, capture_output=True)
        path.chmod(0o644)

    @property
    def record(self):
        """The data of its TXT record (RFC 6376 section 3.6.1)."""
        key = subprocess.run(["openssl", "rsa", "-in", self.path, "-pubout", "-outform", "PEM"], check=True,
                             capture_output=True, text=True).stdout
        text = "v=DKIM1; k=rsa; p=" + "".join(key.splitlines()[1:-1])
        return " ".join(f'"{text[at:at + 200]}"' for at in range(0, len(text), 200))
