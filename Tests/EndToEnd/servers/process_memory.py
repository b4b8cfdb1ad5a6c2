"""The memory of a running process as root may read it."""


def writable(pid):
    """What a process may write to, piece by piece: where the piece is, and what is in it."""
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for line in maps.readlines():
            place, rights, _, _, _, *name = line.split()
            if not rights.startswith("rw"):
                continue
            begin, end = (int(number, 16) for number in place.split("-"))
            memory.seek(begin)
            try:
                content = memory.read(end - begin)
            except OSError:
                continue  # A guard page, or one of the kernel's own.
            yield f"{' '.join(name) or 'anonymous'} at {begin:x}", content


def occurrences(pid, words):
    """Where each word is found: by word, a list of places with what stands before and behind."""
    found = {word: [] for word in words}
    for place, content in writable(pid):
        for word in words:
            at = content.find(word)
            while at >= 0:
                found[word].append((place, at, content[max(0, at - 40):at + len(word) + 8]))
                at = content.find(word, at + 1)
    return found
