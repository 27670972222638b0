#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
page.py [--answers] FILE... - check pages of mdev-precheck matrix --html

Checks properties that tidy does not check: a page loads and executes nothing, its links lead
to a place in it, a screen reader finds the headers of each table, each verdict has its word,
and all people can read its colours.

With --answers it prints the tables of answers as the command prints them, but with tabs: a
line for each row, without the headers of the columns.

Exit status: 0 if each page is right; 1 with a line for each fault.
"""

import base64
import hashlib
import html.parser
import re
import sys

# All elements and attributes of a page: any other would come from the name of a host
ATTRIBUTES = {
    "html": {"lang"}, "head": set(), "meta": {"charset", "name", "content", "http-equiv"},
    "title": set(), "style": set(), "body": set(), "header": set(), "main": {"id"},
    "nav": {"aria-labelledby"}, "section": {"id", "aria-labelledby"}, "footer": set(),
    "h1": set(), "h2": {"id"}, "h3": {"id"}, "p": {"class"}, "b": set(), "code": set(),
    "time": {"datetime"}, "span": {"class"}, "ul": {"class"}, "ol": {"class"},
    "li": {"id", "tabindex"}, "dl": {"class"}, "dt": {"class"}, "dd": set(),
    "a": {"href", "class", "title", "aria-describedby"},
    "details": set(), "summary": set(),
    "div": {"class", "role", "tabindex", "aria-labelledby"}, "table": {"class"},
    "caption": {"id"}, "thead": set(), "tbody": set(), "tr": set(),
    "th": {"scope"}, "td": {"class"},
}
# The first word of a cell, by its class
WORDS = {"yes": {"yes", "all"}, "no": {"no", "none"}, "some": {"some"},
         "unknown": {"not asked"}}
VOID = {"meta"}
# WCAG 2, 1.4.3; 1.4.11 requires less of graphics
CONTRAST = 4.5


class Page(html.parser.HTMLParser):
    """A page and its faults"""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.faults = []
        self.open = []
        self.ids = set()
        self.references = set()
        self.level = 0
        self.style = ""
        self.policy = None
        self.cells = 0
        self.expected = None
        self.cell = None
        self.caption = False
        self.inside_answers = False
        self.answers = []
        self.feed(text)
        self.close()
        self.check_end()

    def fault(self, text):
        """Note a fault with its place"""
        self.faults.append(f"line {self.getpos()[0]}: {text}")

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        attributes = dict(attrs)
        for name in names:
            if name not in ATTRIBUTES.get(tag, set()):
                self.fault(f"<{tag}> has the attribute {name}")
        if tag not in ATTRIBUTES:
            self.fault(f"the page has a <{tag}>")
        if tag not in VOID:
            self.open.append(tag)
        self.check_references(attributes)
        if re.fullmatch("h[1-6]", tag):
            level = int(tag[1])
            if level > self.level + 1 or (level == 1) != (self.level == 0):
                self.fault(f"<{tag}> follows <h{self.level}>")
            self.level = level
        if attributes.get("http-equiv") == "Content-Security-Policy":
            self.policy = attributes["content"]
        if tag == "html" and not attributes.get("lang"):
            self.fault("the page does not have a language")
        self.check_table(tag, attributes)

    def check_references(self, attributes):
        """Collect names of elements, and references to names"""
        name = attributes.get("id")
        if name in self.ids:
            self.fault(f"two elements have the id {name}")
        if name is not None:
            self.ids.add(name)
        link = attributes.get("href")
        if link is not None and not re.fullmatch("#[a-z0-9-]+", link):
            self.fault(f"a link leads to {link}")
        for key in ("href", "aria-labelledby", "aria-describedby"):
            if key in attributes:
                self.references.add(attributes[key].lstrip("#"))

    def check_table(self, tag, attributes):
        """Check that a table has a caption and headers, and each row a cell for each column"""
        if tag == "table":
            self.caption = False
            self.expected = None
        elif tag == "caption":
            self.caption = True
            self.inside_answers = attributes.get("id", "").endswith("-answers")
        elif tag == "tr":
            self.cells = 0
        elif tag in ("th", "td"):
            if not self.cells and tag == "td":
                self.fault("a row does not begin with a header")
            if tag == "th" and self.inside_answers and "tbody" in self.open:
                self.answers.append("")
            if tag == "th":
                scope = "col" if "thead" in self.open else "row"
                if attributes.get("scope") != scope:
                    self.fault(f"a header does not have the scope {scope}")
            self.cells += 1
            self.cell = [attributes.get("class"), ""]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.fault(f"</{tag}> ends another element")
        if tag == "table" and not self.caption:
            self.fault("a table does not have a caption")
        if tag == "tr":
            if self.expected is None:
                self.expected = self.cells
            if self.cells != self.expected:
                self.fault(f"a row has {self.cells} cells in place of {self.expected}")
        if tag in ("td", "th"):
            kind, text = self.cell
            if tag == "td" and self.inside_answers:
                self.answers[-1] += "\t" + ("?" if text == "not asked" else text)
            word = re.split("[,0-9]", text.strip())[0].strip()
            if kind in WORDS and word not in WORDS[kind]:
                self.fault(f"a cell of the class {kind} has the text {text!r}")
            self.cell = None

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.style += data
        if self.cell is not None:
            self.cell[1] += data
            # The text has the summary of a list of names that is cut, and not all names
            if (self.inside_answers and "tbody" in self.open and "th" in self.open and
                    ("details" not in self.open or "summary" in self.open)):
                self.answers[-1] += data
        for character in data:
            if not is_harmless(character):
                self.fault(f"the page has the character U+{ord(character):04X}")

    def handle_comment(self, data):
        self.fault(f"the page has the comment {data!r}")

    def check_end(self):
        """Check properties of the whole page"""
        if self.open:
            self.fault(f"the page ends in <{self.open[-1]}>")
        for name in sorted(self.references - self.ids):
            self.fault(f"an element refers to {name}, which does not exist")
        digest = base64.b64encode(hashlib.sha256(self.style.encode()).digest()).decode()
        policy = ("default-src 'none'; "
                  f"style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
        if self.policy != policy:
            self.fault(f"the policy is not: {policy}")
        for scheme in schemes(self.style):
            for name, back in scheme.items():
                text = scheme.get(name + "-text")
                if text and contrast(back, text) < CONTRAST:
                    self.fault(f"{text} on {back} ({name}) has a contrast of "
                               f"{contrast(back, text):.2f}: {CONTRAST} was expected")
            for name in ("text", "soft", "link"):
                if contrast(scheme["back"], scheme[name]) < CONTRAST:
                    self.fault(f"{name} has too little contrast to the page")


def is_harmless(character):
    """Does the character leave the order and the place of other text unchanged?"""
    code = ord(character)
    return not (code < 0x20 and character not in "\n\t" or 0x7f <= code < 0xa0 or
                code in (0xad, 0x61c, 0xfeff) or 0x200b <= code <= 0x200f or
                0x2028 <= code <= 0x202e or 0x2060 <= code <= 0x206f)


def schemes(style):
    """Find the colours of the light scheme, and then of the dark scheme"""
    found = []
    for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL):
        colors = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]+);", block))
        if colors:
            found.append(colors)
    return found


def luminance(color):
    """Compute the relative luminance as WCAG defines it"""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
             for part in parts]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one, other):
    """Compute the contrast of two colours as WCAG defines it, from 1 to 21"""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def main():
    """Check the pages of the command line"""
    wrong = False
    names = sys.argv[1:]
    answers = names[:1] == ["--answers"]
    for name in names[answers:]:
        with open(name, encoding="utf-8", newline="") as file:
            page = Page(file.read())
        if answers:
            for answer in page.answers:
                print(answer)
            continue
        if len(schemes(page.style)) != 2:
            page.faults.append("the style does not have a light and a dark scheme")
        for fault in page.faults:
            print(f"{name}: {fault}")
            wrong = True
    sys.exit(wrong)


if __name__ == "__main__":
    main()
