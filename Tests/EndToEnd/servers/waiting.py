"""Waiting on conditions, never on the clock alone."""

import socket
import time


def wait_until(condition, what, deadline=15.0):
    """The first true value of `condition()`; fails with `what` when there was none within `deadline` seconds.

    `what` may be a function, asked only then. A condition that raises OSError (nothing listens yet) counts as not met.
    """
    end = time.monotonic() + deadline
    last = None
    while True:
        try:
            last = condition()
            if last:
                return last
        except OSError as error:
            last = error
        if time.monotonic() >= end:
            what = what() if callable(what) else what
            raise AssertionError(f"waited {deadline:g} s for {what}; last seen: {last!r}")
        time.sleep(0.05)


def free_port():
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts_connections(port):
    """Whether something listens on a loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
