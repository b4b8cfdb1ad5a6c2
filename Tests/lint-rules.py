"""The rules of the house that no compiler checks. Prints `file:line: rule` for each break; exit status 1 if any.

    python3 Tests/lint-rules.py [DIRECTORY]     (default: the repository)
"""

import os
import re
import sys
from pathlib import Path

from swift_source import SwiftSource

# Who may import whom. The standard library needs no import; a room not named here is unknown.
IMPORTS = {
    "Base": "Glibc",
    "Model": "",
    "SMTP": "Model",
    "Metrics": "",
    "Policy": "Model",
    "Diagnosis": "Model SMTP",
    "Loop": "CLinux Base Glibc Synchronization",
    "DNS": "CAres Loop Base Glibc",
    "Transfer": "CCurl DNS Loop Base Model",
    "TLS": "CLinux CLeanOpenSSL COpenSSL Base Model Glibc",
    "Probe": "Base Loop DNS TLS Transfer Policy SMTP Diagnosis Model",
    "Delivery": "Base Loop TLS Transfer Model Glibc",
    "Monitor": "CLinux CZlib Base Model Glibc",
    "HTTP": "CMicroHTTPD CGnuTLS CCrypt CZlib Base Glibc",
    "Runbooks": "CRunbooks",
    "Web": "Base HTTP Metrics Monitor Model Runbooks",
    "Configuration": "Base Model Yams Foundation Glibc",
    "OAuth": "Base Configuration SMTP Transfer Model",
    "ScriptedSMTP": "Loop TLS Base Model",
    "smtpwatch": "ArgumentParser Logging Base Configuration Delivery Diagnosis DNS HTTP Loop Model Monitor OAuth Probe "
                 "ScriptedSMTP SMTP TLS Transfer Web Metrics Glibc",
}
# Where C is touched: rooms, and single files of other rooms.
UNSAFE = {"Base", "Loop", "DNS", "TLS", "HTTP", "Runbooks", "Transfer", "Delivery/Maildir.swift", "Monitor/RingFile.swift",
          "Monitor/Scheduler.swift"}
LONGEST_FILE = 400

IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)")
# `nonisolated(unsafe)` and `unowned(unsafe)` are other words, and the first has a rule of its own.
UNSAFE_WORD = re.compile(r"(?<!\()\bunsafe\b")
# Not the sleep of the loop under test, which is a method of it.
SLEEP = re.compile(r"(?<![.\w])(?<!func )(?:u|nano)?sleep\s*\(|\b(?:Task|Thread|Clock\(\))\.sleep\b")
# Each needs its reason in a comment beside it; the message of a fatalError is one.
NEEDS_REASON = {
    re.compile(r"\btry!"): "try! without a reason beside it",
    re.compile(r"\bas!"): "as! without a reason beside it",
    re.compile(r"\bfatalError\s*\(\s*\)"): "fatalError without a reason beside it",
    re.compile(r"(?<!\btry)(?<!\bas)(?<=[\w\])}>?])!(?!=)"): "force unwrap without a reason beside it",
    re.compile(r"@unchecked\s+Sendable"): "@unchecked Sendable without saying beside it why it is safe",
    re.compile(r"\bnonisolated\(unsafe\)"): "nonisolated(unsafe) without saying beside it why it is safe",
}


def broken_rules(path):
    """(line, rule) for each break in the Swift file at `path`, which is relative to the repository."""
    source = SwiftSource(path.read_text())
    in_tests, room = path.parts[0] == "Tests", path.parts[1]
    within_room = "/".join(path.parts[1:])
    may_touch_c = in_tests or room in UNSAFE or within_room in UNSAFE
    allowed = set(IMPORTS.get(room, "").split())
    own_type = re.compile(rf"\b(?:struct|class|enum|actor|protocol|typealias)\s+{room}\b")
    if not in_tests and room not in IMPORTS:
        yield 1, f"room {room} is not in the table of imports in Tests/lint-rules.py"
    for number, line in enumerate(source.code):
        if found := IMPORT.match(line):
            module = found.group(1)
            if module == "smtpwatch":
                yield number + 1, "nobody imports smtpwatch"
            elif not in_tests and room in IMPORTS and module not in allowed:
                yield number + 1, f"{room} may not import {module}"
        if not may_touch_c and UNSAFE_WORD.search(line):
            yield number + 1, f"unsafe outside {', '.join(sorted(UNSAFE))}"
        if not in_tests and own_type.search(line):
            yield number + 1, "a type with the name of its module hides the module"
        if in_tests and SLEEP.search(line):
            yield number + 1, "a test that sleeps: wait for the condition itself"
        for pattern, rule in NEEDS_REASON.items():
            if pattern.search(line) and not source.explained(number, pattern):
                yield number + 1, rule


def main(root):
    """Checks everything below `root`; the exit status."""
    os.chdir(root)
    findings = 0
    for path in sorted(path for top in ("Sources", "Tests") for path in Path(top).rglob("*")):
        # Seeds of the fuzzers are bytes, not code.
        if path.suffix not in {".swift", ".c", ".h", ".py", ""} or not path.is_file() or "seeds" in path.parts:
            continue
        length = path.read_text().count("\n")
        found = list(broken_rules(path)) if path.suffix == ".swift" else []
        if length > LONGEST_FILE:
            found.append((length, f"{length} lines; {LONGEST_FILE} are the most"))
        for line, rule in found:
            print(f"{path}:{line}: {rule}")
        findings += len(found)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent))
