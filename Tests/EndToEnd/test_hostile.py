"""Servers that mean harm cost the monitor neither memory nor descriptors, and no other target its probes."""

from servers.hostile import HARM, Hostile
from servers.waiting import wait_until

# After so many rounds whatever is allocated once has been; after so many more a leak would show.
WARM, LATER = 15, 75
MEBIBYTE = 1 << 20


def test_a_monitor_among_hostile_servers_leaks_nothing(start, postfix, authority):
    with Hostile() as hostile:
        targets = [
            {"name": name, "host": "127.0.0.1", "port": port, "interval": "200ms", "timeout": "1s", "retries": 0,
             "tls": {"mode": mode}}
            for name, port in hostile.ports.items() for mode in [{"alert": "implicit"}.get(name, "none")]]
        good = {"name": "good", "host": "127.0.0.1", "port": postfix.submission, "interval": "200ms",
                "tls": {"ca_file": str(authority.certificate)}}
        monitor = start(configuration={
            "modules": {"default": {"diagnosis": "passive"}}, "targets": [*targets, good],
            "limits": {"per_address": 50}})

        def runs():
            metrics = monitor.metrics()
            return min(metrics.get(("smtp_probe_runs_total", frozenset({("target", name)})), 0)
                       for name in [*HARM, "good"])

        def rested(rounds):
            wait_until(lambda: runs() >= rounds, lambda: f"{rounds} rounds, not {runs()}", deadline=300)
            return monitor.metric("process_resident_memory_bytes"), monitor.metric("process_open_fds")

        memory, descriptors = rested(WARM)
        later_memory, later_descriptors = rested(LATER)
        # In flight there are at most as many as there are targets.
        assert later_descriptors <= descriptors + len(targets), (descriptors, later_descriptors)
        assert later_memory <= memory + 8 * MEBIBYTE, (memory, later_memory)

        for name in HARM:
            # Replies ahead of their time are replies, and what comes of QUIT no longer counts.
            outcome = "up" if name in ("early", "quit") else "down"
            wait_until(lambda: monitor.state_of(name)[0] == outcome, lambda: f"{name} to be {outcome}: {monitor.state_of(name)}")
        # The good one went on as if it were alone.
        metrics = monitor.metrics()
        assert metrics[("smtp_probe_failures_total", frozenset({("target", "good")}))] == 0
