"""What a probe tells a person at a terminal who has to wait, and nobody else."""

import os
import pty
import subprocess

import pytest

from servers.waiting import wait_until
from smtpwatch import BINARY, DOWN, ENVIRONMENT, UP

ERASED = "\r\x1b[K"


class Terminal:
    """A terminal, and a probe that runs at it: its standard output and its standard error unless told otherwise."""

    def __init__(self, *arguments, stdout=None, stderr=None):
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        self.process = subprocess.Popen(
            [BINARY, "probe", *map(str, arguments)], env={**ENVIRONMENT, "TERM": "xterm", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL, stdout=stdout or slave, stderr=stderr or slave)
        os.close(slave)
        self.shown = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        os.close(self.master)

    @property
    def text(self):
        """What was written to the terminal so far."""
        try:
            while part := os.read(self.master, 65_536):
                self.shown += part
        except OSError:
            pass  # Nothing more for now, or nobody is left to write.
        return self.shown.decode()

    def end(self):
        """The exit status; the terminal is read meanwhile, lest it be full."""
        wait_until(lambda: [self.text] and self.process.poll() is not None, "the probe to end")
        return self.process.returncode


def test_a_person_is_told_what_the_probe_waits_for_until_it_comes(silent_door):
    with Terminal(f"smtp+plain://127.0.0.1:{silent_door.port}", "--timeout", "60s") as terminal:
        with silent_door.let_in() as client:
            wait_until(lambda: "waiting for the greeting (60 s at most)…" in terminal.text, "the line")
            client.sendall(b"220 mail.example.test ESMTP\r\n")
            assert client.recv(1000).startswith(b"EHLO ")
            client.sendall(b"250 mail.example.test\r\n")
            assert client.recv(1000) == b"QUIT\r\n"
            client.sendall(b"221 2.0.0 Bye\r\n")
            assert terminal.end() == UP, terminal.text
        *lines, report = terminal.text.split(ERASED)
    assert lines[0] == "" and "waiting for the greeting (60 s at most)…" in lines, lines
    assert report.startswith(f"127.0.0.1:{silent_door.port}") and "waiting" not in report


@pytest.mark.parametrize("arguments, streams", [
    (["--json"], {}), (["--nagios"], {}), ([], {"stdout": subprocess.PIPE}), ([], {"stderr": subprocess.PIPE})])
def test_nobody_else_is(silent_door, arguments, streams):
    # Long enough for the line to come, and nobody answers.
    with Terminal(f"smtp+plain://127.0.0.1:{silent_door.port}", "--timeout", "2s", "--no-follow-up", *arguments,
                  **streams) as terminal:
        assert terminal.end() == DOWN
        told = terminal.text + "".join(stream.read().decode() for stream in (
            terminal.process.stdout, terminal.process.stderr) if stream)
        assert "banner_timeout" in told and "waiting" not in told and "\x1b" not in told, told
