"""Programs of Python packages, in an environment of their own in the cache: nothing is installed on the system."""

import fcntl
import subprocess
import venv

from servers.packages import cache


def program(name, requirement):
    """A program by name, of a package as pip is told of it (`NAME==VERSION`)."""
    return environment(requirement) / "bin" / name


def environment(requirement):
    """The directory of the environment that a package is in."""
    home = cache() / "pypi" / requirement.replace("==", "-")
    home.parent.mkdir(parents=True, exist_ok=True)
    # Two test runs may want it at once.
    with open(home.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            venv.create(home, clear=True, with_pip=True)
            installed = subprocess.run(
                [home / "bin/python", "-m", "pip", "install", "-q", "--disable-pip-version-check", requirement],
                capture_output=True, text=True)
            if installed.returncode:
                raise RuntimeError(f"cannot install {requirement}: {installed.stderr.strip()}")
            (home / "complete").touch()
    return home
