#!/usr/bin/env python3
"""Checks that every reason and every alert has its runbook, that no other runbook exists, and that links resolve.

Prints `file: finding`; exit status 1 if there is any.
"""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
RUNBOOKS = ROOT / "deploy/runbooks"
LINK = re.compile(r"\]\(([^)#]+)(#[^)]*)?\)")


def served():
    """Where rules, dashboards and all else say that the runbooks are, as `deploy/runbooks/serve-at` has set it."""
    return alerts()[0][1]["runbook_url"].rpartition("/")[0] + "/"


def slugs():
    """Every reason's label value."""
    cases = re.findall(r"^  case (\w+) = \d+$", (ROOT / "Sources/Model/Reason.swift").read_text(), re.M)
    return {re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), case) for case in cases}


def alerts():
    """Every alert's name and annotations."""
    rules = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())
    return [(rule["alert"], rule["annotations"]) for group in rules["groups"] for rule in group["rules"]
            if "alert" in rule]


def findings():
    """(file, finding) for all that is wrong."""
    names = {name for name, _ in alerts()}
    for directory, wanted in ((RUNBOOKS, names | {"README"}), (RUNBOOKS / "reasons", slugs())):
        found = {path.stem for path in directory.glob("*.md")}
        for name in sorted(wanted ^ found):
            yield directory / f"{name}.md", "is missing" if name in wanted else "belongs to nothing that there is"
    embedded = set(re.findall(r"^  RUNBOOK\((\w+)\);$", (ROOT / "Sources/CRunbooks/CRunbooks.c").read_text(), re.M))
    for name in sorted(embedded ^ slugs()):
        yield "CRunbooks.c", f"{name} is missing, or belongs to nothing that there is"
    for name, annotations in alerts():
        if annotations["runbook_url"] != f"{served()}{name}.md":
            yield "rules.yml", f"{name} has another runbook_url than {served()}{name}.md"
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        links = set(re.findall(r'"url": "(http[^"$]*?/)(?:reasons/[^"]*)?"', path.read_text()))
        if links != {served()}:
            yield path.name, f"links to {sorted(links)}, not to the runbooks at {served()}"
    index = (RUNBOOKS / "README.md").read_text()
    for path in sorted(RUNBOOKS.rglob("*.md")):
        text = path.read_text()
        if path.stem != "README":
            if not text.startswith(f"# {path.stem}\n"):
                yield path, "must begin with its own name"
            if "## Fix" not in text or ("## Confirm" not in text and path.stem != "ok"):
                yield path, "must say how to confirm and how to fix"
            if f"({path.relative_to(RUNBOOKS)})" not in index:
                yield path, "is not in README.md"
        for target, anchor in LINK.findall(text):
            linked = path.parent / target
            if "://" not in target and not linked.exists():
                yield path, f"links to {target}, which does not exist"
            elif anchor and f"\n## {anchor[1:].capitalize()}\n" not in linked.read_text():
                yield path, f"links to {target}{anchor}, a heading that does not exist"


def main():
    """Checks everything; the exit status."""
    found = list(findings())
    for place, finding in found:
        print(f"{place}: {finding}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
