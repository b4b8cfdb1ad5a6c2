"""A wire in front of a server on which everything that the client says is written down."""

import socket
import threading

from .listener import Listener


class Tap(Listener):
    """Hands on to another port of 127.0.0.1; `said` is what one client after the other sent. Whoever comes after one
    that said `last` waits until the end."""

    def __init__(self, server, last=None):
        super().__init__()
        self.server, self.last = server, last
        self.said = b""
        self.over = threading.Event()

    def __exit__(self, *details):
        self.over.set()
        super().__exit__(*details)

    def converse(self, client):
        if self.last and self.last in self.said:
            self.over.wait()
            return
        with socket.create_connection(("127.0.0.1", self.server)) as server:
            back = threading.Thread(target=self._carry, args=(server, client), daemon=True)
            back.start()
            self._carry(client, server, notes=True)
            back.join()

    def _carry(self, source, sink, notes=False):
        try:
            while part := source.recv(65536):
                self.said += part if notes else b""
                sink.sendall(part)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # One of them has gone.
