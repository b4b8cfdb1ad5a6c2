"""What happens to a monitor in a long life, in an order that the seed decides: servers that go and come, reloads
in bursts, lists of targets that change, clients of all manners."""

import asyncio
import json
import random
import signal
import socket
import urllib.error
import urllib.request

GARBAGE = ("{", "targets: 12\n", "\x00\x01\x02", "modules: {default: {timeout: soon}}\n", "")


class Disturbances:
    """All that goes on beside the probes of one run; stops between two deeds, never within one."""

    def __init__(self, scene, monitor, seed):
        self.scene, self.monitor, self.seed = scene, monitor, seed
        self.stopping = asyncio.Event()
        self.tasks = []
        self.counts = {"restarts": 0, "reloads": 0, "broken_reloads": 0, "removals": 0, "requests": 0, "asked": 0}

    def start(self):
        """Lets all of it begin."""
        deeds = [self._restarts, self._reloads, self._removals, self._asking]
        self.tasks = [asyncio.create_task(deed(random.Random(f"{self.seed}/{deed.__name__}"))) for deed in deeds]
        self.tasks += [asyncio.create_task(self._client(random.Random(f"{self.seed}/client/{n}"))) for n in range(4)]

    async def stop(self):
        """Waits for the end of what is being done; raises what went wrong."""
        self.stopping.set()
        await asyncio.gather(*self.tasks)

    async def _pause(self, seconds):
        """True after that time, false at once where the end has come."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            pass
        return not self.stopping.is_set()

    async def _restarts(self, chance):
        servers = [server for server in self.scene.servers if server.role == "restarted"]
        while await self._pause(chance.uniform(0.3, 1.5)):
            server = chance.choice(servers)
            await server.stop()
            self.counts["restarts"] += 1
            await self._pause(chance.uniform(0.1, 2))
            server.start()

    async def _reloads(self, chance):
        good = self.scene.file.read_text()
        while await self._pause(chance.uniform(1, 5)):
            for _ in range(chance.randint(1, 20)):
                if chance.random() < 0.3:
                    self.scene.file.write_text(chance.choice(GARBAGE))
                    self.counts["broken_reloads"] += 1
                await self._reload(chance.random() < 0.5)
                self.scene.file.write_text(good)
            await self._reload(False)

    async def _reload(self, by_signal):
        self.counts["reloads"] += 1
        if by_signal:
            self.monitor.child.send_signal(signal.SIGHUP)
            await asyncio.sleep(0)
        else:
            await self._get("/-/reload", method="POST")

    async def _removals(self, chance):
        """Takes targets off their list and puts them back: each life has an account of its own."""
        coming = [server for server in self.scene.servers if server.role == "coming"]
        while coming and await self._pause(chance.uniform(0.5, 2)):
            gone = chance.sample(coming, chance.randint(1, len(coming)))
            self.scene.list_coming(without=gone)
            await self._until(lambda: self._known(gone, 404))
            # What was on its way is cancelled now; a server sees the last of it a moment later.
            await asyncio.sleep(0.5)
            before = [server.accepted for server in gone]
            await self._pause(chance.uniform(0.2, 2))
            for server, count in zip(gone, before):
                if server.accepted != count:
                    self.scene.complain(f"{server.name}: probed {server.accepted - count} times while it was gone")
                self.scene.open_account(server)
            self.scene.list_coming()
            await self._until(lambda: self._known(gone, 200))
            self.counts["removals"] += len(gone)

    async def _until(self, condition):
        async with asyncio.timeout(30):
            while not await condition():
                await asyncio.sleep(0.1)

    async def _known(self, servers, status):
        return all([await self._get(f"/api/v1/targets/{server.name}") == status for server in servers])

    async def _asking(self, chance):
        """Asks for probes by /probe; each makes one connection more."""
        asked = [server for server in self.scene.servers if server.role == "asked"]
        while asked and await self._pause(chance.uniform(0.1, 0.5)):
            server = chance.choice(asked)
            status = await self._get(f"/probe?target={server.address}:{server.port}&module=soak")
            if status != 200:
                self.scene.complain(f"/probe of {server.name}: {status}")
            self.scene.asked[server.name] += 1
            self.counts["asked"] += 1

    async def _client(self, chance):
        names = [server.name for server in self.scene.servers] + ["nobody"]
        paths = ["/metrics", "/metrics?collect[]=counters", "/", "/api/v1/summary", "/api/v1/targets", "/api/v1/sd",
                 "/config", "/-/healthy"]
        while await self._pause(chance.uniform(0.05, 0.5)):
            name = chance.choice(names)
            path = chance.choice([*paths, f"/targets/{name}", f"/api/v1/targets/{name}/events", f"/%00/{name}"])
            self.counts["requests"] += 1
            if chance.random() < 0.2:
                await self._rude(path, chance.uniform(0, 1))
            elif await self._get(path, headers={"Accept-Encoding": chance.choice(("gzip", "identity"))}) >= 500:
                self.scene.complain(f"{path}: an error of the monitor's own")

    async def _rude(self, path, seconds):
        """Asks and goes without having read."""
        with socket.create_connection(("127.0.0.1", self.monitor.port), timeout=5) as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: soak\r\n{'' if seconds > 0.5 else chr(13) + chr(10)}".encode())
            await self._pause(seconds)

    async def _get(self, path, method="GET", headers=None):
        return (await asyncio.to_thread(fetch, self.monitor.port, path, method, headers or {}))[0]


def fetch(port, path, method="GET", headers=None):
    """Status and body of an answer."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.read()


def fetch_json(port, path):
    """An answer of the API; nothing where there is no such thing."""
    status, body = fetch(port, path)
    return json.loads(body) if status == 200 else None
