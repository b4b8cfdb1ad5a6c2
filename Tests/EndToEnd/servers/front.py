"""A load balancer before a mail server: it tells in a PROXY header from where a client comes."""

import socket
import threading

from .listener import Listener


class Front(Listener):
    """Forwards to the port `behind`, and says that clients come from `client`, an IPv4 address."""

    def __init__(self, behind, client):
        super().__init__()
        self.behind, self.client = behind, client

    def converse(self, client):
        with socket.create_connection(("127.0.0.1", self.behind), timeout=10) as server:
            server.sendall(f"PROXY TCP4 {self.client} 127.0.0.1 50000 25\r\n".encode())
            back = threading.Thread(target=self._pass, args=(server, client), daemon=True)
            back.start()
            self._pass(client, server)
            back.join()

    @staticmethod
    def _pass(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # One side has gone, and the other hears of it.
