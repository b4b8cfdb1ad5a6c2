"""deploy/threat-model.md names the test of each promise: each is there, and none of ours on the subject is forgotten."""

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
TEXT = (TESTS.parent / "deploy/threat-model.md").read_text()


def test_every_test_that_it_names_exists():
    named = set(re.findall(r"`((?:\w+Tests/\w+\.swift)|(?:EndToEnd/\w+\.py))`", TEXT))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (TESTS / name).is_file()] == []


def test_every_promise_names_a_test():
    promises = [line for line in TEXT.split("## Doors")[1].split("## Not promised")[0].splitlines()
                if line.startswith("|") and not re.match(r"\|( promise|---)", line)]
    assert len(promises) > 20
    assert [line for line in promises if not re.search(r"\| `[^|]+` \|$", line)] == []
