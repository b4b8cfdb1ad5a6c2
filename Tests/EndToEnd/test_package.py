"""The Debian package: built, installed into a directory, tried as far as that goes, and removed."""

import os
import subprocess
from pathlib import Path

import pytest

from smtpwatch import BINARY, ENVIRONMENT

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_the_package_installs_runs_and_leaves_nothing_behind(tmp_path):
    # The binary under test, or another build: packaging is the same.
    binary = os.environ.get("SMTPWATCH_PACKAGE_BINARY", BINARY)
    built = subprocess.run([ROOT / "deploy/debian/build", "--binary", binary, tmp_path],
                           capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    [package] = tmp_path.glob("smtpwatch_*.deb")

    root = tmp_path / "root"
    for directory in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "var/log"):
        (root / directory).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    before = files(root)

    def dpkg(*arguments):
        # The scripts run outside of the directory and are told of it: it has no shell of its own.
        done = subprocess.run(
            ["dpkg", f"--root={root}", "--force-script-chrootless", "--force-depends", "--log=/dev/null",
             *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    dpkg("--install", package)
    installed = root / "usr/bin/smtpwatch"
    checked = subprocess.run(
        [installed, "run", "--config.check", "--config.file", root / "etc/smtpwatch/smtpwatch.yml"],
        env=ENVIRONMENT, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    manual = subprocess.run(["man", "--warnings", "--local-file", root / "usr/share/man/man1/smtpwatch.1.gz"],
                            capture_output=True, text=True)
    assert (manual.returncode, manual.stderr) == (0, "") and "SMTP_SERVER" in manual.stdout
    completion = root / "usr/share/bash-completion/completions/smtpwatch"
    subprocess.run(["bash", "-n", completion], check=True)
    [start] = [line for line in (root / "lib/systemd/system/smtpwatch.service").read_text().splitlines()
               if line.startswith("ExecStart=")]
    assert (root / start.removeprefix("ExecStart=/").split()[0]).exists()

    dpkg("--remove", "smtpwatch")
    assert not installed.exists() and (root / "etc/smtpwatch/smtpwatch.yml").exists()
    dpkg("--purge", "smtpwatch")
    assert files(root) <= before


def files(root):
    """All files below `root` but those of dpkg itself."""
    return {path for path in root.rglob("*") if path.is_file() and "var/lib/dpkg" not in str(path)}
