"""Prints the mount table, and the chain of each image as its headers name it: JSON, one line for each image.

Opens regular files only, reads at most the first 64 KiB of each, and follows at most 64 names, not beyond a file that
the chain has already. Names with a protocol are not followed.
"""
import errno
import os
import stat
import struct

import json_text


def failure(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def look(path):
    """Describes the file at a path. `state` is `image`, `not qcow2`, `not a file`, or the error."""
    link = {"path": path}
    try:
        status = os.stat(path)
        link["sizeBytes"] = status.st_size
        link["file"] = "%d:%d" % (status.st_dev, status.st_ino)
        if not stat.S_ISREG(status.st_mode):
            link["state"] = "not a file"
            return link
        fd = os.open(path, os.O_RDONLY)
        try:
            head = os.pread(fd, 65536, 0)
        finally:
            os.close(fd)
    except OSError as error:
        link["state"] = failure(error)
        return link
    if head[:4] != b"QFI\xfb" or len(head) < 72:
        link["state"] = "not qcow2"
        return link
    link["state"] = "image"
    offset, size = struct.unpack(">QI", head[8:20])
    if offset and size and size <= 1023 and offset + size <= len(head):
        link["backing"] = head[offset : offset + size].decode("utf-8", "surrogateescape")
    return link


def mount_path(path):
    """Describes the directory that a share is mounted at: the part of an image's path before its workload."""
    base = path.split("/workload_", 1)[0]
    place = {"path": base}
    try:
        place["entries"] = len(os.listdir(base))
        place["state"] = "directory"
    except OSError as error:
        place["state"] = failure(error)
    return place


def parent_path(path, name):
    """Resolves the name of a parent as QEMU does. None for a name with a protocol."""
    if ":" in name.split("/", 1)[0]:
        return None
    return os.path.join(os.path.dirname(path), name)


def chain(path):
    links = []
    while path and len(links) < 64:
        link = look(path)
        link["mountPath"] = mount_path(path)
        is_cycle = "file" in link and any(link["file"] == before.get("file") for before in links)
        links.append(link)
        if is_cycle or "backing" not in link:
            break
        path = parent_path(path, link["backing"])
    return links


def main(paths):
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as table:
        print(json_text.dumps({"mounts": table.read()}), flush=True)
    for path in paths:
        print(json_text.dumps({"image": path, "links": chain(path)}), flush=True)
    return 0
