"""Reads the header of a qcow2 image as QEMU does, and refuses what QEMU refuses.

All programs on hosts read the names of parents here, so that they agree with each other.
"""
import os
import struct

MAX_NAME = 1023
HEAD_BYTES = 4096
BACKING_FORMAT = 0xE2792ACA
DATA_FILE_BIT = 4


class BadHeader(Exception):
    """The file is not an image, or QEMU cannot open it. The message says why."""


class Header:
    """`name` and `format` are those of the parent. None if the image has none. The name may be empty, which is none for QEMU."""

    def __init__(self, version, bits, size, encryption):
        self.version, self.bits, self.size, self.encryption = version, bits, size, encryption
        self.incompatible = self.compression = 0
        self.name = self.format = None
        self.is_cut = False


class Source:
    """The bytes of a file. QEMU reads zeroes beyond its end."""

    def __init__(self, fd, head):
        self.fd, self.head, self.is_cut = fd, head, False

    def read(self, at, size):
        found = self.head[at : at + size] if at + size <= len(self.head) else os.pread(self.fd, size, at)
        self.is_cut = self.is_cut or len(found) < size
        return found.ljust(size, b"\0")

    def number(self, layout, at):
        return struct.unpack(layout, self.read(at, struct.calcsize(layout)))[0]


def read(fd, head=None):
    """Returns the header of an open file. Raises BadHeader, and OSError if the file cannot be read."""
    source = Source(fd, os.pread(fd, HEAD_BYTES, 0) if head is None else head)
    if source.head[:4] != b"QFI\xfb":
        raise BadHeader("not a qcow2 image")
    version, offset, length, bits, size, encryption = struct.unpack(">IQIIQI", source.read(4, 32))
    if version not in (2, 3):
        raise BadHeader("damaged header: version %d" % version)
    if not 9 <= bits <= 21:
        raise BadHeader("damaged header: clusters of 2^%d bytes" % bits)
    header, end = Header(version, bits, size, encryption), 1 << bits
    start = source.number(">I", 100) if version == 3 else 72
    if not (104 if version == 3 else 72) <= start <= end:
        raise BadHeader("damaged header: it has %d bytes" % start)
    if version == 3:
        header.incompatible = source.number(">Q", 72)
        header.compression = source.number("B", 104) if start > 104 else 0
    if offset:
        if length > MAX_NAME or offset + length > end:
            raise BadHeader("damaged header: the name of a parent has %d bytes at %d" % (length, offset))
        end = offset
        header.name = text(source.read(offset, length))
    for kind, at, size in extensions(source, start, end):
        if kind == BACKING_FORMAT:
            if size > 15:
                raise BadHeader("damaged header: the name of a format has %d bytes" % size)
            header.format = text(source.read(at, size))
    header.is_cut = source.is_cut
    return header


def text(name):
    """QEMU takes a name for a string of C, which ends at a zero."""
    return os.fsdecode(name.split(b"\0", 1)[0])


def extensions(source, at, end):
    """Yields the type, the place and the size of each extension."""
    while at < end:
        kind, size = struct.unpack(">II", source.read(at, 8))
        if at + 8 + size > end:
            raise BadHeader("damaged header: an extension has %d bytes at %d" % (size, at))
        if kind == 0:
            return
        yield kind, at + 8, size
        at += 8 + (size + 7) // 8 * 8
