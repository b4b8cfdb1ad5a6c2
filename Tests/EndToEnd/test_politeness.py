"""Many probes leave nothing in a mail server's log that its operator would have to look into."""

from concurrent.futures import ThreadPoolExecutor

from conftest import PASSWORD
from servers.dovecot_submission import DovecotSubmission
from servers.exim import Exim
from servers.waiting import wait_until
from smtpwatch import UP

ROUNDS = 20
OFFENCES = ("improper command pipelining", "lost connection", "non-SMTP command", "timeout after",
            "SSL_accept error", "warning")


def test_quick_probes_leave_no_complaint_in_the_mail_log(postfix, probe, caller):
    mark = len(postfix.log)
    here = ("--source-address", caller)
    envelope = ("--from", "probe@example.test", "--to", "sink@example.test")
    probes = ROUNDS * [
        lambda: probe(postfix.submission, *here),
        lambda: probe(postfix.relay, "--tls", "none", *here),
        lambda: probe(postfix.submissions, "--tls", "implicit", *here, password=PASSWORD),
        lambda: probe(postfix.submission, *envelope, *here, password=PASSWORD),
        lambda: probe(postfix.relay, "--from", "probe@example.test", "--to", "x@foreign.test", *here)]
    with ThreadPoolExecutor(4) as several:
        ends = [run.code for run in several.map(lambda run: run(), probes)]
    assert ends.count(UP) == 4 * ROUNDS, ends

    log = postfix.log_since(mark, len(probes), caller)
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


def test_a_hundred_probes_wait_for_the_whole_greeting_of_postscreen(postfix, probe, caller):
    mark = len(postfix.log)
    with ThreadPoolExecutor(10) as several:
        modes = 50 * ["starttls", "none"]
        ends = list(several.map(lambda mode: probe(postfix.screened, "--tls", mode, "--source-address", caller).code, modes))
    assert ends == [UP] * 100
    lines = postfix.log_since(mark, 100, caller).splitlines()
    assert sum("postscreen" in line and "CONNECT from" in line for line in lines) == 100
    assert not [line for line in lines if any(
        offence in line for offence in (*OFFENCES, "PREGREET", "HANGUP", "PIPELINING", "BARE NEWLINE"))]


# What Dovecot writes of a client that leaves with QUIT.
DOVECOT_FAREWELL = "Aborted login by logging out (no auth attempts"


def test_a_hundred_probes_leave_no_complaint_in_dovecots_log(lab, probe):
    with DovecotSubmission(lab) as dovecot:
        mark = len(dovecot.log)
        with ThreadPoolExecutor(4) as several:
            ends = list(several.map(lambda _: probe(dovecot.port, "--tls", "none").code, range(100)))
        assert ends == [UP] * 100, dovecot.log
        wait_until(
            lambda: dovecot.log.count("Disconnected") >= 100,
            lambda: f"the sessions to end in Dovecot's log: {dovecot.log[-2000:]}")
        assert all(DOVECOT_FAREWELL in line for line in dovecot.log[mark:].splitlines()), dovecot.log[mark:]
