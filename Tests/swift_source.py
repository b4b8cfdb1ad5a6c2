"""Tells code from comments and strings in Swift source, as far as line-based rules need it."""

import re

ATTRIBUTES = re.compile(r"\s*(@\w+(\([^)]*\))?\s*)+")
RAW_OR_PLAIN_STRING = re.compile(r'(#*)("""|")')


class SwiftSource:
    """One file: `code` are its lines with comments and text of strings blanked, `comments` its lines with any."""

    def __init__(self, text):
        self._text = text
        self._lines = text.split("\n")
        self._code = list(text)
        self._commented = set()
        self._scan(0, closing=None)
        self.code = "".join(self._code).split("\n")
        first_line_at = [0]
        for line in self._lines:
            first_line_at.append(first_line_at[-1] + len(line) + 1)
        self.comments = {
            number for number in range(len(self.code))
            if any(at in self._commented for at in range(first_line_at[number], first_line_at[number + 1]))}

    def explained(self, number, pattern):
        """Whether line `number` (from 0) has a comment on it, right above it or, if it opens a body, right below.

        Further lines with `pattern`, lines of attributes and formatter directives do not separate the comment
        from the line.
        """
        opens_body = self.code[number].rstrip().endswith("{")
        if number in self.comments or (opens_body and self._is_comment_alone(number + 1)):
            return True
        above = number - 1
        while above >= 0 and (
                pattern.search(self.code[above]) or ATTRIBUTES.fullmatch(self.code[above]) or
                (self._is_comment_alone(above) and "swift-format-ignore" in self._lines[above])):
            if above in self.comments and not self._is_comment_alone(above):
                return True
            above -= 1
        return self._is_comment_alone(above)

    def _is_comment_alone(self, number):
        return number in self.comments and not self.code[number].strip()

    def _blank(self, start, end):
        for at in range(start, min(end, len(self._code))):
            if self._code[at] != "\n":
                self._code[at] = " "

    def _scan(self, at, closing):
        """Walks code from `at` to the bracket that matches an opening one before it, or to the end."""
        text, depth = self._text, 0
        while at < len(text):
            if text.startswith("//", at):
                end = text.find("\n", at)
                at = self._comment(at, len(text) if end < 0 else end)
            elif text.startswith("/*", at):
                at = self._comment(at, self._end_of_block_comment(at))
            elif match := RAW_OR_PLAIN_STRING.match(text, at):
                at = self._string(at, match)
            else:
                if closing and text[at] == "(":
                    depth += 1
                elif closing and text[at] == closing:
                    if depth == 0:
                        return at + 1
                    depth -= 1
                at += 1
        return at

    def _comment(self, start, end):
        self._blank(start, end)
        self._commented.update(range(start, end))
        return end

    def _end_of_block_comment(self, at):
        depth = 0
        for mark in re.finditer(r"/\*|\*/", self._text[at:]):
            depth += 1 if mark.group() == "/*" else -1
            if depth == 0:
                return at + mark.end()
        return len(self._text)

    def _string(self, at, match):
        """Blanks a string's text; code of interpolations in it stays."""
        hashes, quote = match.groups()
        escape, end = "\\" + hashes, quote + hashes
        start = at = match.end()
        while at < len(self._text):
            if self._text.startswith(end, at):
                self._blank(start, at)
                return at + len(end)
            if self._text.startswith(escape + "(", at):
                self._blank(start, at)
                start = at = self._scan(at + len(escape) + 1, closing=")")
            elif self._text.startswith(escape, at):
                at += len(escape) + 1
            elif self._text[at] == "\n" and quote == '"':
                break
            else:
                at += 1
        self._blank(start, at)
        return at
