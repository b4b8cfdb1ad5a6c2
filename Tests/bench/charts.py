"""Charts as SVG, small and without scripts, readable on light and dark pages."""

import math
from html import escape

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM, TOP = 660, 300, 70, 620, 40, 30
COLOURS = ["#2f6fde", "#c2571a"]


def frame(title, body):
    """A picture with a title."""
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>'
            f'<rect width="100%" height="100%" fill="#fff"/><text x="{LEFT}" y="18" font-size="14">{escape(title)}</text>'
            f'{body}</svg>\n')


class LogScale:
    """Places of values on a logarithmic axis."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(self.low + 1, math.ceil(math.log10(max(values))))
        self.start, self.end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    @property
    def marks(self):
        """The powers of ten."""
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def lines(title, series, x_unit, y_unit):
    """Curves of (x, y) by name on logarithmic axes."""
    across = LogScale([x for points in series.values() for x, _ in points], LEFT, RIGHT)
    up = LogScale([y for points in series.values() for _, y in points], HEIGHT - BOTTOM, TOP + 10)
    body = grid(across, up, x_unit, y_unit)
    for (name, points), colour in zip(series.items(), COLOURS):
        path = " ".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)
        body += f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        x, y = points[-1]
        body += f'<text x="{across(x) - 6:.1f}" y="{up(y) - 8:.1f}" fill="{colour}" text-anchor="end">{escape(name)}</text>'
    return frame(title, body)


def grid(across, up, x_unit, y_unit):
    """Lines and labels of both axes."""
    body = ""
    for mark in up.marks:
        body += (f'<line x1="{LEFT}" x2="{RIGHT}" y1="{up(mark):.1f}" y2="{up(mark):.1f}" stroke="#ddd"/>'
                 f'<text x="{LEFT - 6}" y="{up(mark) + 4:.1f}" text-anchor="end">{mark:,g}</text>')
    for mark in across.marks:
        body += f'<text x="{across(mark):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{mark:,g}</text>'
    return body + (f'<text x="{RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(x_unit)}</text>'
                   f'<text x="{LEFT - 60}" y="{TOP + 2}">{escape(y_unit)}</text>')


def shares(title, series, unit):
    """Which share of values does not exceed a size, by name; sizes on a logarithmic axis."""
    floor = 1.0
    across = LogScale([max(floor, size) for sizes in series.values() for size in sizes], LEFT, RIGHT)
    def up(share):
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP - 10)
    body = ""
    for share in (0, 0.5, 0.9, 1):
        body += (f'<line x1="{LEFT}" x2="{RIGHT}" y1="{up(share):.1f}" y2="{up(share):.1f}" stroke="#ddd"/>'
                 f'<text x="{LEFT - 6}" y="{up(share) + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for mark in across.marks:
        body += f'<text x="{across(mark):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{mark:,g}</text>'
    for number, ((name, sizes), colour) in enumerate(zip(series.items(), COLOURS)):
        ordered = sorted(max(floor, size) for size in sizes)
        path = " ".join(f"{across(size):.1f},{up((place + 1) / len(ordered)):.1f}"
                        for place, size in enumerate(ordered))
        body += (f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
                 f'<text x="{RIGHT - 6}" y="{HEIGHT - BOTTOM - 24 - 16 * number}" fill="{colour}" '
                 f'text-anchor="end">{escape(name)}</text>')
    body += f'<text x="{RIGHT}" y="{HEIGHT - 6}" text-anchor="end">{escape(unit)}</text>'
    return frame(title, body)


def draw(figures, directory):
    """The charts of what was measured."""
    directory.mkdir(parents=True, exist_ok=True)
    if rows := figures.get("growth"):
        (directory / "growth.svg").write_text(lines(
            "Memory and scrape by the number of targets",
            {"resident, MiB": [(row["targets"], row["resident_bytes"] / (1 << 20)) for row in rows],
             "scrape, ms": [(row["targets"], row["scrape_seconds"] * 1000) for row in rows]}, "targets", "MiB, ms"))
    if found := figures.get("fidelity"):
        series = {name: [abs(error) for error in found[key]["errors"]]
                  for key, name in (("smtpwatch", "smtpwatch, each phase"), ("blackbox", "blackbox_exporter, in all"))
                  if key in found}
        (directory / "fidelity.svg").write_text(shares(
            "Error of reported times while busy", series, "microseconds off, at most"))
