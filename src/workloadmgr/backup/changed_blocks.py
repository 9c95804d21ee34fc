"""Compares the disks of instances with their last backups, block by block, and digests them.

Prints a JSON object for each disk: its content digest, and the ranges that differ. The data of each such range is copied to
a file, for the image of an incremental backup. A disk without a last backup is only digested.
"""
import os
import sys

import digest
import json_text

BLOCK = digest.BLOCK
MAX_RANGE = 64 * BLOCK


def progress(done, size):
    print("%d of %d bytes" % (done, size), file=sys.stderr, flush=True)


class Blocks:
    """The blocks of a raw disk. Blocks that hold only zeroes are not read."""

    def __init__(self, path):
        self.fd = os.open(path, os.O_RDONLY)
        self.size = os.lseek(self.fd, 0, os.SEEK_END)
        self.starts = set()
        for start, end in digest.data_ranges(self.fd, self.size):
            self.starts.update(range(start, end, BLOCK))

    def at(self, start, length):
        if start not in self.starts:
            return bytes(length)
        return os.pread(self.fd, length, start).ljust(length, b"\0")


def differing(disk, previous):
    """The blocks that differ: start and content."""
    for nth, start in enumerate(sorted(disk.starts | previous.starts)):
        if start >= disk.size:
            return
        if nth % 256 == 0:
            progress(start, disk.size)
        length = min(BLOCK, disk.size - start)
        block = disk.at(start, length)
        if block != previous.at(start, length):
            yield start, block


def changes(disk, previous, copies):
    """Ranges of blocks that differ, as an image is written: adjacent ones of a kind are one range."""
    ranges = []
    copy = None
    for start, block in differing(disk, previous):
        kind = "data" if block.strip(b"\0") else "zero"
        last = ranges[-1] if ranges else None
        if last and last["kind"] == kind and last["offset"] + last["lengthBytes"] == start and last["lengthBytes"] < MAX_RANGE:
            last["lengthBytes"] += len(block)
        else:
            if copy:
                copy.close()
            copy = open("%s%d" % (copies, len(ranges)), "wb") if kind == "data" else None
            ranges.append({"kind": kind, "offset": start, "lengthBytes": len(block)})
        if copy:
            copy.write(block)
    if copy:
        copy.close()
    return ranges


def main(disks):
    for disk in disks:
        try:
            facts = {"path": disk["path"], "digest": digest.digest(disk["path"], progress)}
            if "previous" in disk:
                facts["changes"] = changes(Blocks(disk["path"]), Blocks(disk["previous"]), disk["copies"])
        except OSError as error:
            print("%s: %s" % (error.filename or disk["path"], error.strerror), file=sys.stderr)
            return 1
        print(json_text.dumps(facts), flush=True)
    return 0
