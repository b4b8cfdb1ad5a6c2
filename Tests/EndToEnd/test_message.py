"""How a test message goes over the wire, and that it arrives as it was sent."""

import re

import pytest

from servers.exim import Exim
from servers.tap import Tap
from servers.waiting import wait_until


@pytest.fixture
def send(start, postfix):
    """Has a monitor send one message to Postfix in clear; what it said, its transcript, and what arrived."""
    def run(sender="probe@example.test", **send):
        before = len(postfix.delivered())
        # The probe that sends stays the last one: the next never ends.
        with Tap(postfix.relay, last=b"MAIL FROM") as tap:
            target = {"name": "mx", "host": "127.0.0.1", "port": tap.port, "interval": "1s", "retries": 0,
                      "timeout": "10m", "timeouts": {"banner": "10m"}, "diagnosis": "off", "tls": {"mode": "none"},
                      "send": {"from": sender, "to": "sink@example.test", "every": "1s", "max_per_day": 1,
                               **send}}
            monitor = start(configuration={"targets": [target]})
            transcript = wait_until(lambda: sending(monitor.api("targets/mx")), "the probe that sends")
            wait_until(lambda: len(postfix.delivered()) == before + 1, "the message in the maildir")
        return tap.said, transcript, postfix.delivered()[-1]
    return run


def sending(page):
    """The transcript of the last probe, if that sent a message."""
    transcript = (page["last"] or {}).get("transcript", [])
    return transcript if any(line["text"].startswith("(message") for line in transcript) else None


def test_a_message_in_one_chunk_arrives_byte_by_byte(send):
    said, transcript, delivered = send(chunking=True)
    chunk = re.search(rb"BDAT (\d+) LAST\r\n", said)
    size = int(chunk[1])
    message = said[chunk.end():chunk.end() + size]
    # Nothing is stuffed or ended with a dot: the next command follows at once.
    assert said[chunk.end() + size:].startswith(b"QUIT\r\n")
    assert b"\r\nDATA\r\n" not in said
    assert f"SIZE={size}".encode() in said
    lines = [line["text"] for line in transcript if line["from"] == "client"]
    assert f"BDAT {size} LAST" in lines
    wire = delivered.replace(b"\n", b"\r\n")
    assert wire.endswith(message) and message.count(b"\r\n") > 8


def test_a_message_goes_with_data_where_nobody_asks_for_chunks(send):
    said, transcript, delivered = send()
    assert b"BDAT" not in said
    message = said.partition(b"\r\nDATA\r\n")[2].partition(b"\r\n.\r\n")[0] + b"\r\n"
    size = int(re.search(rb"SIZE=(\d+)", said)[1])
    assert len(message) == size
    assert delivered.replace(b"\n", b"\r\n").endswith(message)


def test_an_address_beyond_ascii_is_announced_and_arrives(send):
    said, _, delivered = send(sender="gr\u00fc\u00dfe@example.test", chunking=True)
    command = re.search(rb"MAIL FROM:<([^>]*)>([^\r]*)", said)
    assert command[1].decode() == "gr\u00fc\u00dfe@example.test"
    assert {b"SMTPUTF8", b"BODY=8BITMIME"} <= set(command[2].split())
    assert "Return-Path: <gr\u00fc\u00dfe@example.test>".encode() in delivered


@pytest.mark.parametrize("chunking", [True, False])
def test_exim_takes_a_message_in_one_chunk_or_with_data_and_delivers_it(lab, certificate, start, chunking):
    with Exim(lab, certificate, name=f"exim-chunking-{chunking}", delivers=True) as exim:
        with Tap(exim.port) as tap:
            monitor = start(configuration={"targets": [{
                "name": "exim", "host": "127.0.0.1", "port": tap.port, "interval": "10s", "retries": 0,
                "diagnosis": "off", "tls": {"mode": "none"},
                "send": {"from": "probe@example.test", "to": "sink@exim.test", "every": "1s", "max_per_day": 1,
                         "chunking": chunking},
                "delivery": {"maildir": str(exim.maildir), "poll_interval": "1s"}}]})
            wait_until(
                lambda: (monitor.api("targets/exim")["delivery"] or {"delivered": 0})["delivered"] == 1,
                lambda: f"{monitor.output}\n{exim.log}")
        assert monitor.state_of("exim") == ("up", "ok")
        assert (b"BDAT " in tap.said, b"\r\nDATA\r\n" in tap.said) == (chunking, not chunking)
        [received] = [line for line in exim.log.splitlines() if " <= " in line]
        # Exim's letter for CHUNKING.
        assert (" K " in received) == chunking, received
