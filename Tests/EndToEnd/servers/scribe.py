"""A small mail server that takes every login and writes down who said what, and when."""

import ssl
import time

from .listener import Listener


class Scribe(Listener):
    """Serves SMTP on a free port of `address`, with STARTTLS where there is a certificate, until the `with` ends.

    `arrivals` has the moment of each connection, `lines` all that clients said. One that `repeats` sends back in its
    refusals what it was told: so that whoever shows replies shows what was said.
    """

    def __init__(self, address="127.0.0.1", certificate=None, repeats=False, mechanisms="PLAIN LOGIN", banner=""):
        super().__init__(address)
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        self.repeats, self.mechanisms, self.banner = repeats, mechanisms, banner
        self.arrivals, self.lines = [], []

    def accepted(self):
        self.arrivals.append(time.monotonic())

    def converse(self, client):
        reader, state = client.makefile("rb"), "command"
        client.sendall(b"220 scribe.example ESMTP " + self.banner.encode() + b"\r\n")
        while line := reader.readline(65536):
            self.lines.append(line)
            said = line.strip()
            word = said.split(b" ")[0].upper()
            if state == "user":
                reply, state = b"334 UGFzc3dvcmQ6", "last"
            elif state == "last":
                reply, state = self._verdict(said), "command"
            elif word in (b"EHLO", b"LHLO"):
                tls = b"250-STARTTLS\r\n" if self.context and not isinstance(client, ssl.SSLSocket) else b""
                reply = b"250-scribe.example\r\n" + tls + b"250-AUTH " + self.mechanisms.encode() + b"\r\n250 8BITMIME"
            elif word == b"STARTTLS" and self.context:
                client.sendall(b"220 go ahead\r\n")
                client = self.context.wrap_socket(client, server_side=True)
                reader = client.makefile("rb")
                continue
            elif word == b"AUTH" and len(said.split(b" ")) == 2:
                reply, state = b"334 ", "user" if said.upper().endswith(b"LOGIN") else "last"
            elif word == b"AUTH":
                reply = self._verdict(said)
            elif word == b"QUIT":
                client.sendall(b"221 bye\r\n")
                return
            else:
                reply = b"250 fine"
            client.sendall(reply + b"\r\n")

    def _verdict(self, said):
        if not self.repeats:
            return b"235 welcome"
        secret = said.split(b" ")[-1]
        return b"535-5.7.8 no: " + said + b"\r\n535 5.7.8 once more: " + secret[3:]
