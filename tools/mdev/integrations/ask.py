#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
ask.py DOCUMENT TARGET [DOCUMENT TARGET]... - ask about each device of a guest

A DOCUMENT is a file with the output of "mdev-precheck export" on the source.  A TARGET is a
device of this host (UUID), PARENT/TYPE, PARENT, or TYPE.  If it is a TYPE, each parent that has
the type must take the device.

Exit status: 0 if each target takes its device, 1 if one refuses, 3 if one could not be asked
and none refuses; 2 if the command line is wrong.  Other programs import ask() and ask_all().
"""

import json
import pathlib
import subprocess
import sys

YES = "compatible"
NO = "not compatible"
NOT_ASKED = "not asked"

# Seconds for one access of a driver, and for the whole program.  If the target is a type of many
# parents, the first limit counts once for each parent that does not answer.
DRIVER_LIMIT = 5
LIMIT = 60


def worst(verdicts):
    """Join the verdicts about devices to a verdict about the guest: a no outweighs the rest"""
    verdicts = list(verdicts)
    if NO in verdicts:
        return NO
    return YES if verdicts and all(verdict == YES for verdict in verdicts) else NOT_ASKED


def ask(document, target, before=(), limit=LIMIT):
    """Ask whether target takes the device that the document describes

    The words of before come before the command's name, such as "ssh" and a host.  The function
    returns a verdict and a list of reasons, and does not raise an error: if the program is missing
    or hangs, the verdict is NOT_ASKED.
    """
    command = [*before, "mdev-precheck", "check", "--json", "--timeout", str(DRIVER_LIMIT),
               "--from", "-", "--", target]
    try:
        done = subprocess.run(command, input=document, capture_output=True, text=True,
                              timeout=limit, check=False)
    except Exception as error:  # pylint: disable=broad-except
        # eventlet replaces subprocess, and raises another class of error at the limit
        return NOT_ASKED, [f"{command[0]} did not end with an answer: {error}"]
    try:
        verdicts = json.loads(done.stdout)["verdicts"]
        reasons = [f"{verdict['target']['parent']}/{verdict['target']['type']}: "
                   f"{verdict['reason']}" for verdict in verdicts]
        # The exit status is 0 as soon as one parent of a type takes the device
        verdict = worst(verdict["verdict"] for verdict in verdicts)
    except (ValueError, LookupError, TypeError):
        said = done.stderr.strip() or f"{command[0]} ended with {done.returncode}"
        return NOT_ASKED, [said]
    if verdict == YES and done.returncode:
        return NOT_ASKED, [f"all verdicts are yes, and {command[0]} ended with "
                           f"{done.returncode}: {done.stderr.strip()}"]
    return verdict, reasons


def ask_all(pairs):
    """Ask about pairs of a document and a target, and return a verdict and all reasons

    The caller decides about a guest without devices, for which no question is asked.
    """
    answers = [ask(document, target) for document, target in pairs]
    return worst(verdict for verdict, _ in answers), [
        reason for _, reasons in answers for reason in reasons]


def main():
    """Ask about the pairs of the command line"""
    operands = sys.argv[1:]
    if not operands or len(operands) % 2:
        print("usage: ask.py DOCUMENT TARGET [DOCUMENT TARGET]...", file=sys.stderr)
        return 2
    try:
        documents = [pathlib.Path(name).read_text(encoding="utf-8") for name in operands[::2]]
    except (OSError, ValueError) as error:
        print(f"ask.py: a document of mdev-precheck was expected: {error}", file=sys.stderr)
        return 2
    verdict, reasons = ask_all(zip(documents, operands[1::2]))
    print(verdict)
    for reason in reasons:
        print(f"  {reason}")
    return {YES: 0, NO: 1, NOT_ASKED: 3}[verdict]


if __name__ == "__main__":
    sys.exit(main())
