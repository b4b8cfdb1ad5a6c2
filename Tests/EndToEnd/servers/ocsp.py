"""OCSP without a network: `openssl ocsp` signs what it knows of a certificate into a file, `openssl s_server` staples
whatever file it is given."""

import os
import subprocess
import threading

from .daemon import Daemon
from .waiting import free_port, wait_until


class Responder:
    """Signs for one issuer, by a certificate and its key that are the issuer's own or another's."""

    def __init__(self, directory, issuer, signer, clock=None):
        """`issuer` is its certificate's file, `signer` the files of a certificate and its key, `clock` a library that
        moves the time of a process."""
        directory.mkdir()
        directory.chmod(0o755)
        self.directory, self.issuer, self.signer, self.clock = directory, issuer, signer, clock

    def staple(self, certificate, status="V", days=7, offset=0):
        """A file with a response: V says good, R revoked, nothing unknown; made as many seconds off as `offset`."""
        count = len(list(self.directory.iterdir()))
        index, request, response, moved = (self.directory / f"{name}-{count}" for name in (
            "index", "request", "response", "offset"))
        index.write_text("".join(
            f"{status}\t360101000000Z\t{'260101120000Z,keyCompromise' if status == 'R' else ''}\t{serial}\tunknown\t/CN=x\n"
            for serial in ([self._serial(certificate)] if status else [])))
        moved.write_text(str(offset))
        time = {"WALL_CLOCK_OFFSET": str(moved), "LD_PRELOAD": str(self.clock)} if offset else {}
        self._openssl("-issuer", self.issuer, "-cert", certificate, "-reqout", request, "-no_nonce")
        self._openssl(
            "-index", index, "-CA", self.issuer, "-rsigner", self.signer[0], "-rkey", self.signer[1], "-reqin", request,
            "-respout", response, "-ndays", str(days), **time)
        return response

    @staticmethod
    def _openssl(*arguments, **environment):
        subprocess.run(["openssl", "ocsp", *arguments], check=True, capture_output=True,
                       env={**os.environ, **environment})

    @staticmethod
    def _serial(certificate):
        run = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-serial"], check=True,
                             capture_output=True, text=True)
        return run.stdout.strip().partition("=")[2]


class StaplingServer(Daemon):
    """A port of implicit TLS that staples, also what mail servers refuse to; it answers one client a few commands."""

    def __init__(self, directory, certificate, staple=None):
        """`certificate` is its file and its key's, `staple` a file with an OCSP response."""
        directory.mkdir()
        super().__init__(directory)
        self.port = free_port()
        self.command = [
            "openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-cert", certificate[0], "-key", certificate[1],
            "-quiet", "-naccept", "1", *(["-status_file", staple] if staple else [])]

    def start(self):
        """Starts it with a greeting in its mouth."""
        self.process = subprocess.Popen(
            [str(part) for part in self.command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, bufsize=0)
        self.process.stdin.write(b"220 mail.example.test ESMTP\r\n")
        wait_until(self.is_listening, "s_server to listen")
        threading.Thread(target=self._converse, daemon=True).start()

    def is_listening(self):
        """Whether its port is open; a connection to find out would be the one that it serves."""
        with open("/proc/net/tcp", encoding="ascii") as table:
            return any(line.split()[1:4:2] == [f"0100007F:{self.port:04X}", "0A"] for line in list(table)[1:])

    def _converse(self):
        for line in self.process.stdout:
            answer = b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mail.example.test\r\n"
            try:
                self.process.stdin.write(answer)
            except BrokenPipeError:
                return
