"""The supervisor that runs inside the sandbox: one process per examination, answers as frames.

A program of its own (`python -I -S -B worker.py`, standard library only), never imported by ours.
It reads one JSON line per request from standard input and answers each on standard output with
one JSON line, `{"code": …, "ending": …, "stderr": bytes, "stdout": bytes}`, and those bytes.

- It parses nothing that a file or a parser wrote: their output passes through as counted bytes.
- A request runs in a fresh process with its own limits and a second seccomp filter, and is gone
  before the next begins.
- Its first line is the plan by which it confines itself before it serves anything: Landlock and
  no capabilities where bubblewrap did not see to that, the seccomp filter in every case.

Not its job: deciding what to run, or believing what came out.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import select
import signal
import struct
import sys
import time
from typing import Any, NoReturn

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
_SECCOMP_MODE_FILTER = 2
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT_SELF = 444, 445, 446
_LANDLOCK_RULE_PATH_BENEATH = 1
_CAPABILITY_VERSION_3 = 0x20080522
_CHUNK = 1 << 16
_DEVICE_TO_READ = "/dev/null"

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(option: int, *arguments: int) -> None:
    values = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    _checked(_libc.prctl(option, *values), f"prctl {option}")


def _add_filter(compiled: bytes) -> None:
    """Lays a BPF program on this thread and all it starts; it cannot be taken off again."""
    held = ctypes.create_string_buffer(compiled, len(compiled))
    program = struct.pack("HxxxxxxQ", len(compiled) // 8, ctypes.addressof(held))
    head = ctypes.create_string_buffer(program, len(program))
    _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(head))


def _restrict_files(rules: dict[str, Any]) -> None:
    """Landlock: nothing but the listed paths is opened; no TCP; no signal or socket out of here."""
    attributes = struct.pack("=QQQ", *rules["handled"])[: rules["attributes"]]
    ruleset = _checked(
        _libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0),
        "landlock_create_ruleset",
    )
    for path, rights in rules["paths"]:
        beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", rights, beneath)
        added = _libc.syscall(_LANDLOCK_ADD_RULE, ruleset, _LANDLOCK_RULE_PATH_BENEATH, rule, 0)
        _checked(added, f"landlock_add_rule {path}")
        os.close(beneath)
    _checked(_libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    os.close(ruleset)


def _drop_capabilities() -> None:
    """Root without capabilities, which no exec gives back: the bounding set is emptied first."""
    with open("/proc/sys/kernel/cap_last_cap", encoding="ascii") as file:  # noqa: PTH123  # cheap
        last = int(file.read())
    for capability in range(last + 1):
        _prctl(_PR_CAPBSET_DROP, capability)
    header, data = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0), bytes(24)
    _checked(_libc.capset(header, data), "capset")


def _confine(plan: dict[str, Any]) -> None:
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if plan["landlock"] is not None:
        if os.geteuid() == 0:
            _drop_capabilities()
        _restrict_files(plan["landlock"])
    _add_filter(bytes.fromhex(plan["worker"]))


def _limit(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        number = getattr(resource, name)
        hardest = resource.getrlimit(number)[1]
        lowest = value if hardest == resource.RLIM_INFINITY else min(value, hardest)
        resource.setrlimit(number, (lowest, lowest))


def _become(request: dict[str, Any], filters: dict[str, bytes], out: int, err: int) -> NoReturn:
    """Turns this forked process into the examination; does not return."""
    status = 1
    try:
        os.dup2(os.open(_DEVICE_TO_READ, os.O_RDONLY), 0)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.closerange(3, 256)
        _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _limit(request["limits"])
        arguments = request["argv"]
        if request["kind"] == "program":
            _add_filter(filters["program"])
            os.execv(arguments[0], arguments)  # noqa: S606  # this is the one place that does
        _add_filter(filters["script"])
        sys.path[:0] = request["roots"]
        sys.argv[:] = arguments
        with open(arguments[0], "rb") as file:  # noqa: PTH123  # cheap: no import of pathlib
            code = compile(file.read(), arguments[0], "exec")
        exec(code, {"__name__": "__main__"})  # noqa: S102  # our own script, in its own process
        sys.stdout.flush()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
    except BaseException as failure:  # noqa: BLE001  # whatever a parser raises ends this process
        os.write(2, f"{type(failure).__name__}: {failure}".encode("utf-8", "replace"))
    os._exit(status)


class _Watched:
    """One examination's process and what it has written so far, within its caps."""

    def __init__(self, process: int, out: int, err: int, request: dict[str, Any]) -> None:
        self.process = process
        self.open = {out: "stdout", err: "stderr"}
        self.written = {"stdout": bytearray(), "stderr": bytearray()}
        self.caps = {"stdout": request["output"], "stderr": request["messages"]}
        self.deadline = time.monotonic() + request["seconds"]
        self.ending = ""

    def watch(self) -> tuple[str, int]:
        """Waits for the end, or makes it; returns what ended it and the code or signal."""
        while self.open and not self.ending:
            for descriptor in self._ready(list(self.open)):
                self._take(descriptor)
        ended = os.pidfd_open(self.process)  # closing its outputs does not end a process
        if self.ending or not self._ready([ended]):
            os.kill(self.process, signal.SIGKILL)
        for descriptor in (ended, *self.open):
            os.close(descriptor)
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        if self.ending:
            return self.ending, 0
        return ("killed", -status) if status < 0 else ("exited", status)

    def _ready(self, descriptors: list[int]) -> list[int]:
        left = self.deadline - time.monotonic()
        ready = select.select(descriptors, [], [], left)[0] if left > 0 else []
        if not ready:
            self.ending = "timed out"
        return ready

    def _take(self, descriptor: int) -> None:
        name = self.open[descriptor]
        data = os.read(descriptor, _CHUNK)
        if not data:
            os.close(descriptor)
            del self.open[descriptor]
            return
        room = self.caps[name] - len(self.written[name])
        self.written[name] += data[:room]
        if len(data) > room and name == "stdout":  # messages are merely cut
            self.ending = "overflowed"


def _serve(request: dict[str, Any], filters: dict[str, bytes]) -> None:
    out, out_end = os.pipe()
    err, err_end = os.pipe()
    process = os.fork()
    if process == 0:
        _become(request, filters, out_end, err_end)
    os.close(out_end)
    os.close(err_end)
    watched = _Watched(process, out, err, request)
    ending, code = watched.watch()
    sizes = {name: len(data) for name, data in watched.written.items()}
    answer = json.dumps({"code": code, "ending": ending, **sizes}).encode("ascii") + b"\n"
    written = watched.written
    sys.stdout.buffer.write(answer + written["stdout"] + written["stderr"])
    sys.stdout.buffer.flush()


def main() -> None:
    """Serves requests until standard input ends."""
    plan = json.loads(sys.stdin.buffer.readline())
    filters = {name: bytes.fromhex(plan[name]) for name in ("program", "script")}
    _confine(plan)
    sys.stdout.buffer.write(b"ready\n")
    sys.stdout.buffer.flush()
    for line in sys.stdin.buffer:
        _serve(json.loads(line), filters)
    os._exit(0)  # nothing to tidy: the sandbox goes with this process


if __name__ == "__main__":
    main()
