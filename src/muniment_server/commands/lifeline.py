"""Lets a process end with the one that started it, also where that one was killed.

A process that gets SIGKILL cannot stop what it started. Linux does it in its place: prctl(2),
PR_SET_PDEATHSIG. `python -m muniment_server.commands.lifeline PID MODULE …` runs a module so, and
with it every process that the module forks.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def end_with(parent: int) -> None:
    """Have this process told to stop (SIGTERM) once its parent is gone, now if it is already.

    Raises `OSError` where the system cannot.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGTERM)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


def _as_forked() -> None:
    """Hear signals from the first moment: what a fork inherits only tells its parent's loop."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)
    end_with(_own)


if __name__ == "__main__":
    _program, process, module, *words = sys.argv
    end_with(int(process))
    _own = os.getpid()
    multiprocessing.set_start_method("fork")
    os.register_at_fork(after_in_child=_as_forked)
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
