"""Checks whether an image can get another name for its parent, and changes nothing.

`check` tries what `qemu-img rebase -u` does, as far as that is possible without a change: it opens the image for writing, and
looks for the locks of other programs. `Refused` has the reason.
"""
import errno
import fcntl
import os
import stat
import struct

import image_chain

MAX_NAME = 1023
MIN_FREE_BYTES = 1 << 20
KNOWN_BITS = {0: "dirty", 1: "corrupt", 2: "external data", 3: "compression type", 4: "extended L2"}
FORMAT_NAME, FEATURE_NAMES = 0xE2792ACA, 0x6803F857
# Bytes that QEMU locks: 100 + n for what a program does, 200 + n for what it does not let others do. See its file-posix.c.
READING, WRITING_BYTES = 100, (101, 103, 200, 201, 203)
SET_LOCK, GET_LOCK = 37, 36
WHY_NOT_WRITABLE = {
    errno.EACCES: ("user %(user)d has no permission to write to it", "owner"),
    errno.EPERM: ("it is immutable, or can only be appended to", "immutable"),
    errno.EROFS: ("the file system is mounted read-only", "read-only"),
}


class Refused(Exception):
    """Why an image cannot be renamed. `kind` is what a remedy depends on."""

    def __init__(self, sentence, kind="damaged"):
        super().__init__(sentence)
        self.kind = kind


class Changed(Refused):
    pass


class Header:
    """The first cluster of a qcow2 image, as far as another name needs it."""

    def __init__(self, fd):
        head = os.pread(fd, 112, 0)
        if head[:4] != b"QFI\xfb" or len(head) < 72:
            raise Refused("not a qcow2 image")
        if image_chain.has_data_file(head):
            raise Refused("keeps its data in an external file, which is not opened", "feature")
        self.version, offset, length, bits = struct.unpack(">IQII", head[4:24])
        if self.version not in (2, 3) or not 9 <= bits <= 21 or length > MAX_NAME:
            raise Refused("damaged header")
        self.cluster = 1 << bits
        self.features = struct.unpack(">Q", head[72:80].ljust(8, b"\0"))[0] if self.version == 3 else 0
        self.autoclear = struct.unpack(">Q", head[88:96].ljust(8, b"\0"))[0] if self.version == 3 else 0
        self.end = struct.unpack(">I", head[100:104].ljust(4, b"\0"))[0] if self.version == 3 else 72
        name = os.pread(fd, length, offset) if offset and offset + length <= self.cluster else b""
        if len(name) != (length if offset else 0) or not 72 <= self.end <= self.cluster:
            raise Refused("damaged header")
        # QEMU takes the name for a string of C, which ends at a zero.
        self.name = os.fsdecode(name.split(b"\0", 1)[0])
        self.extensions = list(extensions(fd, self.end, offset or self.cluster))

    def room(self):
        """Returns how many bytes a name can have. The format's name and the end take 24. Feature names may go."""
        others = sum(8 + (len(content) + 7) // 8 * 8 for kind, content in self.extensions if kind not in (FORMAT_NAME, FEATURE_NAMES))
        return min(self.cluster - self.end - 24 - others, MAX_NAME)

    def parent_format(self):
        for kind, content in self.extensions:
            if kind == FORMAT_NAME:
                return content.split(b"\0", 1)[0].decode("utf-8", "replace")
        return None


def extensions(fd, at, limit):
    while at + 8 <= limit:
        kind, length = struct.unpack(">II", os.pread(fd, 8, at).ljust(8, b"\0"))
        if kind == 0:
            return
        if at + 8 + length > limit:
            raise Refused("damaged header")
        yield kind, os.pread(fd, length, at + 8)
        at += 8 + (length + 7) // 8 * 8


def opened(path, flags=os.O_RDONLY):
    fd = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise Refused("not a regular file")


def header_of(path):
    fd = opened(path)
    try:
        return Header(fd)
    finally:
        os.close(fd)


def check(job):
    """Returns False if there is nothing to do. Raises why the image cannot be renamed."""
    path, new = job["path"], job["to"]
    header = header_of(path)
    if header.name == new:
        return False
    if header.name != job["from"] and header.name not in job.get("also", []):
        raise Changed("its parent is named %s, not %s" % (header.name, job["from"]), "name")
    check_header(header, new)
    check_file(path)
    if job.get("parent"):
        try:
            header_of(job["parent"])
        except Refused as why:
            raise Refused("the parent %s: %s" % (job["parent"], why), "parent")
    return True


def check_header(header, new):
    unknown = [bit for bit in range(64) if header.features >> bit & 1 and bit not in KNOWN_BITS]
    if unknown:
        raise Refused("it has features that QEMU does not know (incompatible bit %d)" % unknown[0], "feature")
    if header.features & 2:
        raise Refused("it is marked as corrupt, and QEMU opens it for reading only", "marked")
    if header.features & 1:
        raise Refused("it is marked as dirty: QEMU would repair its reference counts before it writes the name", "marked")
    if header.parent_format() not in (None, "qcow2"):
        raise Refused("it names its parent as an image in the format %s, not qcow2" % header.parent_format(), "feature")
    size = len(os.fsencode(new))
    if size > header.room():
        raise Refused("the new name has %d bytes, and the header has room for %d" % (size, header.room()), "room")


def check_file(path):
    system = os.statvfs(path)
    if system.f_flag & os.ST_RDONLY:
        raise Refused(*WHY_NOT_WRITABLE[errno.EROFS])
    free = system.f_bavail if os.geteuid() else system.f_bfree
    if system.f_blocks and free * system.f_frsize < MIN_FREE_BYTES:
        raise Refused("the file system is full: it has less than 1 MiB free", "full")
    try:
        fd = opened(path, os.O_RDWR)
    except OSError as error:
        sentence, kind = WHY_NOT_WRITABLE.get(error.errno, ("it cannot be opened for writing: %s" % error.strerror, "file"))
        raise Refused(sentence % {"user": os.geteuid()} if error.errno == errno.EACCES else sentence, kind)
    try:
        check_locks(fd)
    finally:
        os.close(fd)


def check_locks(fd):
    """Raises if QEMU would not get its locks. Takes the one that every reader takes, to see whether the file system has locks."""
    for byte in WRITING_BYTES:
        kind, _, _, _, pid = struct.unpack("@hhqqi4x", fcntl.fcntl(fd, GET_LOCK, lock(fcntl.F_WRLCK, byte)))
        if kind != fcntl.F_UNLCK:
            who = "process %d" % pid if pid > 0 else "another program"
            raise Refused("it is in use: %s has it open, and locks it" % who, "busy")
    try:
        fcntl.fcntl(fd, SET_LOCK, lock(fcntl.F_RDLCK, READING))
        fcntl.fcntl(fd, SET_LOCK, lock(fcntl.F_UNLCK, READING))
    except OSError as error:
        # A kernel without these locks has QEMU do without them, too.
        if error.errno != errno.EINVAL:
            raise Refused("it cannot be locked: %s" % error.strerror, "locks")


def lock(kind, byte):
    return struct.pack("@hhqqi4x", kind, os.SEEK_SET, byte, 1, 0)
