"""Waiting on conditions, never on the clock alone, and names that nobody else on this machine has."""

import secrets
import socket
import time

# Holds what `reserve` gave until this process ends, however it does.
_claims = []


def wait_until(condition, what, deadline=60.0):
    """The first true value of `condition()`; fails with `what` when there was none within `deadline` seconds, which is
    for what will never happen: a slow machine is no fault.

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


def reserve(name):
    """Whether a name is from now on this process's own among all that test on this machine."""
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0smtpwatch-tests/{name}")
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def _permanent_ports():
    """The ports that the kernel gives to nobody by itself: neither to a client, nor to who listens on any port."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first, last = map(int, file.read().split())
    return [port for port in range(10_000, 65_536) if not first <= port <= last] or list(range(10_000, 65_536))


def free_port():
    """A port on which nobody listens, and nobody will by chance."""
    ports = _permanent_ports()
    while True:
        port = secrets.choice(ports)
        with socket.socket() as probe:
            try:
                probe.bind(("", port))
            except OSError:
                continue
        if reserve(f"port-{port}"):
            return port


def accepts_connections(port):
    """Whether something listens on a loopback port."""
    with socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
