"""A mailbox that lets nobody in, and says back what it was told."""

import ssl

from .listener import Listener


class IMAPScribe(Listener):
    """Serves IMAP over TLS on a free port until the `with` ends; `lines` has all that clients said."""

    def __init__(self, certificate):
        super().__init__()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(*certificate)
        self.lines = []

    def converse(self, client):
        with self.context.wrap_socket(client, server_side=True) as secured:
            secured.sendall(b"* OK ready\r\n")
            for line in secured.makefile("rb"):
                self.lines.append(line)
                tag, word, *_ = [*line.split(), b"", b""]
                reply = {b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n%s OK done", b"LOGOUT": b"* BYE\r\n%s OK done"}
                said = reply.get(word.upper(), b"%s NO not you: " + line.strip().replace(b"%", b"%%"))
                secured.sendall(said % tag + b"\r\n")
