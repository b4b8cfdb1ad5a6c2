"""Monitors that probe fast, and what tells that they go on."""

from servers.waiting import wait_until


def configuration(*ports, host="127.0.0.1", interval="200ms", **module):
    """Quick probes of servers without TLS, `watched-0` and so on."""
    module = {"timeout": "20s", "diagnosis": "passive", "retries": 0, "tls": {"mode": "none"}, **module}
    return {"modules": {"default": module}, "limits": {"per_address": 100}, "targets": [
        {"name": f"watched-{number}", "host": host, "port": port, "interval": interval}
        for number, port in enumerate(ports)]}


def runs(monitor, target="watched-0"):
    """How many probes of a target have ended."""
    return monitor.metric("smtp_probe_runs_total", target=target) or 0


def goes_on(monitor, more=2, target="watched-0"):
    """Waits for further probes."""
    before = runs(monitor, target)
    wait_until(lambda: runs(monitor, target) >= before + more, "further probes")
