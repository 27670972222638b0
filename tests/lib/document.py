#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""document.py LIST [AGE] - print the document of a host, written AGE seconds ago

LIST is an expression of Python.  An element has a type, a string, the number of parents that show
it, and how many parents took it, refused it, or could not be asked; these three are 0 for an
answer about the host.  A parent shows one string of a type, so that each string has other parents.
"""
import datetime
import json
import sys

age = int(sys.argv[2]) if len(sys.argv) > 2 else 0
now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
document = {"format": "mdev-precheck-types", "format_version": 1, "host": "host",
            "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "types": [], "unread": [], "takes": []}


def names(first, num):
    return [f"parent-{number}" for number in range(first, first + num)]


shown = {}
for type_, version, parents, taking, refusing, unasked in eval(f"({sys.argv[1]})"):
    document["types"] += [
        {"parent": parent, "type": type_, "name": None, "description": None, "device_api": None,
         "available_instances": 1, "devices": [], "migration_version": version,
         "state": "read", "errno": None} for parent in names(shown.get(type_, 0), parents)]
    shown[type_] = shown.get(type_, 0) + parents
    for verdict, condition, error, first, num in (
            ("compatible", None, None, 0, taking),
            ("not compatible", "accepted", "EINVAL", taking, refusing),
            ("not asked", "accepted", "EACCES", taking + refusing, unasked)):
        if num:
            document["takes"].append(
                {"type": type_, "migration_version": version, "verdict": verdict,
                 "failed_condition": condition, "errno": error, "reason": "reason",
                 "available_instances": None if error else num, "method": "attribute",
                 "parents": names(first, num)})
    if not taking + refusing + unasked:
        document["takes"].append(
            {"type": type_, "migration_version": version, "verdict": "not compatible",
             "failed_condition": "same-type", "errno": None, "reason": "reason",
             "available_instances": None, "method": "attribute",
             "parents": []})
json.dump(document, sys.stdout)
