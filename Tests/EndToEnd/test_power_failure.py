"""The stored history on a disk whose power fails."""

import os
import random
import shutil
import subprocess

import pytest

from servers.waiting import wait_until
from smtpwatch import Monitor
from test_history import Memory, settings


class Disk:
    """A file system of its own on a loop device; a copy of the device is what a failure of power leaves."""

    def __init__(self, directory):
        self.image, self.place = directory / "disk", directory / "mounted"
        self.place.mkdir()

    def make(self):
        """Skips the test where the machine has no loop devices."""
        with open(self.image, "wb") as file:
            file.truncate(64 << 20)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        mounted = subprocess.run(["mount", "-o", "loop", self.image, self.place], capture_output=True, text=True)
        if mounted.returncode:
            pytest.skip(f"no file system on a loop device here: {mounted.stderr.strip()}")

    def lose_power(self, directory):
        """The disk as it is at this moment, while everything goes on; None where the copy caught half a write of the
        file system's own."""
        directory.mkdir()
        after = Disk(directory)
        shutil.copyfile(self.image, after.image)
        mounted = subprocess.run(["mount", "-o", "loop", after.image, after.place], capture_output=True, text=True)
        return after if mounted.returncode == 0 else None

    def release(self):
        """Unmounts it."""
        subprocess.run(["umount", self.place], capture_output=True)


@pytest.fixture
def disks(tmp_path):
    made = []

    def new(directory):
        directory.mkdir(exist_ok=True)
        made.append(Disk(directory))
        made[-1].make()
        return made[-1]

    yield new, made
    for disk in reversed(made):
        disk.release()


def test_a_failure_of_power_costs_nothing_that_had_reached_the_disk(start, disks, moody, tmp_path):
    new, made = disks
    disk = new(tmp_path / "first")
    names = [f"t{index}" for index in range(20)]
    monitor = start("--storage.path", disk.place / "history", configuration=settings(moody.port, names))
    dice = random.Random(3)
    for failure in range(6):
        memory = Memory()
        for name in names:
            memory.look(monitor, name)
        # From here on the disk has what was shown, and gets what comes when the kernel likes.
        os.sync()
        runs = monitor.metric("smtp_probe_runs_total", target="t0")
        enough = runs + dice.randrange(1, 12)
        wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="t0") >= enough, "some more results")
        if after := disk.lose_power(tmp_path / f"after-{failure}"):
            made.append(after)
            with Monitor(after.place, "--storage.path", after.place / "history",
                         configuration=settings(moody.port, names, "24h")) as second:
                memory.compare(second)
                assert second.metric("smtpwatch_history_degraded") == 0
    assert len(made) > 3
    assert monitor.end() == 0
