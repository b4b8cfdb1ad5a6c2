"""Cyrus SASL as what checks passwords inside Postfix: its plugins, and a database of passwords in clear."""

import os
import shutil
import subprocess

from . import packages

CONFIGURATION = """\
pwcheck_method: auxprop
auxprop_plugin: sasldb
sasldb_path: {home}/sasldb
mech_list: {mechanisms}
"""


class Cyrus:
    """The passwords of one Postfix. Nothing runs by itself: Postfix loads the library."""

    def __init__(self, directory, users, realm, mechanisms="PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256"):
        """`users` are passwords by user name, in a `realm` that is the server's name."""
        packages.ensure_account("postfix", "postdrop")
        self.home = home = directory / "cyrus"
        home.mkdir()
        home.chmod(0o755)
        # The library looks for plugins in one directory; the database's have a package of their own.
        self.plugins = home / "plugins"
        self.plugins.mkdir()
        for package in ("libsasl2-modules", "libsasl2-modules-db"):
            for plugin in packages.unpack(package, directory).glob("usr/lib/*/sasl2/*.so*"):
                (self.plugins / plugin.name).symlink_to(plugin)
        (home / "smtpd.conf").write_text(CONFIGURATION.format(home=home, mechanisms=mechanisms))
        tool = packages.unpack("sasl2-bin", directory) / "usr/sbin/saslpasswd2"
        for user, password in users.items():
            subprocess.run(
                [tool, "-p", "-c", "-f", home / "sasldb", "-u", realm, user], input=password.encode(), check=True,
                env={**os.environ, "SASL_PATH": str(self.plugins)})
        shutil.chown(home / "sasldb", "postfix")
        self.realm = realm

    def for_postfix(self, configuration):
        """The settings that have Postfix use it; Debian's looks for the library's beside its own."""
        (configuration / "sasl").symlink_to(self.home)
        return f"smtpd_sasl_type = cyrus\nsmtpd_sasl_path = smtpd\nsmtpd_sasl_local_domain = {self.realm}"
