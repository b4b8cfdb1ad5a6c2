"""Test messages: where they arrive they are found, counted and removed; nothing else is touched."""

import shutil
import signal
import time

import pytest

from servers.imap import Mailbox
from servers.waiting import wait_until

BOX_PASSWORD = "left horse+battery=8"


@pytest.fixture(scope="module")
def mailbox(lab, certificate, postfix):
    with Mailbox(lab, certificate, "boxed.test", BOX_PASSWORD, postfix.mailbox) as server:
        yield server


@pytest.fixture
def account(mailbox):
    """A mailbox of this test's own: its address, and where its files are."""
    return mailbox.new_user()


@pytest.fixture
def watched(postfix):
    """A configuration with a target that sends to an address and looks for it in a mailbox."""
    def configuration(to, delivery, target=None, **more):
        module = {
            "timeout": "20s", "diagnosis": "passive", "tls": {"mode": "none"},
            "send": {"from": "probe@example.test", "to": to, "every": "1s", **more},
            "delivery": {"poll_interval": "1s", **delivery}}
        target = {"name": "mail", "host": "127.0.0.1", "port": postfix.relay, "module": "m", "interval": "1s",
                  **(target or {})}
        return {"modules": {"m": module}, "targets": [target]}
    return configuration


@pytest.fixture
def imap(mailbox, account, authority, tmp_path):
    """The settings of the mailbox."""
    def settings(password=BOX_PASSWORD, port=mailbox.imaps, **more):
        path = tmp_path / "imap-password"
        path.touch(mode=0o600)
        path.write_text(password + "\n")
        return {"host": "127.0.0.1", "port": port, "username": account[0], "password_file": str(path),
                "ca_file": str(authority.certificate), **more}
    return settings


def delivery(monitor):
    return monitor.api("targets/mail")["delivery"]


def wait_for_deliveries(monitor, count=2):
    wait_until(
        lambda: (delivery(monitor) or {"delivered": 0})["delivered"] >= count,
        lambda: f"{count} deliveries: {delivery(monitor)}\n{monitor.output}")


@pytest.fixture
def maildir(postfix):
    """The Maildir of one of Postfix's users, `maildir.name`, to whom only this test writes."""
    return postfix.new_maildir()


def messages(maildir):
    return {path.name: path.read_text() for path in [*maildir.glob("new/*"), *maildir.glob("cur/*")]}


def test_a_maildir_is_emptied_of_test_messages_and_of_nothing_else(maildir, watched, start):
    (maildir / "new/1.mail").write_text("Subject: private\n\nhello\n")
    forged = "sw1-69253f00-" + "0" * 32 + "-" + "0" * 32
    (maildir / "new/2.forged").write_text(f"X-Smtpwatch-Token: {forged}\n\n")
    monitor = start(configuration=watched(
        f"{maildir.name}@example.test", {"maildir": str(maildir)}, chunking=True, max_per_day=2))
    wait_for_deliveries(monitor)
    assert monitor.metric("smtp_probe_delivery_delivered_total", target="mail", folder="inbox") == 2
    assert monitor.metric("smtp_probe_delivery_lost_total", target="mail") == 0
    assert monitor.metric("smtp_probe_delivery_latency_seconds_count", target="mail") == 2
    assert monitor.metric("smtp_probe_delivery_mailbox_up", target="mail") == 1
    assert monitor.metric("smtp_probe_delivery_authentication", target="mail", method="spf", verdict="missing") == 1
    assert "Delivery</h2>" in monitor.get("/targets/mail")[2]
    assert monitor.end() == 0
    assert set(messages(maildir)) == {"1.mail", "2.forged"}


def test_a_monitor_takes_its_messages_over_lmtp(postfix, watched, start):
    monitor = start(configuration=watched("any@listened.test", {"lmtp_listen": f"127.0.0.1:{postfix.listener}"}))
    wait_for_deliveries(monitor)
    assert delivery(monitor)["last"]["folder"] == "inbox"


def test_an_imap_account_is_emptied_also_of_junk(account, watched, imap, start):
    address, files = account
    monitor = start(configuration=watched(address, {"imap": imap()}, max_per_day=2))
    wait_for_deliveries(monitor)
    wait_until((files / ".Unwanted/new").exists, "the junk folder")
    wait_until(lambda: not messages(files), lambda: f"the mailbox to be empty: {messages(files)}")
    assert monitor.metric("smtp_probe_delivery_delivered_total", target="mail", folder="inbox") == 2


