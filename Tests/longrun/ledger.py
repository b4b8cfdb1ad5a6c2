"""What the monitor says of each target, kept to the last probe and held against the servers' counts and the grid."""

from datetime import datetime

MASK = (1 << 64) - 1
# What a clock that is set a little may shift, in nanoseconds.
SLEW = 20_000_000


def stable_hash(name):
    """The hash that gives each target its place in time: FNV-1a with the last mixing of MurmurHash3."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & MASK
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & MASK
    return value ^ value >> 33


class Account:
    """All results of one target since it was configured."""

    def __init__(self, name, interval):
        self.name = name
        self.interval = int(interval * 1e9)
        self.offset = stable_hash(name) % self.interval
        self.results = self.attempts = self.unreached = self.unsure = 0
        self.lateness = []
        self._last = None
        self._first_point = self._last_point = 0
        self._on_grid = 0
        self.is_closed = False
        self._has_left = False

    def take(self, results):
        """Enters those of a list of results, oldest first, that are new."""
        for result in results:
            started = nanoseconds(result["started_at"])
            if self._last is not None and started <= self._last:
                continue
            self._last = started
            self._enter(started, result)

    def _enter(self, started, result):
        self.results += 1
        self.attempts += result["attempts"]
        if result["stage"] in ("dns", "connect"):
            self.unreached += result["attempts"]
        if self._has_left:
            return
        if result["reason"] == "connect_timeout" and not self.is_closed:
            # On a machine that is too busy the connection may be there before anybody looks.
            self.unsure += result["attempts"]
        late = (started - self.offset + SLEW) % self.interval - SLEW
        self._last_point = (started - self.offset - late) // self.interval
        self._on_grid += 1
        if self._on_grid == 1:
            self._first_point = self._last_point
        if result["attempts"] == 1:
            self.lateness.append(late / 1e6)

    def leave_grid(self):
        """From now on results come at other times, and none has reached a server."""
        self._has_left = True

    @property
    def surplus(self):
        """Results beyond one for each point of the grid; the first may be so late that it seems to be of the second."""
        return max(0, self._on_grid - 1 - (self._last_point - self._first_point + 1))

    @property
    def left_out(self):
        """Points of the grid without a result."""
        return max(0, self._last_point - self._first_point + 1 - self._on_grid)

    @property
    def reached(self):
        """Attempts that came as far as a connection."""
        return self.attempts - self.unreached


def nanoseconds(text):
    """A moment of the API as nanoseconds since the epoch."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return int(moment.timestamp()) * 1_000_000_000 + moment.microsecond * 1000


def differences(account, runs, retries, accepted, more=0, slack=0):
    """Where the ring, the counters and a server's count disagree; `more` connections were
    asked for besides, and as many as `slack` may have been made to look closer."""
    found = []
    if account.results != runs:
        found.append(f"{account.name}: {runs} runs counted, {account.results} results kept")
    if account.attempts != runs + retries:
        found.append(f"{account.name}: {runs} runs and {retries} retries counted, {account.attempts} attempts in results")
    expected = account.reached + more
    slack += account.unsure
    if not expected <= accepted <= expected + slack:
        found.append(f"{account.name}: {accepted} connections accepted, {expected} made by its probes"
                     + (f" and at most {slack} more, to look closer or too late" if slack else ""))
    return found


def quantile(values, share):
    """The value that so great a share does not exceed; 0 of none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def drift(accounts):
    """How much later than at first the punctual ones of the results are in the end: milliseconds.

    Load makes some results late; a timer that drifts makes all of them late. So the most punctual are compared."""
    shifts = []
    for account in accounts:
        quarter = len(account.lateness) // 4
        if quarter >= 5:
            shifts.append(min(account.lateness[-quarter:]) - min(account.lateness[:quarter]))
    return quantile(shifts, 0.5)


def slope(samples):
    """The least squares' slope of (seconds, value): value a second."""
    count = len(samples)
    if count < 2:
        return 0.0
    middle = sum(moment for moment, _ in samples) / count
    mean = sum(value for _, value in samples) / count
    spread = sum((moment - middle) ** 2 for moment, _ in samples)
    return sum((moment - middle) * (value - mean) for moment, value in samples) / spread
