"""An SMTP server with one account, whose password changes when a test says so; it counts the logins that it refuses."""

import asyncio

from .asynchronous import AsynchronousServer


class LockableSMTP(AsynchronousServer):
    """Takes every login as long as it `accepts`; knows how many it `accepted` and `refused`."""

    def __init__(self):
        super().__init__()
        self.accepts = True
        self.accepted = 0
        self.refused = 0

    async def _login(self):
        if self.accepts:
            self.accepted += 1
            return b"235 2.7.0 welcome\r\n"
        self.refused += 1
        # Servers let who guesses wait.
        await asyncio.sleep(0.3)
        return b"535 5.7.8 Error: authentication failed\r\n"

    async def talk(self, reader, writer):
        replies = {b"EHLO": b"250-lockable.example\r\n250 AUTH PLAIN\r\n", b"QUIT": b"221 2.0.0 bye\r\n"}
        try:
            writer.write(b"220 lockable.example ESMTP\r\n")
            while line := await reader.readline():
                verb = line[:4].upper()
                writer.write(await self._login() if verb == b"AUTH" else replies.get(verb, b"500 5.5.1 what?\r\n"))
                if verb == b"QUIT":
                    break
        except OSError:
            # A client that was killed says no goodbye.
            pass
        finally:
            writer.close()
