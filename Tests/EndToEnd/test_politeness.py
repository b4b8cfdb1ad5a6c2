"""Many probes leave nothing in a mail server's log that its operator would have to look into."""

from concurrent.futures import ThreadPoolExecutor

from conftest import PASSWORD
from servers.exim import Exim
from servers.waiting import wait_until
from smtpwatch import UP

ROUNDS = 20
OFFENCES = ("improper command pipelining", "lost connection", "non-SMTP command", "timeout after",
            "SSL_accept error", "warning")


def test_quick_probes_leave_no_complaint_in_the_mail_log(postfix, probe):
    mark = len(postfix.log)
    envelope = ("--from", "probe@example.test", "--to", "sink@example.test")
    probes = ROUNDS * [
        lambda: probe(postfix.submission),
        lambda: probe(postfix.relay, "--tls", "none"),
        lambda: probe(postfix.submissions, "--tls", "implicit", password=PASSWORD),
        lambda: probe(postfix.submission, *envelope, password=PASSWORD),
        lambda: probe(postfix.relay, "--from", "probe@example.test", "--to", "x@foreign.test")]
    with ThreadPoolExecutor(4) as several:
        ends = [run.code for run in several.map(lambda run: run(), probes)]
    assert ends.count(UP) == 4 * ROUNDS, ends

    log = postfix.log_since(mark, len(probes))
    assert not [line for line in log.splitlines() if any(offence in line for offence in OFFENCES)]
    farewells = [line for line in log.splitlines() if "disconnect from" in line]
    assert all(" quit=1 " in line for line in farewells), farewells


# What Exim, told to log everything, writes of any client that says EHLO and QUIT: none is a complaint.
EXIM_ALLOWED = ("(TCP/IP connection count = ", " closed by QUIT", " no MAIL in SMTP connection from ")


def test_quick_probes_leave_no_complaint_in_exims_log(lab, certificate, probe):
    with Exim(lab, certificate) as exim:
        mark = len(exim.log)
        with ThreadPoolExecutor(4) as several:
            modes = 50 * ["starttls", "none"]
            ends = list(several.map(lambda mode: probe(exim.port, "--tls", mode).code, modes))
        assert ends == [UP] * 100
        wait_until(lambda: exim.log.count(" no MAIL in ") >= 100, "the sessions to end in Exim's log")
        lines = exim.log[mark:].splitlines()
        assert not [line for line in lines if not any(words in line for words in EXIM_ALLOWED)]
        assert sum(" closed by QUIT" in line for line in lines) == 100
