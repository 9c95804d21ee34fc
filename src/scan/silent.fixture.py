"""Lets nobody open what is in the folders that are named until it ends: a file system that does not answer."""

import ctypes
import os
import sys

FAN_CLASS_CONTENT, FAN_OPEN_PERM, FAN_EVENT_ON_CHILD, FAN_ONDIR = 4, 0x10000, 0x08000000, 0x40000000
FAN_MARK_ADD, AT_FDCWD = 1, -100

libc = ctypes.CDLL(None, use_errno=True)


def checked(result):
    if result < 0:
        sys.exit(os.strerror(ctypes.get_errno()))
    return result


group = checked(libc.fanotify_init(FAN_CLASS_CONTENT, os.O_RDONLY))
mask = ctypes.c_uint64(FAN_OPEN_PERM | FAN_EVENT_ON_CHILD | FAN_ONDIR)
for folder in sys.argv[1:]:
    checked(libc.fanotify_mark(group, FAN_MARK_ADD, mask, AT_FDCWD, folder.encode()))
print("silent", flush=True)
sys.stdin.read()
