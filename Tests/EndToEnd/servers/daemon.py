"""What all servers have in common: one process in the foreground, and ports that tell when it is ready."""

import os
import signal
import subprocess

from .waiting import accepts_connections, wait_until


class Daemon:
    """A server process. A subclass gives `command`, `environment` and `is_ready`."""

    command = []
    environment = None
    ports = ()

    def __init__(self, directory):
        self.directory = directory
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def output(self):
        """What the process wrote, for messages about its failure."""
        return (self.directory / "output").read_text(errors="replace")

    def is_ready(self):
        """Whether every port accepts connections."""
        return all(accepts_connections(port) for port in self.ports)

    def start(self):
        """Starts the process and waits until it is ready."""
        with open(self.directory / "output", "ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in self.command], env=self.environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, start_new_session=True)
        try:
            wait_until(self.is_alive_and_ready, f"{type(self).__name__} to be ready")
        except BaseException:
            self.stop()
            raise

    def is_alive_and_ready(self):
        """Whether it is ready; fails at once if it has ended."""
        assert self.process.poll() is None, f"{type(self).__name__} ended at once: {self.output}"
        return self.is_ready()

    def stop(self):
        """Ends the process in its own way and waits for its end."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.process = None
