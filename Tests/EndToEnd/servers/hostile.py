"""A server that means harm: each of its ports does one bad thing to every client."""

import selectors
import socket
import struct
import threading

GREETING = b"220 mail.example.test ESMTP\r\n"


def _reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _hear(connection):
    connection.settimeout(5)
    return connection.recv(4096)


def _flood(connection):
    connection.settimeout(2)
    connection.sendall(b"220-" + b"x" * 500 + b"\r\n")
    for _ in range(2000):
        connection.sendall(b"220-" + b"x" * 500 + b"\r\n")


def _capabilities(connection):
    connection.sendall(GREETING)
    _hear(connection)
    connection.sendall(b"".join(b"250-CAPABILITY%d\r\n" % number for number in range(20000)) + b"250 END\r\n")


def _quit_forever(connection):
    connection.sendall(GREETING)
    _hear(connection)
    connection.sendall(b"250 8BITMIME\r\n")
    _hear(connection)
    connection.settimeout(2)
    while True:
        connection.sendall(b"221-not yet\r\n" * 100)


# What is done to a client, by name.
HARM = {
    "reset": _reset,
    "close": lambda connection: None,
    "noise": lambda connection: connection.sendall(bytes(range(256)) * 200 + b"\n"),
    "flood": _flood,
    "capabilities": _capabilities,
    "quit": _quit_forever,
    "alert": lambda connection: connection.sendall(b"\x15\x03\x03\x00\x02\x02\x28"),
    "early": lambda connection: (connection.sendall(GREETING + b"250 no\r\n" * 50), _hear(connection)),
}


class Hostile:
    """Serves on a port for each kind of harm; `ports` has them by name."""

    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.ports = {}
        self.sockets = []
        for name in HARM:
            listener = socket.create_server(("127.0.0.1", 0))
            self.ports[name] = listener.getsockname()[1]
            self.selector.register(listener, selectors.EVENT_READ, name)
            self.sockets.append(listener)
        self.stopping, self.stopper = socket.socketpair()
        self.selector.register(self.stopping, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopper.send(b".")
        self.thread.join()
        for open_socket in (*self.sockets, self.stopping, self.stopper):
            open_socket.close()

    def _serve(self):
        while True:
            for key, _ in self.selector.select():
                if key.data is None:
                    return
                connection, _ = key.fileobj.accept()
                threading.Thread(target=self._harm, args=(connection, HARM[key.data]), daemon=True).start()

    @staticmethod
    def _harm(connection, harm):
        with connection:
            try:
                harm(connection)
            except OSError:
                pass  # The client is gone, as it should be.
