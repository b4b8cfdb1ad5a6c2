"""What a server does to one connection: a conversation as it should be, or one that goes wrong at a step."""

import asyncio
import random
import socket
import struct

# Where a conversation goes wrong, and how.
STEPS = ("banner", "ehlo", "starttls", "auth", "quit")
HARMS = ("reset", "close", "half", "hang", "garbage", "drip", "flood", "busy", "refuse")
# As long as no client waits: what hangs must not hang forever.
PATIENCE = 20


class Course:
    """What will happen on a connection: where it goes wrong and how, and which certificate it shows."""

    def __init__(self, step=None, harm=None, certificate="good", refuses_login=False):
        self.step, self.harm = step, harm
        self.certificate, self.refuses_login = certificate, refuses_login

    def __str__(self):
        return f"{self.harm} at {self.step}" if self.harm else f"certificate {self.certificate}"


def course(role, seed, name, number):
    """The course of a target's connection of that number: the same for the same seed, whatever the time is."""
    chance = random.Random(f"{seed}/{name}/{number}")
    ill = Course(chance.choice(STEPS), chance.choice(HARMS))
    share = {"mixed": 0.5, "restarted": 0.2, "asked": 0.2, "examined": 0.5, "coming": 0.2}.get(role, 0)
    if role == "certificates":
        return Course(certificate=chance.choice(("good", "name", "expired", "stranger")))
    if role == "login":
        return Course(refuses_login=True)
    if role == "flaky":
        # What a retry may repair: the greeting alone.
        return Course("banner", chance.choice(("reset", "close", "busy"))) if chance.random() < 0.4 else Course()
    return ill if chance.random() < share else Course()


class Conversation:
    """A server's side of one connection."""

    def __init__(self, reader, writer, course, certificates):
        self.reader, self.writer = reader, writer
        self.course, self.certificates = course, certificates

    async def hold(self):
        """From the greeting to the end, whoever brings it about."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._talk()
        except (OSError, EOFError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            pass  # The client is gone, or waits no longer: as it should be.
        finally:
            self.writer.close()

    async def _talk(self):
        if await self._goes_wrong("banner"):
            return
        await self._say("220 soak.test ESMTP")
        secure = False
        while line := (await self.reader.readline()).decode("latin-1").strip():
            verb = line.split()[0].upper()
            step = {"EHLO": "ehlo", "AUTH": "auth", "QUIT": "quit", "STARTTLS": "starttls"}.get(verb)
            if step and await self._goes_wrong(step):
                return
            if verb == "EHLO":
                offer = "AUTH PLAIN" if secure else "STARTTLS"
                await self._say("250-soak.test", "250-SIZE 10240000", f"250 {offer}")
            elif verb == "STARTTLS":
                await self._say("220 go")
                await self.writer.start_tls(self.certificates[self.course.certificate])
                secure = True
            elif verb == "AUTH":
                await self._say("535 5.7.8 no" if self.course.refuses_login else "235 2.7.0 welcome")
            elif verb == "QUIT":
                return await self._say("221 bye")
            else:
                await self._say("250 fine")

    async def _say(self, *lines):
        self.writer.write("".join(f"{line}\r\n" for line in lines).encode())
        await self.writer.drain()

    async def _goes_wrong(self, step):
        """Does the harm where it belongs; the conversation is over then."""
        if self.course.step != step or not self.course.harm:
            return False
        await getattr(self, f"_{self.course.harm}")()
        return True

    async def _reset(self):
        self.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def _close(self):
        self.writer.close()

    async def _half(self):
        if self.writer.can_write_eof():
            self.writer.write_eof()
        await self._hang()

    async def _hang(self):
        while await self.reader.read(65536):
            pass

    async def _garbage(self):
        self.writer.write(bytes(range(256)) * 20 + b"\n")
        await self._hang()

    async def _drip(self):
        for byte in b"220-slowly, and slower, and slower\r\n" * 20:
            if self.writer.is_closing():
                return
            self.writer.write(bytes([byte]))
            await asyncio.sleep(0.05)

    async def _flood(self):
        for _ in range(100):
            if self.writer.is_closing():
                return
            self.writer.write((b"220-" + b"x" * 400 + b"\r\n") * 10)
            await self.writer.drain()
            await asyncio.sleep(0)

    async def _busy(self):
        await self._say("421 4.3.2 too busy")

    async def _refuse(self):
        await self._say("554 5.7.1 not you")
        await self._hang()