def test_a_message_in_junk_is_found_there(postfix, account, watched, imap, start):
    address, files = account
    sieve_less = watched(
        address, {"imap": imap(folders=["Unwanted"]), "late_after": "1s", "lost_after": "2s"}, max_per_day=1)
    monitor = start(configuration=sieve_less)
    # The message is in the inbox, where nobody looks: it is lost, with the name that the server gave it.
    wait_until(lambda: (delivery(monitor) or {"lost": 0})["lost"] == 1, lambda: f"a loss: {monitor.output}")
    queue_id = delivery(monitor)["missing"]["queue_id"]
    assert queue_id
    wait_until(lambda: queue_id in postfix.log, f"{queue_id} in the mail log")
    wait_until(lambda: monitor.state_of("mail") == ("degraded", "ok"), lambda: str(monitor.state_of("mail")))
    last = monitor.api("targets/mail")["last"]
    assert "accepted the test message, and it did not arrive: queue id " in last["message"]
    assert "in the mail log of 127.0.0.1" in last["remedy"]
    for path in ("/", "/targets/mail"):
        page = monitor.get(path)[2]
        assert "Test message accepted, but it did not arrive" in page and f"<code>{queue_id}" in page, path
    events = [event for event in monitor.api("targets/mail/events")["events"] if event["kind"] == "delivery"]
    assert any("did not arrive" in event["to"] for event in events)
    assert monitor.metric("smtp_probe_warning", target="mail", warning="message_lost") == 1
    # What is moved to the junk folder is found after all.
    [ours] = wait_until(lambda: list(files.glob("new/*")), "the message in the inbox")
    assert "X-Smtpwatch-Token" in ours.read_text()
    ours.rename(files / ".Unwanted/new" / ours.name)
    wait_until(
        lambda: monitor.metric("smtp_probe_delivery_delivered_total", target="mail", folder="junk") >= 1,
        lambda: f"the message in junk: {monitor.output}")


@pytest.mark.parametrize("wrong, words", [
    ({"password": "wrong horse"}, "refuses the login"),
    ({"folders": ["Nowhere"]}, "has no folder 'Nowhere'"),
])
def test_a_mailbox_that_cannot_be_read_says_why(wrong, words, account, watched, imap, start):
    monitor = start(configuration=watched(
        account[0], {"imap": imap(**wrong), "late_after": "1s", "lost_after": "1s"}))
    wait_until(
        lambda: words in ((delivery(monitor) or {}).get("mailbox_error") or ""),
        lambda: f"'{words}': {delivery(monitor)}")
    assert monitor.metric("smtp_probe_delivery_mailbox_up", target="mail") == 0
    wait_until(lambda: delivery(monitor)["in_flight"] >= 2, "messages in flight")
    # What nobody could see is not lost, and no secret gets out.
    assert delivery(monitor)["lost"] == 0
    assert "horse" not in monitor.output + monitor.get("/config")[2] + monitor.get("/targets/mail")[2]


def test_a_mailbox_that_hangs_holds_up_nobody(silent_door, account, watched, imap, start):
    monitor = start(configuration=watched(account[0], {"imap": imap(port=silent_door.port)}))
    wait_until(
        lambda: "in time" in ((delivery(monitor) or {}).get("mailbox_error") or ""),
        lambda: f"the timeout: {delivery(monitor)}")
    wait_until(lambda: monitor.metric("smtp_probe_runs_total", target="mail") >= 3, "probes to go on")
    assert monitor.end() == 0


def test_what_the_receiver_found_of_the_sender_is_told(postfix, watched, start):
    monitor = start(configuration=watched("judged@example.test", {"maildir": str(postfix.new_maildir("judged"))}))
    wait_for_deliveries(monitor, 1)
    for method, verdict in {"spf": "pass", "dkim": "temperror", "dmarc": "none"}.items():
        assert monitor.metric(
            "smtp_probe_delivery_authentication", target="mail", method=method, verdict=verdict) == 1, method
    assert "SPF pass, DKIM temperror, DMARC none" in monitor.get("/targets/mail")[2]


def test_no_more_messages_go_than_a_day_may_have(maildir, watched, start, postfix):
    monitor = start(configuration=watched(
        f"{maildir.name}@example.test", {"maildir": str(maildir)}, max_per_day=2))
    wait_until(
        lambda: monitor.metric("smtp_probe_messages_left_out_total", target="mail") >= 3,
        lambda: f"messages left out: {monitor.output}")
    assert monitor.metric("smtp_probe_messages_sent_total", target="mail") == 2
    assert monitor.metric("smtp_probe_runs_total", target="mail") >= 5
    told = [event["to"] for event in monitor.api("targets/mail/events")["events"] if event["kind"] == "delivery"]
    assert len([words for words in told if "send.max_per_day is 2" in words]) == 1, told


