"""A bare Debian with systemd as its first process, in namespaces of its own: what is installed there leaves no trace here.

Its root is made once into the cache; each machine writes into memory. Its network is a loopback that nobody else sees.
"""

import contextlib
import ctypes
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import packages
from .daemon import Daemon
from .waiting import wait_until

# Where systemd runs, control groups are one tree: in a mount namespace of our own that can be had beside any other. Of
# /run nothing is ours but what systemd-nspawn puts there.
APART = """
mount -t tmpfs tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
"""
NEW_NETWORK = 0x40000000


def refusal():
    """Why this host cannot have such a machine; None where it can."""
    tried = subprocess.run(
        ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--cgroup", "--fork", "sh", "-euc",
         f"{APART} mkdir /sys/fs/cgroup/smtpwatch-try-$$; rmdir /sys/fs/cgroup/smtpwatch-try-$$"],
        capture_output=True, text=True)
    return tried.stderr.strip() if tried.returncode else None


def debian_root(*names):
    """The root of a Debian like this one with these packages and those that no Debian lacks."""
    root = packages.cache() / "machine"
    root.parent.mkdir(parents=True, exist_ok=True)
    complete, wanted = root.with_suffix(".complete"), "\n".join(sorted(names))
    # Two test runs may want it at once.
    with open(root.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (complete.exists() and complete.read_text() == wanted):
            complete.unlink(missing_ok=True)
            shutil.rmtree(root, ignore_errors=True)
            bootstrap(root, names)
            complete.write_text(wanted)
    return root


def bootstrap(root, names):
    """Makes such a root, from where this host has its own packages from."""
    [release] = re.findall(r"^VERSION_CODENAME=(\w+)$", Path("/etc/os-release").read_text(), re.M)
    sources = subprocess.run(
        ["apt-get", "indextargets", "--format", "deb $(REPO_URI) $(RELEASE) $(COMPONENT)",
         "Created-By: Packages", "Origin: Debian"], capture_output=True, text=True, check=True).stdout
    with tempfile.TemporaryDirectory() as directory:
        tool = packages.unpack("mmdebstrap", directory) / "usr/bin/mmdebstrap"
        made = subprocess.run(
            [tool, "--variant=essential", f"--include={','.join(names)}", release, root, "-"],
            input=sources, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(f"cannot make a Debian root: {made.stderr[-2000:]}")


class Machine(Daemon):
    """A machine of that root. `folders` are further directories that it sees, and where."""

    def __init__(self, directory, root, folders):
        super().__init__(directory)
        self.name = f"smtpwatch-{os.getpid()}"
        nspawn = packages.program("systemd-nspawn", "systemd-container", directory)
        group = f"/sys/fs/cgroup/{self.name}"
        self.command = [
            "unshare", "--mount", "sh", "-euc", f'{APART} mkdir {group}; echo $$ >{group}/cgroup.procs; exec "$@"', "sh",
            nspawn, "--boot", "--quiet", f"--directory={root}", "--volatile=overlay", "--private-network",
            f"--machine={self.name}", "--register=no", "--keep-unit", "--console=pipe",
            *(f"--bind-ro={here}:{there}" for here, there in folders.items())]
        self.first = None

    def is_ready(self):
        """Whether all that starts with it has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            self.first = child
            done = self.tried("systemctl", "is-system-running")
            if done.stdout.strip() in ("running", "degraded"):
                return True
        return False

    def stop(self):
        """Switches it off, and removes what it leaves: a group of no processes."""
        super().stop()
        subprocess.run(
            ["unshare", "--mount", "sh", "-euc", f"{APART} find /sys/fs/cgroup/{self.name} -depth -type d -exec rmdir {{}} +"],
            check=True, capture_output=True)

    def tried(self, *command):
        """Runs a command inside as root to its end."""
        return subprocess.run(
            ["nsenter", f"--target={self.first}", "--all", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
             "SYSTEMD_COLORS=0", "SYSTEMD_PAGER=cat", "DEBIAN_FRONTEND=noninteractive", *map(str, command)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def run(self, *command):
        """Runs a command that has to succeed; what it writes."""
        done = self.tried(*command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def path(self, place):
        """A file of the machine, as this host sees it."""
        return Path(f"/proc/{self.first}/root") / place.lstrip("/")

    def write(self, place, text, mode=0o644):
        """Writes a file of the machine."""
        path = self.path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=mode)
        path.write_text(text)

    @contextlib.contextmanager
    def network(self):
        """Within it this thread, and what it starts, has the machine's network."""
        library = ctypes.CDLL(None, use_errno=True)

        def enter(descriptor):
            if library.setns(descriptor, NEW_NETWORK):
                raise OSError(ctypes.get_errno(), "setns")
        with open("/proc/thread-self/ns/net") as own, open(f"/proc/{self.first}/ns/net") as its:
            enter(its.fileno())
            try:
                yield
            finally:
                enter(own.fileno())

    def facts(self, unit, *names):
        """What systemd says of a unit's properties."""
        said = self.run("systemctl", "show", unit, *(f"--property={name}" for name in names))
        return dict(line.split("=", 1) for line in said.splitlines())

    def wait_for(self, unit, **facts):
        """Waits until the unit's properties are those."""
        wait_until(lambda: self.facts(unit, *facts).items() >= facts.items(),
                   lambda: f"{unit} to be {facts}, not {self.facts(unit, *facts)}")
