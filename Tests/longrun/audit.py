"""Reads what the monitor says and what the kernel says of it, while it runs and when it has come to rest."""

import asyncio
import os
import re
import signal
import time
from collections import defaultdict
from pathlib import Path

import ledger
from disturbances import fetch, fetch_json
from scene import HISTORY

# Until then what is allocated once has been; a share of the run, as runs are of very different length.
WARM_UP = 0.35
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
PAGE = os.sysconf("SC_PAGE_SIZE")


class Audit:
    """The books of one run."""

    def __init__(self, scene, monitor):
        self.scene, self.monitor = scene, monitor
        self.begin = time.monotonic()
        self.memory, self.descriptors = [], []
        self.threads = 0
        self.totals = {}
        self.differences = {}
        self.seen = defaultdict(float)
        self.stopping = asyncio.Event()
        self.seconds = 0

    # While it runs

    async def observe(self):
        """Samples the process each second, scrapes the counters, and collects results before they are forgotten."""
        second = 0
        while not self.stopping.is_set():
            self._sample_process()
            if second % 3 == 0:
                await self._collect(self.scene.servers)
                await self._counters()
            second += 1
            try:
                await asyncio.wait_for(self.stopping.wait(), max(0.0, self.begin + second - time.monotonic()))
            except TimeoutError:
                pass

    async def finish(self, observing):
        """Ends the observation."""
        self.stopping.set()
        await observing
        self.seconds = time.monotonic() - self.begin

    def _sample_process(self):
        process = Path(f"/proc/{self.monitor.child.pid}")
        now = time.monotonic() - self.begin
        self.memory.append((now, int((process / "statm").read_text().split()[1]) * PAGE))
        self.descriptors.append((now, len(os.listdir(process / "fd"))))
        self.threads = len(os.listdir(process / "task"))

    async def _collect(self, servers):
        async def one(server):
            account = self.scene.accounts[server.name]
            page = await asyncio.to_thread(
                fetch_json, self.monitor.port, f"/api/v1/targets/{server.name}/results?limit={HISTORY}")
            # A target that went and came back in the meantime has another account.
            if page and self.scene.accounts[server.name] is account:
                account.take(reversed(page["results"]))
        await asyncio.gather(*map(one, servers))

    async def _counters(self):
        """Counters by target and name; complains of one that fell."""
        _, body = await asyncio.to_thread(
            fetch, self.monitor.port, "/metrics?collect[]=counters&collect[]=latencies&collect[]=monitor")
        found = defaultdict(lambda: defaultdict(float))
        for name, labels, value in SAMPLE.findall(body.decode()):
            target = re.search(r'target="([^"]*)"', labels)
            target = target[1] if target else ""
            found[target][name] += float(value)
            key = f"{name}{{{labels}}}"
            if name.endswith(("_total", "_count")) and not target.startswith("coming-"):
                if float(value) < self.seen[key]:
                    self.scene.complain(f"{key} fell from {self.seen[key]:g} to {value}")
                self.seen[key] = float(value)
        return found

    # At rest

    async def settle(self):
        """Brings everything to rest and compares the books. First the servers take no further connection, so that their
        counts stand still; then the targets are given long intervals, so that those of the monitor do."""
        await self._collect(self.scene.servers)
        for server in self.scene.servers:
            server.ignore()
            self.scene.accounts[server.name].is_closed = True
        await self._until(lambda: not any(server.open for server in self.scene.servers), "conversations end")
        # The last of them are on the monitor's books when every target has been probed again, in vain.
        marks = {account.name: self._in_vain(account) for account in self.scene.accounts.values()}
        await self._until(self._collected(
            lambda: all(self._in_vain(account) > marks[account.name] for account in self.scene.accounts.values())),
            "each target is probed again")
        for account in self.scene.accounts.values():
            account.leave_grid()
        self.scene.slow_down()
        self.monitor.child.send_signal(signal.SIGHUP)
        await self._until(self._collected(self._agree), "the books agree")
        for server in self.scene.servers:
            self.scene.complaints += self.differences.get(server.name, [])
        self._close(await self._counters())

    @staticmethod
    def _in_vain(account):
        return account.results if account.name.startswith("nameless") else account.unreached

    def _collected(self, condition):
        """A condition that is looked at when the latest results are entered; it may be a coroutine."""
        async def collected():
            await self._collect(self.scene.servers)
            found = condition()
            return await found if asyncio.iscoroutine(found) else found
        return collected

    async def _agree(self):
        """Whether the books of all targets agree; a result that came between two looks makes them differ once."""
        counters = await self._counters()
        self.differences = {server.name: self._differences(server, counters) for server in self.scene.servers}
        return not any(self.differences.values())

    async def _until(self, condition, what):
        end = time.monotonic() + 40
        while time.monotonic() < end:
            found = condition()
            if await found if asyncio.iscoroutine(found) else found:
                return
            await asyncio.sleep(0.2)
        self.scene.complain(f"waited in vain until {what}")

    def _differences(self, server, counters):
        scene, own = self.scene, counters[server.name]
        checks = counters[""]["smtpwatch_follow_up_checks_total"] if server.role == "examined" else 0
        found = ledger.differences(
            scene.accounts[server.name], own["smtp_probe_runs_total"], own["smtp_probe_retries_total"],
            server.accepted - scene.before[server.name], scene.asked[server.name], checks)
        parts = [own[f"smtp_probe_{part}"] for part in ("failures_total", "inconclusive_total", "latency_seconds_count")]
        if sum(parts) != own["smtp_probe_runs_total"]:
            found.append(f"{server.name}: {own['smtp_probe_runs_total']:g} runs are not the sum of {parts}")
        if own["smtp_probe_failure_reasons_total"] != own["smtp_probe_failures_total"]:
            found.append(f"{server.name}: reasons and failures differ in number")
        return found

    def _close(self, counters):
        """The totals; and the monitor's own view of what it left out and what it last loaded."""
        scene, own = self.scene, counters[""]
        names = ("runs", "retries", "failures", "inconclusive")
        totals = {name: int(sum(of[f"smtp_probe_{name}_total"] for of in counters.values())) for name in names}
        totals["accepted"] = sum(server.accepted for server in scene.servers)
        totals["unreached"] = sum(account.unreached for account in scene.accounts.values())
        totals["unsure"] = sum(account.unsure for account in scene.accounts.values())
        totals["reasons"] = len({re.sub(r'target="[^"]*",?', "", key) for key in self.seen
                                 if key.startswith("smtp_probe_failure_reasons_total") and self.seen[key]})
        self.totals = totals
        self.skipped = own["smtpwatch_probes_skipped_total"]
        self.left_out = sum(account.left_out for account in scene.accounts.values())
        gaps = {account.name: account.left_out for account in scene.accounts.values() if account.left_out}
        # A last result that is late by more than an interval seems to be of the next point.
        if self.left_out > self.skipped + len(gaps):
            scene.complain(f"{self.left_out} probes were left out, {self.skipped:g} are counted as skipped: {gaps}")
        if own["smtpwatch_config_last_reload_successful"] != 1:
            scene.complain("the configuration is good again and the monitor does not say so")
        for account in scene.accounts.values():
            if account.surplus:
                scene.complain(f"{account.name}: {account.surplus} results more than it was due")
            if not account.results:
                scene.complain(f"{account.name}: never probed")

    def figures(self):
        """All that was measured."""
        accounts = self.scene.accounts.values()
        late = [value for account in accounts for value in account.lateness]
        warm = [sample for sample in self.memory if sample[0] >= WARM_UP * self.seconds]
        descriptors = [sample for sample in self.descriptors if sample[0] >= WARM_UP * self.seconds]
        return {
            "seconds": self.seconds, "targets": len(self.scene.servers), "books": self.totals,
            "threads": self.threads,
            "memory": {"last_bytes": warm[-1][1], "growth_bytes": growth(warm),
                       "slope_bytes_a_minute": ledger.slope(warm) * 60},
            "descriptors": {"last": descriptors[-1][1], "growth": growth(descriptors)},
            "timer": {"late_ms_p50": ledger.quantile(late, 0.5), "late_ms_p99": ledger.quantile(late, 0.99),
                      "drift_ms": ledger.drift(accounts), "left_out": self.left_out, "skipped": self.skipped}}


def growth(samples):
    """By how much the median of the last third is above that of the first."""
    third = max(1, len(samples) // 3)
    return (ledger.quantile([value for _, value in samples[-third:]], 0.5)
            - ledger.quantile([value for _, value in samples[:third]], 0.5))
