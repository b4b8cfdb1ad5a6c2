"""The targets of a soak, their servers, and the books that are kept of them."""

import json

from ledger import Account
from servers_that_count import Server

# How many of ten and four targets play which role.
ROLES = ("steady", "mixed", "mixed", "mixed", "flaky", "restarted", "restarted", "certificates", "login", "nameless",
         "asked", "examined", "coming", "coming")
INTERVALS = (0.5, 0.6, 0.75, 1.0)
# Results that the monitor keeps of each target: little, so that memory is filled soon.
HISTORY = 32


class Scene:
    """Who plays which role, and what is known of each."""

    def __init__(self, lab, seed, count, certificates):
        self.lab = lab
        self.complaints = []
        self.is_slow = False
        self.accounts, self.asked, self.before = {}, {}, {}
        self.directory = lab.directory / "targets.d"
        self.directory.mkdir()
        self.servers = []
        for number in range(count):
            role = ROLES[number % len(ROLES)]
            server = Server(f"{role}-{number}", role, seed, f"127.77.{number // 250}.{number % 250 + 1}", certificates)
            self.servers.append(server)
            self.asked[server.name] = 0
            self.open_account(server)

    @property
    def file(self):
        """The configuration file, as the monitor's keeper calls it."""
        return self.lab.directory / "monitor-0.yml"

    def complain(self, text):
        """Something is not as promised."""
        self.complaints.append(text)

    def open_account(self, server):
        """From now on counts begin anew for a target: it is not there at the moment."""
        self.accounts[server.name] = Account(server.name, self.interval(server))
        self.before[server.name] = server.accepted

    def interval(self, server):
        """Seconds from probe to probe."""
        return 3600 if self.is_slow else INTERVALS[int(server.name.rsplit("-", 1)[1]) % len(INTERVALS)]

    def start_servers(self):
        """All of them listen."""
        for server in self.servers:
            if server.role != "nameless":
                server.start()

    def list_coming(self, without=()):
        """Writes the list of the targets that come and go, at once."""
        new = self.directory / "coming.new"
        new.write_text(json.dumps([self._target(server) for server in self.servers
                                   if server.role == "coming" and server not in without]))
        new.rename(self.directory / "coming.yml")

    def slow_down(self):
        """Gives every target an interval that is longer than any run."""
        self.is_slow = True
        self.list_coming()
        self.file.write_text(json.dumps(self.configuration(self.lab.authority)))

    def configuration(self, authority):
        """The monitor's, with all that does not come and go."""
        module = {
            "timeout": "400ms", "ip": "4", "diagnosis": "passive", "retries": 0,
            "tls": {"mode": "starttls", "ca_file": str(authority.certificate), "server_name": "soak.test"},
            "auth": {"username": "soak", "password_file": str(self.lab.password), "mechanism": "PLAIN"}}
        return {
            "modules": {"soak": module, "flaky": {**module, "retries": 2, "retry_backoff": "20ms", "timeout": "150ms"},
                        "examined": {**module, "diagnosis": "active"}},
            "targets": [self._target(server) for server in self.servers if server.role != "coming"],
            "target_files": [str(self.directory / "*.yml")],
            "history": {"results": HISTORY, "transcripts": 5}}

    def _target(self, server):
        return {
            "name": server.name, "port": server.port or 25,
            "host": "soak.invalid" if server.role == "nameless" else server.address,
            "module": server.role if server.role in ("flaky", "examined") else "soak",
            "interval": f"{round(self.interval(server) * 1000)}ms"}
