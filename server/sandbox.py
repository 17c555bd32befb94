"""What a worker process gives up before it answers: network, memory without end, a life alone.

Each step uses what the system offers without any privilege, and says whether it is in force.
Sockets are denied by a seccomp filter (Linux, x86-64 and ARM64): a program of seven
instructions that the kernel runs before each system call. A limit on file descriptors would
be simpler but also stop RocksDB, which opens its tables when they are first read; a network
namespace needs a right that containers and some distributions withhold.
"""

from __future__ import annotations

import ctypes
import platform
import signal
import struct
import sys
from pathlib import Path

if sys.platform != "win32":
    import resource

# Constants of linux/prctl.h, linux/seccomp.h, linux/filter.h and linux/audit.h.
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2
SECCOMP_RET_ALLOW = 0x7FFF_0000
SECCOMP_RET_ERRNO = 0x0005_0000
EACCES = 13
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
OFFSET_OF_CALL, OFFSET_OF_ARCHITECTURE = 0, 4

# machine: (number of the architecture, numbers of the calls socket and io_uring_setup)
MACHINES = {"x86_64": (0xC000_003E, 41, 425), "aarch64": (0xC000_00B7, 198, 425)}


class _Program(ctypes.Structure):
    """`struct sock_fprog`: a filter and its length in instructions."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def forbid_sockets() -> bool:
    """Make socket(2) fail in this process from now on."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        return False
    code = _filter(*MACHINES[platform.machine()])
    program = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    no_way_back = libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    return no_way_back and not libc.prctl(
        PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    )


def end_with_parent() -> bool:
    """Make the kernel end this process when the service ends, even in the middle of a query."""
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    return bool(libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) == 0)


def limit_memory(more: int) -> bool:
    """Allow so many bytes of address space beyond those in use, and no core files.

    It may be called again, when another store has been opened in place of the one before.
    """
    if sys.platform != "linux":
        return False
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    in_use = pages * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (in_use + more, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return True


def _filter(architecture: int, socket: int, io_uring: int) -> bytes:
    """Assemble: of the calls of this architecture, two fail; calls of another fail as well."""
    instructions = (
        (LOAD, 0, 0, OFFSET_OF_ARCHITECTURE),
        (JUMP_IF_EQUAL, 0, 3, architecture),
        (LOAD, 0, 0, OFFSET_OF_CALL),
        (JUMP_IF_EQUAL, 1, 0, socket),
        (JUMP_IF_EQUAL, 0, 1, io_uring),
        (RETURN, 0, 0, SECCOMP_RET_ERRNO | EACCES),
        (RETURN, 0, 0, SECCOMP_RET_ALLOW),
    )
    return b"".join(struct.pack("HBBI", *instruction) for instruction in instructions)