@pytest.fixture
def dual(tmp_path):
    """The beginning of a command for which dual.example.test has an address of each family."""
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost dual.example.test\n::1 dual.example.test\n")
    return ["unshare", "--mount", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$@"', "sh"]


def test_each_address_sends_a_message_of_its_own_and_each_is_verified(postfix, maildir, watched, start, dual):
    monitor = start(wrapper=dual, configuration=watched(
        f"{maildir.name}@example.test", {"maildir": str(maildir)},
        {"host": "dual.example.test", "port": postfix.both, "ip": "each"}))
    names = {"dual.example.test (127.0.0.1)", "dual.example.test (::1)"}
    def delivered():
        return {way["server"]: way["delivered"] for way in (delivery(monitor) or {"servers": []})["servers"]}
    wait_until(lambda: set(delivered()) == names and min(delivered().values()) >= 2, lambda: str(delivery(monitor)))
    assert monitor.state_of("mail") == ("up", "ok")
    page = monitor.get("/targets/mail")[2]
    assert "Test messages by the server that took them over" in page
    assert monitor.metric("smtp_probe_delivery_lost_total", target="mail") == 0


def test_an_address_that_loses_is_told_from_one_that_delivers(postfix, maildir, watched, start, dual):
    monitor = start(wrapper=dual, configuration=watched(
        f"{maildir.name}@example.test",
        # Longer than a busy machine takes to deliver what is not thrown away.
        {"maildir": str(maildir), "late_after": "1s", "lost_after": "10s"},
        {"host": "dual.example.test", "port": postfix.losing, "ip": "each"}))
    monitor.wait_for("mail", "degraded", "ok")
    found = delivery(monitor)
    ways = {way["server"]: way for way in found["servers"]}
    assert ways["dual.example.test (127.0.0.1)"]["delivered"] >= 1 and ways["dual.example.test (127.0.0.1)"]["lost"] == 0
    assert ways["dual.example.test (::1)"]["delivered"] == 0 and ways["dual.example.test (::1)"]["lost"] >= 1
    assert found["missing"]["server"] == "dual.example.test (::1)"
    assert found["missing"]["queue_id"] in postfix.log
    last = monitor.api("targets/mail")["last"]
    assert "The server dual.example.test (::1) accepted the test message, and it did not arrive" in last["message"]
    assert {member["address"]: member["outcome"] for member in last["members"]} == {
        "127.0.0.1": "up", "::1": "degraded"}


def test_messages_under_way_are_found_after_a_restart_with_their_whole_time(postfix, maildir, watched, start, tmp_path):
    """Killed while a message is under way; it is not signed with a key that the next process knows."""
    source, box = maildir, tmp_path / "box"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True)
    storage = ("--storage.path", tmp_path / "history")
    configuration = watched(f"{source.name}@example.test", {"maildir": str(box)}, every="1h")
    configuration["targets"][0]["host"] = "127.0.0.1"
    # The first message has to wait for its own moment, which a short period brings soon.
    configuration["modules"]["m"]["send"]["every"] = "2s"
    configuration["modules"]["m"]["send"]["max_per_day"] = 1
    monitor = start(*storage, configuration=configuration)
    wait_until(lambda: (delivery(monitor) or {"in_flight": 0})["in_flight"] == 1, lambda: str(delivery(monitor)))
    [sent] = wait_until(lambda: list(source.glob("new/*")), "the message in the other box")
    began = time.monotonic()
    monitor.signal(signal.SIGKILL)
    monitor.process.wait(timeout=60)
    monitor.process = None
    monitor = start(*storage, configuration=configuration)
    wait_until(lambda: (delivery(monitor) or {"in_flight": 0})["in_flight"] == 1, lambda: str(delivery(monitor)))
    wait_until(
        lambda: monitor.metric("smtp_probe_messages_left_out_total", target="mail") >= 1,
        "the limit, which holds after the restart too")
    waited = time.monotonic() - began
    shutil.move(sent, box / "new" / sent.name)
    wait_until(lambda: delivery(monitor)["delivered"] == 1, lambda: f"{delivery(monitor)} {monitor.output}")
    found = delivery(monitor)
    assert (found["sent"], found["in_flight"], found["lost"]) == (1, 0, 0)
    assert found["last"]["latency_seconds"] >= waited - 2
    assert monitor.metric("smtp_probe_messages_sent_total", target="mail") == 1
