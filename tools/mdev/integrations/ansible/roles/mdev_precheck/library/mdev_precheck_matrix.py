#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Join the strings that hosts show with the strings that they took, for the role mdev_precheck."""

import calendar
import fnmatch
import json
import re
import time

from ansible.module_utils.basic import AnsibleModule

DOCUMENTATION = r"""
module: mdev_precheck_matrix
short_description: Join the strings that hosts show with the strings that they took
description:
  - Reads documents of C(mdev-precheck export --takes) on the control node, and asks no host.
  - A yes means that the target took each string of the source when it was last asked.  It is a
    hint with a time.
  - An answer that is missing or old, or a question that was not asked, is C(?), which is neither a
    yes nor a no.
options:
  documents:
    description: For each host the path of its document, or an empty one if it was not collected.
    type: dict
    required: true
  reasons:
    description: For each host without a document the reason.
    type: dict
    default: {}
  sources:
    description: Hosts whose devices are to move; if empty, all.
    type: list
    elements: str
    default: []
  targets:
    description: Hosts to which the devices may move; if empty, all.
    type: list
    elements: str
    default: []
  types:
    description: Types that are to move, as names or patterns; if empty, all.
    type: list
    elements: str
    default: []
  max_age:
    description: Seconds after which an answer does not count; 0 removes the limit.
    type: int
    default: 1800
  fixture:
    description: Whether answers of a fixture count, for tests.
    type: bool
    default: false
author: the authors of mdev-precheck
"""

EXAMPLES = r"""
- name: Print the matrix
  mdev_precheck_matrix:
    documents: {west: /tmp/west.json, east: ""}
    reasons: {east: it could not be reached}
"""

RETURN = r"""
groups:
  description: Lists of hosts that show and took the same strings.  A few hosts have a list each.
  type: list
  returned: always
group_of:
  description: For each host the number of its list in C(groups), from 0.
  type: dict
  returned: always
answers:
  description:
    - For each list in C(groups) as the source a list with the answer of each list as the target,
      C(yes), C(no) or C(?).  C(-) stands for a host itself, and for a pair that was not chosen.
    - If both are the same list, the answer is about two of its hosts.
  type: list
  returned: always
ages:
  description: For each host the seconds since it was asked, or null.
  type: dict
  returned: always
without_target:
  description: Sources that no other host takes.
  type: list
  returned: always
lines:
  description: The matrix as text for people.
  type: list
  returned: always
"""

# Format and limits of a document, see mdev-precheck(5)
FORMAT = "mdev-precheck-types"
FORMAT_VERSION = 1
MAX_SIZE = 64 << 20
STATES = ("read", "none", "failed", "unknown")
VERDICTS = ("compatible", "not compatible", "not asked")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
# Seconds by which clocks of hosts may differ
SKEW = 60
# More hosts than these are folded
WIDE = 12
# The reasons, strings or names in a line, and the characters of a string
SOME = 3
LONG = 60


class Wrong(Exception):
    """A document does not have the form that mdev-precheck(5) describes."""


def expect(condition, what):
    """Raise if the document is not as expected."""
    if not condition:
        raise Wrong("%s was expected" % what)


def once(pairs):
    """Make an object, in which no member may come twice: the two could contradict each other."""
    members = dict(pairs)
    expect(len(members) == len(pairs), "an object in which no member comes twice")
    return members


