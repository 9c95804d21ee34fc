"""Changes live disks (sparse raw files) and digests them: all disks of one snapshot in one process."""
import errno
import fcntl
import os
import random
import struct
import sys

import digest
import json_text

# FS_IOC_UNRESVSP64: punches a hole (the standard library has no fallocate).
PUNCH_HOLE = 0x4030582B


def punch_hole(fd, offset, length):
    try:
        fcntl.ioctl(fd, PUNCH_HOLE, struct.pack("=hhiqqiIiiii", 0, os.SEEK_SET, 0, offset, length, 0, 0, 0, 0, 0, 0))
    except OSError as error:
        if error.errno not in (errno.EOPNOTSUPP, errno.ENOTTY):
            raise
        write(fd, bytes(length), offset)


def write(fd, content, offset):
    while content:
        written = os.pwrite(fd, content, offset)
        content = content[written:]
        offset += written


def change(fd, one):
    offset, length = one["offset"], one["lengthBytes"]
    if one["kind"] == "discard":
        punch_hole(fd, offset, length)
        return
    content = bytes(length) if one["kind"] == "zero" else random.Random(one["seed"]).randbytes(length)
    write(fd, content, offset)
    if "copy" in one:
        with open(one["copy"], "wb") as copy:
            copy.write(content)


def progress(done, size):
    print("%d of %d bytes" % (done, size), file=sys.stderr, flush=True)


def change_disk(disk):
    fd = os.open(disk["path"], os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.ftruncate(fd, disk["virtualSizeBytes"])
        for one in disk["changes"]:
            change(fd, one)
    finally:
        os.close(fd)
    if "empty" in disk:
        with open(disk["empty"], "rb") as empty, open(disk["overlay"], "wb") as overlay:
            overlay.write(empty.read())
    print(json_text.dumps({"path": disk["path"], "digest": digest.digest(disk["path"], progress)}), flush=True)


def main(disks):
    try:
        for disk in disks:
            change_disk(disk)
    except OSError as error:
        print("%s: %s" % (error.filename or disk["path"], error.strerror), file=sys.stderr)
        return 1
    return 0
