"""A server of ours: a port, and a thread for each client."""

import socket
import ssl
import threading


class Listener:
    """Listens on a free `port` of `address` until the `with` ends; `converse` is told of each client."""

    def __init__(self, address="127.0.0.1"):
        self.listener = socket.create_server((address, 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def converse(self, client):
        """Talks to a client; on a thread of its own."""
        raise NotImplementedError

    def accepted(self):
        """A client has come."""

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        # Wakes the thread that accepts, which closing alone would not.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def _serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            self.accepted()
            threading.Thread(target=self._converse, args=(client,), daemon=True).start()

    def _converse(self, client):
        client.settimeout(60)
        try:
            with client:
                self.converse(client)
        except (OSError, ssl.SSLError):
            pass  # The client has gone.
