"""Runs `qemu-img rebase -u`: on a copy of an image's metadata as a trial, and on the image itself."""
import base64
import os
import struct
import subprocess

import bounds

# More than QEMU takes of each: it refuses a larger one by its header.
MAX_L1, MAX_REFCOUNTS, MAX_SNAPSHOTS, MAX_KEYS = 33 << 20, 9 << 20, 1 << 20, 16 << 20
HAS_BITMAPS, ENCRYPTION = 1, 0x0537BE77


def quoted(value):
    return value.replace(",", ",,")


def command(job, path, secrets):
    """Returns the command and the descriptors it needs. A secret is never in a file or on a command line."""
    start = ["qemu-img", "rebase", "-q", "-u", "-F", "qcow2", "-b", job["to"]]
    secret = job.get("secret")
    if not secret:
        return start + ["-f", "qcow2", "--", path], []
    reading, writing = os.pipe()
    os.write(writing, base64.b64decode(secrets[secret]))
    os.close(writing)
    objects = ["--object", "secret,id=sec,file=/proc/self/fd/%d" % reading]
    options = "driver=qcow2,encrypt.key-secret=sec,file.driver=file,file.filename=" + quoted(path)
    return start + objects + ["--image-opts", "--", options], [reading]


def rename(job, path, secrets, more=()):
    """Returns why it failed. None if it did not."""
    fds = []
    try:
        argv, fds = command(job, path, secrets)
        argv = bounds.within(argv, 1, os.stat(path).st_size)
        how = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        done = subprocess.run(argv, pass_fds=fds + list(more), **how)
        if done.returncode == 0:
            return None
        return done.stderr.decode("utf-8", "replace").strip()[-2048:] or "exit code %d" % done.returncode
    finally:
        for fd in fds:
            os.close(fd)


def attempt(job, header, secrets):
    """Renames the parent in a copy of the metadata, which QEMU reads before it writes. Returns why it failed."""
    fd = os.open(job["path"], os.O_RDONLY | os.O_NOFOLLOW)
    try:
        regions = metadata(fd, header)
        if regions is None:
            return None
        with copy_of(fd, regions) as copy:
            path = "/proc/self/fd/%d" % copy.fileno()
            why = rename(job, path, secrets, [copy.fileno()])
            return why and why.replace(path, job["path"])
    finally:
        os.close(fd)


def metadata(fd, header):
    """Returns the parts of an image that QEMU reads when it opens it. None for one with bitmaps, which it also writes."""
    head = os.pread(fd, 72, 0)
    entries, l1, refcounts, clusters, snapshots, snapshot_table = struct.unpack(">IQQIIQ", head[36:72])
    if header.autoclear & HAS_BITMAPS:
        return None
    regions = [(0, header.cluster), (l1, min(entries * 8, MAX_L1)), (refcounts, min(clusters * header.cluster, MAX_REFCOUNTS))]
    if snapshots:
        regions.append((snapshot_table, MAX_SNAPSHOTS))
    for kind, content in header.extensions:
        if kind == ENCRYPTION and len(content) >= 16:
            offset, length = struct.unpack(">QQ", content[:16])
            regions.append((offset, min(length, MAX_KEYS)))
    return regions


def copy_of(fd, regions):
    copy = unnamed_file()
    size = os.fstat(fd).st_size
    copy.truncate(size)
    for offset, length in regions:
        if offset < size:
            os.pwrite(copy.fileno(), os.pread(fd, min(length, size - offset), offset), offset)
    return copy


def unnamed_file():
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("metadata"), "w+b")
    # Before Python 3.8. Not at the top: python3-minimal, which is newer, does not have it.
    import tempfile

    return tempfile.TemporaryFile()
