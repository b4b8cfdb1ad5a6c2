"""One run of the soak: the scene is set, disturbed, observed, brought to rest and audited."""

import asyncio
import json
import logging
import os
import re
import signal
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "bench"))
from lab import Authority, Lab, Monitor, note  # noqa: E402

from audit import Audit  # noqa: E402
from disturbances import Disturbances  # noqa: E402
from scene import Scene  # noqa: E402
from servers_that_count import certificates  # noqa: E402

MEBIBYTE = 1 << 20
# A leak of one descriptor a fault would show as hundreds; on a busy machine more probes are under way at once.
MORE_DESCRIPTORS_A_TARGET = 0.5
# Milliseconds that the punctual results may be later in the end than at first. A timer that waits an interval after
# each probe, and not for the next point of its grid, is late by more than that after a few dozen probes.
DRIFT = 25
# What a sanitized program writes where it finds something.
FINDING = re.compile(r"(?:WARNING|ERROR): \w*Sanitizer.*")


async def soak(lab, options):
    """The figures of one run, and what is to complain of."""
    scene = Scene(lab, options.seed, options.targets, certificates(
        lab.authority, Authority(lab.directory / "stranger")))
    scene.start_servers()
    scene.list_coming()
    monitor = await asyncio.to_thread(
        Monitor, lab, scene.configuration(lab.authority), "--web.enable-lifecycle")
    audit = Audit(scene, monitor)
    disturbances = Disturbances(scene, monitor, options.seed)
    try:
        observing = asyncio.create_task(audit.observe())
        disturbances.start()
        begin = time.monotonic()
        while time.monotonic() < begin + options.minutes * 60 and not observing.done():
            await asyncio.sleep(0.5)
        await disturbances.stop()
        await audit.finish(observing)
        for server in scene.servers:
            server.behaves = True
        await audit.settle()
        figures = audit.figures() | {"disturbances": disturbances.counts}
        figures["seconds_to_end"] = await end(monitor, scene)
    finally:
        await asyncio.to_thread(monitor.stop)
    scene.complaints += FINDING.findall(monitor.log.read_text(errors="replace"))
    judge(figures, scene, options)
    if scene.complaints:
        note("".join(monitor.log.read_text(errors="replace").splitlines(keepends=True)[-20:]))
    return figures, scene.complaints


async def end(monitor, scene):
    """Seconds that the monitor takes to end when asked to."""
    begin = time.monotonic()
    monitor.child.send_signal(signal.SIGTERM)
    code = await asyncio.to_thread(monitor.child.wait, 20)
    if code != 0:
        scene.complain(f"the monitor ended with status {code}")
    return time.monotonic() - begin


def judge(figures, scene, options):
    """Complains of what grows or drifts."""
    memory, descriptors = figures["memory"], figures["descriptors"]
    if memory["growth_bytes"] > options.growth * MEBIBYTE:
        scene.complain(f"memory grew by {memory['growth_bytes'] / MEBIBYTE:.1f} MiB after the warm-up")
    if descriptors["growth"] > MORE_DESCRIPTORS_A_TARGET * options.targets:
        scene.complain(f"{descriptors['growth']} descriptors more than after the warm-up")
    if figures["timer"]["drift_ms"] > DRIFT:
        scene.complain(f"the timer drifted by {figures['timer']['drift_ms']:.1f} ms")


def text(figures):
    """The figures for a person."""
    memory, timer, books = figures["memory"], figures["timer"], figures["books"]
    deeds = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in figures["disturbances"].items())
    return "\n".join([
        f"{figures['seconds']:.0f} s, {figures['targets']} targets: {deeds}",
        f"  books        {books['runs']} runs, {books['retries']} retries, {books['unreached']} attempts without a "
        f"connection ({books['unsure']} timed out), {books['accepted']} connections accepted",
        f"  faults       {books['failures']} down, {books['inconclusive']} inconclusive, "
        f"{books['reasons']} pairs of stage and reason",
        f"  memory       {memory['last_bytes'] / MEBIBYTE:.1f} MiB, grew by {memory['growth_bytes'] / MEBIBYTE:.2f} MiB, "
        f"slope {memory['slope_bytes_a_minute'] / 1024:.0f} KiB a minute",
        f"  descriptors  {figures['descriptors']['last']}, grew by {figures['descriptors']['growth']}; "
        f"{figures['threads']} threads",
        f"  timer        {timer['late_ms_p50']:.1f} ms late at the median, {timer['late_ms_p99']:.0f} at 99 %; "
        f"drift {timer['drift_ms']:.2f} ms; {timer['left_out']} moments left out, {timer['skipped']:.0f} counted",
        f"  end          {figures['seconds_to_end']:.1f} s"])


def main(parser):
    """Reads the options, runs, prints; the exit status."""
    parser.add_argument("--minutes", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--targets", type=int, default=56)
    parser.add_argument("--binary", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--growth", type=float, default=6)
    options = parser.parse_args()
    if not 14 <= options.targets <= 5000:
        parser.error("--targets takes 14 (one of each role) to 5000")
    build = HERE.parents[1] / ".build"
    binary = options.binary or next(
        (file for kind in ("release", "debug") if os.access(file := build / kind / "smtpwatch", os.X_OK)),
        build / "release" / "smtpwatch")
    # It warns of writes to clients that went away, which is what they are here for.
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    with Lab(binary) as lab:
        figures, complaints = asyncio.run(soak(lab, options))
    figures |= {"seed": options.seed, "complaints": complaints}
    print(text(figures))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    for complaint in complaints[:40]:
        print(f"Tests/soak: {complaint}", file=sys.stderr)
    print(f"Soak {'FAILED' if complaints else 'passed'} (seed {options.seed}).")
    return 1 if complaints else 0
