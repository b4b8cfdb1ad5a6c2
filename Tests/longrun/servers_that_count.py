"""Servers that count every connection they accept, also those in the moment in which they go down."""

import asyncio
import ctypes
import socket
import ssl
import struct

from faults import Conversation, course

SO_ATTACH_FILTER = 26
# Of a TCP segment: drop it where SYN is set and ACK is not, else keep it all (classic BPF).
DROP_NEW_CONNECTIONS = b"".join(struct.pack("HBBI", *instruction) for instruction in [
    (0x30, 0, 0, 13),  # ldb [13]: the flags
    (0x54, 0, 0, 0x12),  # and SYN|ACK
    (0x15, 0, 1, 0x02),  # jeq SYN, next, skip one
    (0x06, 0, 0, 0),  # ret 0
    (0x06, 0, 0, 0xFFFFFFFF)])  # ret all


def ignore_new_connections(listener):
    """From here on no connection comes up: what follows is only what the kernel has queued."""
    program = ctypes.create_string_buffer(DROP_NEW_CONNECTIONS, len(DROP_NEW_CONNECTIONS))
    listener.setsockopt(
        socket.SOL_SOCKET, SO_ATTACH_FILTER,
        struct.pack("HxxxxxxP", len(DROP_NEW_CONNECTIONS) // 8, ctypes.addressof(program)))


class Server:
    """One target's server, at an address of its own."""

    def __init__(self, name, role, seed, address, certificates):
        self.name, self.role, self.seed, self.certificates = name, role, seed, certificates
        self.accepted = 0
        self.open = set()
        self.behaves = False
        self.listener = self.accepting = None
        self.address, self.port = address, 0

    def start(self):
        """Listens, at the port it had before if it had one."""
        self.listener = socket.create_server((self.address, self.port), backlog=512)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.accepting = asyncio.create_task(self._accept())

    def ignore(self):
        """Takes no further connection, and answers no attempt at one."""
        if self.listener:
            ignore_new_connections(self.listener)

    async def stop(self):
        """Goes down without losing count: no connection is refused that the client has seen come up."""
        ignore_new_connections(self.listener)
        await asyncio.sleep(0.05)
        self.accepting.cancel()
        await asyncio.gather(self.accepting, return_exceptions=True)
        try:
            while True:
                self._serve(self.listener.accept()[0])
        except BlockingIOError:
            pass
        self.listener.close()
        self.listener = None

    async def _accept(self):
        loop = asyncio.get_running_loop()
        readable = asyncio.Event()
        loop.add_reader(self.listener, readable.set)
        try:
            while True:
                await readable.wait()
                readable.clear()
                try:
                    while True:
                        self._serve(self.listener.accept()[0])
                except BlockingIOError:
                    pass
        finally:
            loop.remove_reader(self.listener)

    def _serve(self, connection):
        self.accepted += 1
        connection.setblocking(False)
        plan = course("steady" if self.behaves else self.role, self.seed, self.name, self.accepted)
        task = asyncio.create_task(self._converse(connection, plan))
        self.open.add(task)
        task.add_done_callback(self.open.discard)

    async def _converse(self, connection, plan):
        reader = asyncio.StreamReader()
        streams = asyncio.get_running_loop().create_future()
        # The callback makes it a server's stream, for STARTTLS; it may be called again when TLS is up.
        protocol = asyncio.StreamReaderProtocol(
            reader, lambda _, writer: streams.done() or streams.set_result(writer))
        await asyncio.get_running_loop().connect_accepted_socket(lambda: protocol, connection)
        await Conversation(reader, await streams, plan, self.certificates).hold()


def certificates(authority, stranger):
    """TLS contexts by what is wrong with them."""
    return {
        "good": _context(authority.issue("soak.test")), "name": _context(authority.issue("other.test")),
        "expired": _context(authority.issue("soak.test", days=0)), "stranger": _context(stranger.issue("soak.test"))}


def _context(pair):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*pair)
    return context
