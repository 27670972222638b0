#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""
kubevirt.py [--socket PATH] [--namespace NAME] [--selector LABELS] [--resource NAME=TYPE]...

This node hook of KubeVirt ends a migration before it begins, unless the drivers of the target
node take each vGPU of the guest.  It is a sketch of a program that a DaemonSet runs in a
privileged pod on each node, beside mdev-precheck.  KubeVirt needs the feature gate Plugins and
a Plugin with this socket in nodeHooks, with permittedHooks: ["PreMigrationSource"].

virt-handler of the source calls the hook over gRPC with the VirtualMachineInstance, where a
vGPU is a resource.  The text after the resource's slash is the name of a type of this node,
with "_" for blanks.  --resource names the type of a resource with another name.

The guest has one of the devices that this node has of the type, and the target's device plugin
may choose any parent.  So each parent of the target has to take each version that devices of
the source have.  kubectl exec asks in the pod of the DaemonSet on the target, whose service
account needs "list" of pods and "create" of pods/exec.

Packages: python3-grpcio, kubectl.
"""

import argparse
import concurrent.futures
import json
import os
import re
import stat
import subprocess
import sys

import grpc

from ask import NO, YES, ask

# Service and method of KubeVirt's pkg/hooks/plugins/v1alpha1/api.proto
SERVICE = "kubevirt.hooks.plugins.v1alpha1.NodeHookService"
METHOD = "ExecuteNodeHook"
HOOK_POINT = "PreMigrationSource"

# Seconds for each program.  virt-handler waits for 30 seconds, if the Plugin does not have another
# timeout.  For one vGPU the export, the search for the pod and the question end before that.  A
# guest with more vGPUs stays if its hosts are slow, because virt-handler takes a missing answer
# for a no.
LIMIT = 8
# Characters of a reason.  gRPC takes 8 KiB of details with a status.
REASON = 2000


class Refused(Exception):
    """The reason why a guest stays"""


def fields(message):
    """Yield number and content of the fields of a protobuf message

    KubeVirt's request has strings, bytes and messages; each is a length and the content.
    """
    def varint():
        nonlocal at
        value = shift = 0
        while True:
            if at == len(message) or shift > 63:
                raise ValueError("a number of the request does not end")
            byte = message[at]
            value |= (byte & 0x7f) << shift
            at, shift = at + 1, shift + 7
            if not byte & 0x80:
                return value

    at = 0
    while at < len(message):
        key = varint()
        if key & 7 != 2:
            raise ValueError(f"field {key >> 3} of the request does not have the expected form")
        length = varint()
        if length > len(message) - at:
            raise ValueError(f"field {key >> 3} of the request is not complete")
        yield key >> 3, message[at:at + length]
        at += length


def output_of(*command):
    """Return the output of a command, or raise Refused with its message"""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT,
                              check=False)
    except subprocess.TimeoutExpired:
        raise Refused(f"{command[0]} did not end within {LIMIT} seconds") from None
    except (OSError, ValueError) as error:
        raise Refused(f"{command[0]} cannot be executed: {error}") from None
    if done.returncode:
        raise Refused(done.stderr.strip() or f"{command[0]} ended with {done.returncode}")
    return done.stdout


def documents(resource, types):
    """Return type and document for each type of this node that a resource may mean"""
    wanted = types.get(resource)
    name = resource.partition("/")[2]
    exported = json.loads(output_of("mdev-precheck", "export"))
    found = {}
    for source in exported["types"]:
        names = {source["type"], (source["name"] or "").strip().replace(" ", "_")}
        # The guest's type has a device here
        if source["devices"] and (source["type"] == wanted if wanted else name in names):
            found.setdefault(source["type"], []).append(source)
    if not found:
        raise Refused(f"the resource {resource} does not name a type with a device on this node; "
                      "the option --resource names the type of a resource")
    return [(name, json.dumps({**exported, "types": found[name]})) for name in found]


def pod_on(node, options):
    """Return the name of the pod of the DaemonSet on a node"""
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", node):
        raise Refused(f"status.migrationState.targetNode is {node!r}: the name of a node was "
                      "expected")
    pods = output_of("kubectl", "get", "pods", "--namespace", options.namespace,
                     "--selector", options.selector, "--field-selector",
                     f"spec.nodeName={node},status.phase=Running", "--output",
                     "jsonpath={.items[*].metadata.name}").split()
    if len(pods) != 1:
        raise Refused(f"{len(pods)} pods with {options.selector} run on {node}: one was expected")
    return pods[0]


def check_guest(guest, options):
    """Raise Refused unless the target node takes each vGPU of a VirtualMachineInstance"""
    gpus = guest["spec"]["domain"]["devices"].get("gpus") or []
    if not gpus:
        return
    target = (guest.get("status") or {}).get("migrationState", {}).get("targetNode", "")
    pod = pod_on(target, options)
    reasons = []
    for gpu in gpus:
        resource = gpu.get("deviceName")
        if not resource:
            raise Refused(f"the GPU {gpu['name']} is a claim and not a resource")
        for name, document in documents(resource, options.types):
            verdict, said = ask(document, name, limit=LIMIT, before=[
                "kubectl", "exec", "--stdin", "--namespace", options.namespace, pod, "--"])
            if verdict != YES:
                reasons.append(f"{gpu['name']} ({resource}) is refused by {target}: "
                               if verdict == NO else
                               f"{gpu['name']} ({resource}) was not asked about on {target}: ")
                reasons[-1] += "; ".join(said)
    if reasons:
        raise Refused(". ".join(reasons))


def handler(options):
    """Make the gRPC method of the hook"""
    def execute(request, context):
        try:
            values = dict(fields(request))
            if values.get(1, b"").decode() != HOOK_POINT:
                return b""
            check_guest(json.loads(values.get(2, b"")), options)
        except Refused as refused:
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(refused)[:REASON])
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT,
                          f"a VirtualMachineInstance was expected: {error!r}"[:REASON])
        return b""

    # Bytes need no conversion: the response is an empty message
    return grpc.method_handlers_generic_handler(
        SERVICE, {METHOD: grpc.unary_unary_rpc_method_handler(execute)})


def type_of_resource(text):
    """Take NAME=TYPE apart"""
    resource, equals, name = text.partition("=")
    if not (equals and "/" in resource and name):
        raise argparse.ArgumentTypeError(f"{text}: NAME=TYPE was expected, such as "
                                         "nvidia.com/GRID_T4-1Q=nvidia-222")
    return resource, name


def main():
    """Serve the hook until SIGTERM"""
    parser = argparse.ArgumentParser(prog="kubevirt.py")
    parser.add_argument("--socket", default="/var/run/kubevirt/plugins/mdev-precheck.sock")
    parser.add_argument("--namespace", default="mdev-precheck")
    parser.add_argument("--selector", default="app=mdev-precheck")
    parser.add_argument("--resource", dest="types", action="append", default=[],
                        type=type_of_resource, metavar="NAME=TYPE")
    options = parser.parse_args()
    options.types = dict(options.types)

    # A hook that was killed leaves its socket, at which a new socket cannot be bound
    try:
        if stat.S_ISSOCK(os.lstat(options.socket).st_mode):
            os.unlink(options.socket)
    except FileNotFoundError:
        pass
    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=8))
    server.add_generic_rpc_handlers([handler(options)])
    try:
        if not server.add_insecure_port(f"unix:{options.socket}"):
            raise RuntimeError("it cannot be bound")
    except RuntimeError as error:
        print(f"kubevirt.py: {options.socket}: {error}", file=sys.stderr)
        return 1
    server.start()
    print(f"kubevirt.py: serving {options.socket}", flush=True)
    server.wait_for_termination()
    return 0


if __name__ == "__main__":
    sys.exit(main())
