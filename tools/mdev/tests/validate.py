#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
validate.py [--read] [FILE...] - check documents of mdev-precheck

The member "format" of a document is the name of its schema in ../schema.  A document must
be one that mdev-precheck writes.  With --read it may also be one that mdev-precheck only
reads, such as a document of an older version.  The default FILE is standard input.

Exit status: 0 if each document is right; 1 with a line for each wrong document; 2 if the
command line is wrong or if python3-jsonschema is missing.
"""

import json
import pathlib
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("validate.py: python3-jsonschema (4.0 or later) is missing", file=sys.stderr)
    sys.exit(2)

SCHEMAS = pathlib.Path(__file__).resolve().parent.parent / "schema"


class Wrong(Exception):
    """The reason why a document is wrong"""


def unique(pairs):
    """Make an object, and refuse a member that JSON allows twice"""
    members = {}
    for key, value in pairs:
        if key in members:
            raise Wrong(f"an object has the member {key!r} twice")
        members[key] = value
    return members


def no_number(name):
    """Refuse NaN and Infinity, which Python accepts and which are not JSON"""
    raise Wrong(f"{name} is not JSON")


def parse(data):
    """Parse all of data as one JSON value"""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=unique,
                          parse_constant=no_number)
    except UnicodeDecodeError as error:
        raise Wrong(f"byte {error.start} is not UTF-8") from None
    except json.JSONDecodeError as error:
        raise Wrong(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise Wrong("the JSON is nested too deeply") from None


def load_schema(document, written):
    """Load the schema of a document, and with written require that mdev-precheck writes it"""
    if not isinstance(document, dict) or not isinstance(document.get("format"), str):
        raise Wrong('an object with a member "format" was expected')
    name = document["format"]
    path = SCHEMAS / f"{name}.schema.json"
    if path not in SCHEMAS.iterdir():
        raise Wrong(f"the format {name!r} does not have a schema")
    schema = json.loads(path.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    if written and "written" in schema["$defs"]:
        schema["allOf"] = [{"$ref": "#/$defs/written"}]
    return schema


def check_schema(document, schema):
    """Check a document by its schema, and report the error that lies deepest in it

    A wrong format_version comes before other errors, because it changes the meaning of members.
    """
    def order(error):
        path = list(error.absolute_path)
        return path == ["format_version"], len(path)

    error = max(Draft202012Validator(schema).iter_errors(document), key=order, default=None)
    if error:
        place = "".join(f"[{step!r}]" for step in error.absolute_path)
        raise Wrong(f"{place or 'the document'}: {error.message}")


def check_verdict(document):
    """Check the numbers of sources, and that a document with a yes has one for each source"""
    answers = {}
    for answer in document.get("verdicts", []):
        source = answer["source"]
        if isinstance(source, dict):
            source = source["number"]
        elif source >= len(document["sources"]):
            raise Wrong(f"an answer is about source {source}, and the document has "
                        f"{len(document['sources'])}")
        answers.setdefault(source, []).append(answer["verdict"])
    if document.get("verdict") != "compatible":
        return

    enough = all if "hosts" in document else any
    unasked = [host["host"] for host in document.get("hosts", []) if host["reason"]]
    refused = [source for source, verdicts in answers.items()
               if not enough(verdict == "compatible" for verdict in verdicts)]
    if unasked:
        raise Wrong(f"the whole is compatible, and the host {unasked[0]!r} was not asked")
    if refused or not answers:
        raise Wrong("the whole is compatible, and "
                    f"{f'source {refused[0]} is not' if refused else 'no answer is'}")


def main():
    """Check the documents of the command line"""
    files = sys.argv[1:]
    read = files[:1] == ["--read"]
    if read:
        del files[0]
    if any(name.startswith("-") and name != "-" for name in files):
        print("usage: validate.py [--read] [FILE...]", file=sys.stderr)
        return 2

    status = 0
    for name in files or ["-"]:
        try:
            data = (sys.stdin.buffer.read() if name == "-" else
                    pathlib.Path(name).read_bytes())
            document = parse(data)
            check_schema(document, load_schema(document, not read))
            check_verdict(document)
        except (OSError, Wrong) as error:
            reason = " ".join(str(error).split())
            print(f"{'standard input' if name == '-' else name}: {reason[:500]}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
