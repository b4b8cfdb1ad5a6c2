"""A DNS server of the tests' own: it answers A, AAAA and MX by a table."""

import contextlib
import socket
import struct
import threading

A, MX, AAAA = 1, 15, 28


def bind(listener):
    """Binds a socket to port 53 of a loopback address on which nobody else has it, and gives that address."""
    for number in range(1, 250):
        address = f"127.53.53.{number}"
        with contextlib.suppress(OSError):
            listener.bind((address, 53))
            return address
    raise RuntimeError("port 53 of every loopback address is taken: a server on this machine listens on all of them")


class NameServer:
    """Answers on UDP port 53 of a loopback `address` of its own; `records` are lists of data by (name, type)."""

    def __init__(self, records):
        self.records = records
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = bind(self.socket)
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        # An empty datagram ends the thread, which may be waiting for one.
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()

    def _serve(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            if not query:
                return
            self.socket.sendto(self._answer(query), peer)

    def _answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        name, kind = ".".join(labels).lower(), struct.unpack("!H", query[at + 1:at + 3])[0]
        found = self.records.get((name, kind), [])
        exists = any(known == name for known, _ in self.records)
        data = [self._data(kind, value) for value in found]
        body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(part)) + part for part in data)
        code = 0 if exists else 3
        # One question, as it came; what follows it in the query (EDNS) is not repeated.
        return query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(data), 0, 0) + query[12:at + 5] + body

    def asked_by(self, directory):
        """The beginning of a command that asks it: resolv.conf is another in its eyes alone."""
        # However busy this machine is, it waits for the answer.
        (directory / "resolv.conf").write_text(f"nameserver {self.address}\noptions timeout:20 attempts:1\n")
        return ["unshare", "--mount", "sh", "-c", f'mount --bind {directory}/resolv.conf /etc/resolv.conf && exec "$@"', "sh"]

    @staticmethod
    def _data(kind, value):
        if kind == A:
            return socket.inet_aton(value)
        if kind == AAAA:
            return socket.inet_pton(socket.AF_INET6, value)
        preference, host = value
        labels = [label.encode() for label in host.split(".") if label]
        return struct.pack("!H", preference) + b"".join(bytes([len(part)]) + part for part in labels) + b"\0"
