"""The figures as text for a terminal and as tables for a page of Markdown."""

MEBIBYTE = 1 << 20


def table(heads, rows):
    """A Markdown table, its columns as wide as they need to be."""
    cells = [heads, *rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    def line(row):
        return "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |"
    return "\n".join([line(heads), "|" + "|".join("-" * (width + 2) for width in widths) + "|", *map(line, rows)])


def ratio(row, name):
    """A ratio, or a dash where nothing could be compared."""
    return f"{row[name]:.2f}" if name in row else "–"


def cost(rows):
    """CPU a probe by mode."""
    return table(
        ["probe", "CPU", "of the floor", "of the floor at its pace", "of blackbox_exporter", "resident"],
        [[row["mode"], f"{row['microseconds']:.0f} µs", ratio(row, "ratio_to_floor"),
          ratio(row, "ratio_to_paced_floor"), ratio(row, "ratio_to_blackbox"),
          f"{row['resident_bytes'] / MEBIBYTE:.1f} MiB"] for row in rows])


def allocations(rows):
    """Requests for memory a probe by mode."""
    return table(
        ["probe", "by Swift", "by libraries"],
        [[row["mode"], f"{row['swift']:.0f}", f"{row['other']:.0f}"] for row in rows])


def growth(rows):
    """What more targets cost."""
    return table(
        ["targets", "probes/s", "CPU a probe", "resident", "scrape", "scrape takes"],
        [[f"{row['targets']:,}", f"{row['probes_per_second']:.0f}", f"{row['microseconds']:.0f} µs",
          f"{row['resident_bytes'] / MEBIBYTE:.1f} MiB", f"{row['scrape_bytes'] / 1000:,.0f} kB",
          f"{row['scrape_seconds'] * 1000:.1f} ms"] for row in rows])


def plain(title, figures):
    """Figures by name."""
    return "\n".join([title, *(f"  {name}: {value:,.4g}" if isinstance(value, (int, float)) else f"  {name}: {value}"
                               for name, value in figures.items() if name != "errors")])


def text(figures):
    """All that was measured."""
    pieces = []
    if "cost" in figures:
        pieces += ["CPU a probe (medians)", cost(figures["cost"])]
    if "allocations" in figures:
        pieces += ["allocations a probe", allocations(figures["allocations"])]
    for name, part in figures.get("scale", {}).items():
        pieces.append(plain(f"scale, {name}", part))
    if "growth" in figures:
        pieces += ["growth, STARTTLS and AUTH", growth(figures["growth"])]
    for name, part in figures.get("fidelity", {}).items():
        if isinstance(part, dict):
            pieces.append(plain(f"fidelity, {name}", part))
    return "\n\n".join(pieces)
