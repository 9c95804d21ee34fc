"""Lets what is in the folders that are named be opened only so many milliseconds later, or never: until it ends."""

import collections
import ctypes
import os
import select
import struct
import sys
import time

FAN_CLASS_CONTENT, FAN_OPEN_PERM, FAN_EVENT_ON_CHILD, FAN_ONDIR = 4, 0x10000, 0x08000000, 0x40000000
FAN_MARK_ADD, FAN_ALLOW, AT_FDCWD = 1, 1, -100
event = struct.Struct("=IBBHQii")

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result


milliseconds, folders = sys.argv[1], sys.argv[2:]
group = checked(libc.fanotify_init(FAN_CLASS_CONTENT, os.O_RDONLY))
mask = ctypes.c_uint64(FAN_OPEN_PERM | FAN_EVENT_ON_CHILD | FAN_ONDIR)
for folder in folders:
    checked(libc.fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, folder.encode()))
print("slow", flush=True)
if milliseconds == "never":
    sys.stdin.read()
    sys.exit()

held = collections.deque()
while True:
    wait = max(0, held[0][0] - time.monotonic()) if held else None
    ready, _, _ = select.select([group, sys.stdin], [], [], wait)
    if sys.stdin in ready:
        # What is held then is let go by the kernel.
        break
    if group in ready:
        data = os.read(group, 4096)
        due = time.monotonic() + int(milliseconds) / 1000
        held.extend((due, event.unpack_from(data, at)[5]) for at in range(0, len(data), event.size))
    while held and held[0][0] <= time.monotonic():
        _, fd = held.popleft()
        os.write(group, struct.pack("=iI", fd, FAN_ALLOW))
        os.close(fd)
