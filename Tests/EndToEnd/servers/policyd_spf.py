"""The SPF policy service of Debian's Postfix, which Postfix itself starts."""

from . import packages

CONFIGURATION = """\
HELO_reject = False
Mail_From_reject = False
skip_addresses = 203.0.113.1/32
Header_Type = {header}
Authserv_Id = {authority}
"""


class PolicydSPF:
    """The lines with which Postfix starts it and asks it."""

    def __init__(self, directory, authority, headers):
        """`headers` are the kinds of header to write, each in a service of its own: `AR` or `SPF`."""
        program = packages.unpack("postfix-policyd-spf-python", directory) / "usr/bin/policyd-spf"
        modules = packages.unpack("python3-spf-engine", directory) / "usr/lib/python3/dist-packages"
        lines = []
        for header in headers:
            path = directory / f"policyd-spf-{header}.conf"
            path.write_text(CONFIGURATION.format(header=header, authority=authority))
            lines.append(
                f"policyd-spf-{header} unix - n n - 0 spawn user=nobody "
                f"argv=/usr/bin/env PYTHONPATH={modules} /usr/bin/python3 {program} {path}\n")
        self.services = "".join(lines)
