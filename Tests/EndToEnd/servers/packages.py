"""Programs of Debian packages without installing them.

Mail servers exclude each other as packages and start themselves when installed. So the packages are fetched
once into a cache outside the repository and unpacked into the test session's own directory.
"""

import contextlib
import fcntl
import os
import shutil
import subprocess
from pathlib import Path


def cache():
    """Where fetched packages stay: remove it to get newer ones."""
    chosen = os.environ.get("SMTPWATCH_TEST_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(chosen) if chosen else base / "smtpwatch-tests"


def download(name, directory):
    """Fetches a package's file; with fresh package lists if those at hand do not know it."""
    command = ["apt-get", "-q", "download", name]
    with alone("lists"):
        _download(command, directory)


def _download(command, directory):
    if subprocess.run(command, cwd=directory, capture_output=True).returncode:
        subprocess.run(["apt-get", "-q", "update"], capture_output=True)
        subprocess.run(command, cwd=directory, check=True, capture_output=True)


def fetch(name):
    """The package file of `name`, from the cache if it is there."""
    shelf = cache() / name
    shelf.mkdir(parents=True, exist_ok=True)
    for found in shelf.glob("*.deb"):
        return found
    # Fetched beside the shelf and moved on to it, so that a broken download is never taken for a package.
    arriving = shelf.with_name(f"{name}.{os.getpid()}")
    arriving.mkdir()
    try:
        download(name, arriving)
        package = next(arriving.glob("*.deb"))
        return package.replace(shelf / package.name)
    except subprocess.CalledProcessError as error:
        raise RuntimeError(f"cannot fetch Debian package {name}: {error.stderr.decode().strip()}") from error
    finally:
        shutil.rmtree(arriving)


def unpack(name, directory):
    """Unpacks package `name` below `directory` and returns its root."""
    root = Path(directory) / name
    if not root.exists():
        subprocess.run(["dpkg", "-x", fetch(name), root], check=True)
    return root


def program(name, package, directory):
    """A program by name: the installed one, or the one from the unpacked package."""
    installed = shutil.which(name)
    return Path(installed) if installed else unpack(package, directory) / "usr/bin" / name


def in_place(root, folder, command):
    """A command in whose eyes alone what is below `folder` of an unpacked package is installed: for programs that
    look for their files at one place only."""
    if root == Path("/"):
        return command
    overlay = 'mount -t overlay overlay -o "lowerdir=$1/$2:/$2" "/$2" && shift 2 && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", overlay, "sh", root, folder, *command]


@contextlib.contextmanager
def alone(what):
    """One test run after the other."""
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / f"{what}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_account(user, *groups):
    """Creates a system user without home or shell, and further groups, where they are missing."""
    with alone("accounts"):
        for group in groups:
            if subprocess.run(["getent", "group", group], capture_output=True).returncode:
                subprocess.run(["groupadd", "--system", group], check=True)
        if subprocess.run(["getent", "passwd", user], capture_output=True).returncode:
            subprocess.run(
                ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
                 "--shell", "/usr/sbin/nologin", user], check=True)
