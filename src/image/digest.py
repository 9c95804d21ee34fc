"""Content digest, version 1, of raw disks: python3 digest.py PATH...

SHA-256 over the size as unsigned 64-bit big-endian, then, for each 64 KiB block that is not all zero, in order, its
index likewise and the 32 raw bytes of its SHA-256; a last short block at its real length. Holes are not read.

Prints a line "DIGEST PATH" for each path when it is done, and lines on standard error meanwhile. Requires only the
standard library (the part in Debian's python3-minimal). Exits with 1 if a path cannot be read.
"""
import errno
import hashlib
import os
import struct
import sys
import time

BLOCK = 65536
BATCH = 64 * BLOCK
ZEROES = bytes(BLOCK)


def data_ranges(fd, size):
    """The byte ranges that may hold anything but zeroes, widened to whole blocks, in order, without overlap."""
    end = 0
    while end < size:
        try:
            start = os.lseek(fd, end, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:
                return
            # A file system or device without SEEK_DATA: all of it.
            yield end, size
            return
        hole = os.lseek(fd, start, os.SEEK_HOLE)
        start = max(end, start // BLOCK * BLOCK)
        end = min(size, -(-hole // BLOCK) * BLOCK)
        if start < end:
            yield start, end


def read_exactly(fd, length, offset):
    pieces = []
    while length > 0:
        piece = os.pread(fd, length, offset)
        if not piece:
            raise OSError(errno.EIO, "shorter than when it was opened")
        pieces.append(piece)
        length -= len(piece)
        offset += len(piece)
    return b"".join(pieces)


def digest(path, progress):
    """Returns the digest in hex. Calls progress(bytes done, size) now and then."""
    fd = os.open(path, os.O_RDONLY)
    try:
        size = os.lseek(fd, 0, os.SEEK_END)
        whole = hashlib.sha256(struct.pack(">Q", size))
        for start, end in data_ranges(fd, size):
            for batch in range(start, end, BATCH):
                # Copying a block and comparing it takes a twentieth of comparing a memoryview.
                content = read_exactly(fd, min(BATCH, end - batch), batch)
                for at in range(0, len(content), BLOCK):
                    block = content[at : at + BLOCK]
                    if block != ZEROES[: len(block)]:
                        whole.update(struct.pack(">Q", (batch + at) // BLOCK))
                        whole.update(hashlib.sha256(block).digest())
                progress(batch + len(content), size)
        return whole.hexdigest()
    finally:
        os.close(fd)


def main(paths):
    state = {"at": time.monotonic(), "failed": False}
    for path in paths:

        def progress(done, size):
            if time.monotonic() - state["at"] >= 2:
                state["at"] = time.monotonic()
                print("%s: %d of %d bytes" % (path, done, size), file=sys.stderr, flush=True)

        try:
            print(digest(path, progress), path, flush=True)
        except OSError as error:
            state["failed"] = True
            print("%s: %s" % (path, error.strerror), file=sys.stderr, flush=True)
    return 1 if state["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
