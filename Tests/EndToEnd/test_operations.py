"""From the metric to the pager: the rules and the routes of deploy/ as they are, only faster.

smtpwatch, Prometheus, Alertmanager and a webhook on loopback, and mail servers that stop, start and expire.
"""

import html
import re
import signal
from pathlib import Path

import pytest
import yaml

from servers.alertmanager import Alertmanager
from servers.certificates import Authority
from servers.postfix import HOSTNAME, Postfix
from servers.prometheus import Prometheus
from servers.waiting import wait_until
from servers.webhook import Webhook
from smtpwatch import Monitor

DEPLOY = Path(__file__).parents[2] / "deploy"
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FASTER = 60


def faster(duration, at_least=0):
    """A duration such as `5m`, as much shorter as everything here, in milliseconds."""
    number, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()
    return f"{max(at_least, int(number) * SECONDS[unit] * 1000 // FASTER)}ms"


def fast_rules():
    """The shipped rules with ranges and patience scaled."""
    rules = yaml.safe_load((DEPLOY / "prometheus/rules.yml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        rule["expr"] = re.sub(r"(?<=\[)\d+[smhd](?=\])|(?<=offset )\d+[smhd]",
                              lambda found: faster(found.group(), at_least=4000), rule["expr"])
        if "for" in rule:
            rule["for"] = faster(rule["for"])
    return rules


def fast_routes(webhook):
    """The shipped routes with times scaled, to a webhook for each receiver and to no mail server."""
    configuration = yaml.safe_load((DEPLOY / "alertmanager/alertmanager.yml").read_text())
    for route in (configuration["route"], *configuration["route"]["routes"]):
        # As in earnest, a group waits for longer than the rules take to be evaluated, each second here.
        for key, least in (("group_wait", 3000), ("group_interval", 500)):
            if key in route:
                route[key] = faster(route[key], at_least=least)
    for receiver in configuration["receivers"]:
        receiver.pop("email_configs", None)
        for hook in receiver.get("webhook_configs", []):
            hook["url"] = webhook.url(receiver["name"])
    return configuration


class Stack:
    """Everything from the mail server to the webhook."""

    def __init__(self, monitor, prometheus, alertmanager, webhook, postfix, configuration):
        self.monitor, self.prometheus, self.alertmanager = monitor, prometheus, alertmanager
        self.webhook, self.postfix, self.configuration = webhook, postfix, configuration

    def told(self, name, what, **labels):
        """The first alert that the webhook was told of, once it was."""
        return wait_until(
            lambda: self.webhook.alerts(name, **labels),
            lambda: f"{what}; told so far: "
                    f"{[alert['labels'] for _, body in self.webhook.notifications for alert in body['alerts']]}",
            deadline=120)[0]


@pytest.fixture(scope="module")
def stack(lab, postfix, certificate, dovecot, authority):
    directory = lab / "operations"
    directory.mkdir()
    directory.chmod(0o755)
    (directory / "expired").mkdir()
    (directory / "expired").chmod(0o755)
    expired_authority = Authority(directory / "expired-authority")
    expired = expired_authority.issue(HOSTNAME, "IP:127.0.0.1", days=-1)
    (directory / "monitor").mkdir()

    def configuration(**ports):
        # Passive, lest a mail server of this machine's own is found on the usual ports.
        tls = {"mode": "starttls", "ca_file": str(authority.certificate)}
        return {
            "modules": {"plain": {"timeout": "20s", "diagnosis": "passive", "retries": 0, "tls": tls}},
            "targets": [{"name": name, "host": "127.0.0.1", "port": port, "module": "plain", "interval": "1s",
                         **({"tls": {"ca_file": str(expired_authority.certificate)}} if name == "expired" else {})}
                        for name, port in ports.items()]}

    with (Postfix(directory, certificate, dovecot) as own,
          Postfix(directory / "expired", expired, dovecot) as outdated,
          Monitor(directory / "monitor", configuration=configuration(
              own=own.submission, steady=postfix.submission, relay=postfix.relay,
              expired=outdated.submission)) as monitor,
          Webhook() as webhook,
          Alertmanager(directory, fast_routes(webhook)) as alertmanager,
          Prometheus(directory, monitor.port, rules=fast_rules(),
                     alertmanager_port=alertmanager.port) as prometheus):
        yield Stack(monitor, prometheus, alertmanager, webhook, own, configuration)


def test_the_dead_mans_switch_reaches_its_receiver(stack):
    stack.told("Watchdog", "the watchdog", receiver="heartbeat")


def test_an_expired_certificate_is_one_alert_that_names_it(stack):
    alert = stack.told("SMTPCertificateExpired", "the expired certificate", receiver="pager", target="expired")
    assert "expired" in alert["annotations"]["description"]
    # The probe fails for it too: that adds nothing, and stays quiet.
    wait_until(lambda: ("expired", "suppressed") in stack.alertmanager.alerts("SMTPProbeFailing"),
               "the failing probe to be inhibited by its cause")
    assert not stack.webhook.alerts("SMTPProbeFailing", target="expired")


def test_a_stopped_server_is_told_with_its_reason_and_its_return_too(stack):
    stack.monitor.wait_for("own", "up", "ok")
    stack.postfix.stop()
    alert = stack.told("SMTPProbeFailing", "the stopped server", receiver="pager", target="own")
    assert "connect_refused at stage connect" in alert["annotations"]["description"]
    assert alert["annotations"]["runbook_url"].endswith("/SMTPProbeFailing.md")

    # The page and the metric say the same.
    last = stack.monitor.api("targets/own")["last"]
    assert last["reason"] == "connect_refused"
    assert last["message"] in html.unescape(stack.monitor.get("/")[2])
    assert stack.prometheus.query('smtp_probe_status_reason{target="own",reason="connect_refused"} == 1')

    stack.postfix.start()
    wait_until(lambda: stack.webhook.alerts("SMTPProbeFailing", status="resolved", target="own"),
               "the alert to be resolved")
    # Those that were well all the time woke nobody.
    assert not [alert for name in ("SMTPProbeFailing", "SMTPAllTargetsFailing")
                for alert in stack.webhook.alerts(name) if alert["labels"].get("target") != "own"]


def test_when_all_targets_fail_one_alert_says_so(stack):
    targets = {"north": stack.postfix.submission, "south": stack.postfix.relay, "east": stack.postfix.submission}
    stack.monitor.configure(stack.configuration(**targets))
    stack.monitor.signal(signal.SIGHUP)
    wait_until(lambda: {labels["target"]: value for labels, value
                        in stack.prometheus.query("target:smtp_probe_failing:ratio")} == dict.fromkeys(targets, 0),
               "the rules to know these targets only, and all well")
    stack.postfix.stop()
    alert = stack.told("SMTPAllTargetsFailing", "the alert for all targets", receiver="pager")
    assert "connect_refused" in alert["annotations"]["description"]
    wait_until(lambda: {(name, "suppressed") for name in targets} <= stack.alertmanager.alerts("SMTPProbeFailing"),
               "the single alerts to be inhibited")
    assert not [name for name in targets if stack.webhook.alerts("SMTPProbeFailing", target=name)]