def load(path):
    """Read the JSON of a document."""
    with open(path, "rb") as file:
        text = file.read(MAX_SIZE + 1)
    expect(len(text) <= MAX_SIZE, "a document of at most 64 MiB")
    try:
        return json.loads(text.decode("utf-8"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Wrong("JSON was expected") from error


def objects(document, name):
    """Return a member that is an array of objects."""
    array = document.get(name)
    expect(isinstance(array, list) and all(isinstance(each, dict) for each in array),
           "%s: an array of objects" % name)
    return array


def is_string(value):
    return isinstance(value, str)


def is_version(value):
    return is_string(value) and re.fullmatch(r"[ -~]{1,4095}", value)


class Host:
    """The strings that a host shows, and its answers."""

    def __init__(self, path, chosen, fixture):
        self.fixture = fixture
        document = load(path)
        expect(isinstance(document, dict), "a JSON object")
        expect(document.get("format") == FORMAT, "format: %s" % FORMAT)
        number = document.get("format_version")
        expect(number == FORMAT_VERSION and not isinstance(number, bool),
               "format_version: %d" % FORMAT_VERSION)
        self.name = document.get("host")
        expect(is_string(self.name) and self.name, "host: the name of a host")
        self.time = self.read_time(document.get("time"))
        # Types of the host, in any state
        self.types = set()
        # Types that have to move: (type, string, state), where the string can be None
        self.shown = set()
        self.read_types(objects(document, "types"), chosen)
        # Types that could not be looked into, or None for all types of a parent
        self.unread = set()
        self.read_unread(objects(document, "unread"), chosen)
        # A host that does not have any parent could not be asked about any type
        self.has_parents = bool(self.types)
        self.takes = None
        if document.get("takes") is not None:
            self.takes = {}
            self.read_takes(objects(document, "takes"))
        self.key = (frozenset(self.shown), frozenset(self.types), frozenset(self.unread),
                    self.has_parents, self.takes and frozenset(self.takes.items()))

    @staticmethod
    def read_time(value):
        expect(is_string(value) and TIME.fullmatch(value),
               "time: when the host was asked, as of mdev-precheck export")
        try:
            return calendar.timegm(time.strptime(value, "%Y-%m-%dT%H:%M:%SZ"))
        except ValueError as error:
            raise Wrong("time: a date was expected") from error

    def read_types(self, types, chosen):
        for each in types:
            name, state = each.get("type"), each.get("state")
            version = each.get("migration_version")
            expect(is_string(name) and name, "types: the name of a type")
            expect(state in STATES, "types: a state of a type")
            expect(is_version(version) if state == "read" else version is None,
                   "types: a version if the state is read, and only then")
            self.types.add(name)
            if is_chosen(name, chosen):
                self.shown.add((name, version, state))

    def read_unread(self, unread, chosen):
        for each in unread:
            name = each.get("type")
            expect(name is None or is_string(name), "unread: the name of a type, or null")
            self.unread.add(name)
            if name is not None and is_chosen(name, chosen):
                self.shown.add((name, None, "unknown"))

    def read_takes(self, takes):
        for each in takes:
            name, version = each.get("type"), each.get("migration_version")
            verdict = each.get("verdict")
            expect(is_string(name) and is_version(version), "takes: a type and a version")
            expect(verdict in VERDICTS, "takes: a verdict")
            yes = verdict == "compatible"
            expect(yes == (each.get("failed_condition") is None)
                   and (not yes or each.get("errno") is None),
                   "takes: a condition that failed if the verdict is not compatible, and only then")
            expect(isinstance(each.get("parents"), list) and (not yes or each["parents"]),
                   "takes: the parents that gave the answer")
            expect(is_string(each.get("method")), "takes: a method")
            if verdict == "not compatible":
                self.has_parents = True
            if each["method"] == "fixture" and not self.fixture:
                verdict = "not asked"
            self.take(name, version, verdict)

    def take(self, name, version, verdict):
        """Keep the strongest answer: a yes, then "not asked", then a no."""
        order = ("compatible", "not asked", "not compatible")
        before = self.takes.get((name, version), "not compatible")
        self.takes[name, version] = min(before, verdict, key=order.index)

    def may_have(self, name):
        """Return whether a parent that could not be looked into may have the type."""
        return not self.has_parents or None in self.unread or name in self.unread


def is_chosen(name, chosen):
    return not chosen or any(name == each or fnmatch.fnmatchcase(name, each) for each in chosen)


def answer_to(target, name, version, state):
    """Return the answer of a target about a type of a source, and its reason."""
    what = name if version is None else '%s "%s"' % (name, version)
    what = what if len(what) <= LONG else what[:LONG] + "..."
    if state == "read":
        verdict = target.takes.get((name, version))
        if verdict is None:
            return "?", "the target was not asked about %s" % what
        if verdict == "not asked":
            return "?", "the target could not be asked about %s" % what
        return ("yes", "") if verdict == "compatible" else ("no", "the target does not take %s" % what)
    # As in mdev-precheck check, the first condition is that the target has the type
    if name not in target.types:
        if target.may_have(name):
            return "?", "the target could not look into all of its parents"
        return "no", "the target does not have the type %s" % what
    if state == "unknown":
        return "?", "the source could not be asked for its version of %s" % what
    if target.may_have(name):
        return "?", "the target could not look into all of its parents"
    return "no", "the source does not have a version of %s" % what


def join(source, target):
    """Return whether all types of the source may move to the target, and the reason."""
    if target.takes is None:
        return "?", "the target was not asked about strings of others"
    found = {"yes": [], "no": [], "?": []}
    for name, version, state in sorted(source.shown, key=str):
        answer, reason = answer_to(target, name, version, state)
        found[answer].append(reason)
    for answer in ("no", "?"):
        if found[answer]:
            return answer, some(list(dict.fromkeys(found[answer])), "; ")
    if None in source.unread:
        return "?", "the source could not look into all of its parents"
    return ("yes", "") if found["yes"] else ("?", "the source does not show a type that was chosen")


def some(words, between):
    """Join the first of many words."""
    rest = len(words) - SOME
    return between.join(words[:SOME]) + (" and %d more" % rest if rest > 0 else "")


class Matrix:
    """All hosts, and the answers for their pairs."""

    def __init__(self, arguments, now):
        self.arguments = arguments
        self.hosts, self.reasons, self.ages = {}, {}, {}
        for name, path in sorted(arguments["documents"].items()):
            self.ages[name] = None
            if not path:
                self.reasons[name] = arguments["reasons"].get(name) or "it was not asked"
                continue
            self.read(name, path, now)
        self.refuse_twins()
        self.sources = self.names("sources")
        self.targets = self.names("targets")
        # Hosts that show and took the same strings have the same answers, and the same number here
        numbers = {}
        self.alike = {name: numbers.setdefault(host.key, len(numbers))
                      for name, host in self.hosts.items()}
        self.joined = {}

    def read(self, name, path, now):
        try:
            host = Host(path, self.arguments["types"], self.arguments["fixture"])
        except (OSError, Wrong) as error:
            self.reasons[name] = "its document cannot be read: %s" % (
                error.strerror if isinstance(error, OSError) else error)
            return
        age = now - host.time
        self.ages[name] = age
        if age < -SKEW:
            self.reasons[name] = ("its document is from a time %d s ahead: its clock, or the "
                                  "clock of the control node, is wrong" % -age)
        elif self.arguments["max_age"] and age > self.arguments["max_age"]:
            self.reasons[name] = "its document is %d s old" % age
        else:
            self.hosts[name] = host

    def refuse_twins(self):
        """Refuse documents of the same host, because a copy is not an answer of another host."""
        of_name = {}
        for name, host in self.hosts.items():
            of_name.setdefault(host.name, []).append(name)
        for document_host, names in of_name.items():
            if len(names) > 1:
                for name in names:
                    self.reasons[name] = "the documents of %s are all of the host %s" % (
                        some(names, ", "), document_host)
                    del self.hosts[name]

    def names(self, which):
        chosen = self.arguments[which] or list(self.arguments["documents"])
        wrong = [name for name in chosen if name not in self.arguments["documents"]]
        if wrong:
            raise Wrong("%s: %s is not a host of the play: one of %s" % (
                which, some(wrong, ", "), some(sorted(self.arguments["documents"]), ", ")))
        return frozenset(chosen)

    def answer(self, source, target):
        """Return the answer of one pair, and its reason."""
        for name in (target, source):
            if name in self.reasons:
                return "?", ""
        pair = self.alike[source], self.alike[target]
        if pair not in self.joined:
            self.joined[pair] = join(self.hosts[source], self.hosts[target])
        return self.joined[pair]

    def group(self):
        """Return lists of hosts that have the same answers; a few hosts have a list each."""
        names = sorted(self.sources | self.targets)
        if len(names) <= WIDE:
            return [[name] for name in names]
        groups = {}
        for name in names:
            key = self.alike.get(name, self.reasons.get(name))
            groups.setdefault((key, name in self.sources, name in self.targets), []).append(name)
        return list(groups.values())

    def cell(self, source, target):
        """Return the answer for two groups, and its reason: one pair of hosts stands for all."""
        if source[0] not in self.sources or target[0] not in self.targets:
            return "-", ""
        if source is not target:
            return self.answer(source[0], target[0])
        return self.answer(source[0], source[1]) if len(source) > 1 else ("-", "")


def age_of(matrix, group):
    """Return when the hosts of a group were asked, or their common reason."""
    if group[0] in matrix.reasons:
        return "?, " + matrix.reasons[group[0]]
    return "asked %d s ago" % max([0] + [matrix.ages[name] for name in group])


def lines_of(matrix, groups, cells):
    """Return a table for people, in which a row is the source."""
    titles = [some(group, ", ") for group in groups]
    width = max(len("FROM\\TO"), max(len(title) for title in titles))
    number = len(str(len(groups)))
    column = max(len("yes"), number)
    lines = ["%*s  %-*s  %s" % (number, "#", width, "FROM\\TO", "  ".join(
        "%*d" % (column, i + 1) for i in range(len(groups))))]
    reasons = {}
    for i, row in enumerate(cells):
        lines.append("%*d  %-*s  %s" % (number, i + 1, width, titles[i], "  ".join(
            "%*s" % (column, answer) for answer, reason in row)))
        for j, (answer, reason) in enumerate(row):
            if reason:
                reasons.setdefault((answer, reason), []).append("%d to %d" % (i + 1, j + 1))
    lines += ["%s: %s" % (title, age_of(matrix, group)) for title, group in zip(titles, groups)]
    for (answer, reason), pairs in sorted(reasons.items()):
        lines.append("%s: %s (%s)" % (answer, reason, some(pairs, ", ")))
    return [printable(line) for line in lines]


def printable(line):
    """Escape a line for a terminal, because names of types may have any character."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def main():
    module = AnsibleModule(supports_check_mode=True, argument_spec={
        "documents": {"type": "dict", "required": True},
        "reasons": {"type": "dict", "default": {}},
        "sources": {"type": "list", "elements": "str", "default": []},
        "targets": {"type": "list", "elements": "str", "default": []},
        "types": {"type": "list", "elements": "str", "default": []},
        "max_age": {"type": "int", "default": 1800},
        "fixture": {"type": "bool", "default": False},
    })
    try:
        matrix = Matrix(module.params, int(time.time()))
    except Wrong as error:
        module.fail_json(msg=str(error))
    groups = matrix.group()
    cells = [[matrix.cell(source, target) for target in groups] for source in groups]
    module.exit_json(
        changed=False, ages=matrix.ages, lines=lines_of(matrix, groups, cells), groups=groups,
        group_of={name: i for i, group in enumerate(groups) for name in group},
        answers=[[answer for answer, reason in row] for row in cells],
        without_target=sorted(
            name for group, row in zip(groups, cells) for name in group
            if name in matrix.sources and not any(answer == "yes" for answer, reason in row)))


if __name__ == "__main__":
    main()
