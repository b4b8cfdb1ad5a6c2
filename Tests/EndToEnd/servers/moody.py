"""An SMTP server of moods: it mostly works, and fails now and then in different ways. Fast, for many probes at once."""

import random

from .asynchronous import AsynchronousServer


class MoodySMTP(AsynchronousServer):
    """Works and fails by chance, the same chance for the same seed."""

    def __init__(self, seed=1, temper=1):
        """The more `temper`, the more often it fails."""
        super().__init__()
        self._temper = temper
        self._random = random.Random(seed)

    async def talk(self, reader, writer):
        mood = self._random.random()
        greeting = b"421 4.3.2 not now\r\n" if mood < 0.03 * self._temper else b"220 moody.example ESMTP\r\n"
        extra = b"250-DSN\r\n" if mood > 0.97 else b""
        replies = {
            b"EHLO": b"451 4.3.0 out of sorts\r\n" if mood < 0.05 * self._temper else
                     b"250-moody.example\r\n" + extra + b"250 SIZE 1000000\r\n",
            b"QUIT": b"221 2.0.0 bye\r\n"}
        try:
            writer.write(greeting)
            while line := await reader.readline():
                writer.write(replies.get(line[:4].upper(), b"500 5.5.1 what?\r\n"))
                if line[:4].upper() == b"QUIT":
                    break
        except OSError:
            # A client that was killed says no goodbye.
            pass
        finally:
            writer.close()
