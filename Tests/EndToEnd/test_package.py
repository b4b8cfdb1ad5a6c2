"""The Debian package: built, installed into a directory, tried as far as that goes, and removed."""

import os
import subprocess

import pytest

from servers import packages
from smtpwatch import ENVIRONMENT, Monitor


@pytest.mark.slow
def test_the_package_installs_runs_and_leaves_nothing_behind(tmp_path, lab, package, postfix, submission):
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
    assert "--config.file" in completed_by_bash(root, "smtpwatch run --conf")
    for shell, option, file in (
            ("zsh", "-n", "usr/share/zsh/vendor-completions/_smtpwatch"),
            ("fish", "--no-execute", "usr/share/fish/vendor_completions.d/smtpwatch.fish")):
        [program] = [path for path in packages.unpack(shell, lab).glob(f"**/bin/{shell}") if path.is_file()]
        read = subprocess.run([program, option, root / file], capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, ""), shell
    assert (root / "usr/share/smtpwatch/runbooks/reasons/auth_rejected.md").exists()
    verify_units(root)

    # The installed program does what the package is for.
    (tmp_path / "watch").mkdir()
    with Monitor(tmp_path / "watch", program=installed, configuration=submission(postfix.submission)) as monitor:
        monitor.wait_for("plunk", "up", "ok")
        health = subprocess.run([installed, "healthcheck", f"http://127.0.0.1:{monitor.port}/-/healthy"])
        assert health.returncode == 0
        assert monitor.end() == 0

    dpkg("--remove", "smtpwatch")
    assert not installed.exists() and (root / "etc/smtpwatch/smtpwatch.yml").exists()
    dpkg("--purge", "smtpwatch")
    assert files(root) <= before


def completed_by_bash(root, line):
    """What bash offers for a line of which the last word has begun."""
    script = f"""source {root}/usr/share/bash-completion/completions/smtpwatch
        COMP_LINE='{line}' COMP_WORDS=({line}) COMP_CWORD={len(line.split()) - 1} COMP_POINT={len(line)} COMP_TYPE=9
        $(complete -p smtpwatch | sed -E 's/.* -F ([^ ]+) .*/\\1/') smtpwatch {line.split()[-1]} {line.split()[-2]}
        printf '%s\\n' "${{COMPREPLY[@]}}" """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                          env={**ENVIRONMENT, "PATH": f"{root}/usr/bin:{os.environ['PATH']}"})
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def verify_units(root):
    """Lets systemd read the units where they are installed: every key known, and every program there."""
    # What a whole system would have.
    added = [root / "lib/systemd/system" / f"{name}.target" for name in (
        "sysinit", "basic", "network-online", "nss-lookup", "shutdown", "sockets", "multi-user")] + [root / "bin/sh"]
    for path in added:
        path.parent.mkdir(exist_ok=True)
        path.write_text("[Unit]\n")
    (root / "bin/sh").chmod(0o755)
    for unit in ("smtpwatch.service", "smtpwatch.socket"):
        read = subprocess.run(["systemd-analyze", "verify", f"--root={root}", "--man=no", unit],
                              capture_output=True, text=True)
        assert (read.returncode, read.stderr) == (0, ""), unit
    for path in added:
        path.unlink()


def files(root):
    """All files below `root` but those of dpkg itself."""
    return {path for path in root.rglob("*") if path.is_file() and "var/lib/dpkg" not in str(path)}
