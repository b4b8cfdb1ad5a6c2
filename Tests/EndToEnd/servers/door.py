"""A door behind which nobody answers."""

import select
import socket


class Door:
    """A listening socket that lets clients wait; `knocked()` tells whether one does, `let_in()` waits for one."""

    def __init__(self):
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(60)
        self.port = self.socket.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def knocked(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def let_in(self):
        """The next client, who hears nothing for as long as this socket is open."""
        return self.socket.accept()[0]
