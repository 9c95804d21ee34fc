"""Prints the mount table, and the chain of each image as its headers name it: JSON, one line for each image.

Opens regular files only, reads at most the first 64 KiB of each, and follows at most 64 names.
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


def chain(path):
    links = []
    while path and len(links) < 64 and path not in [link["path"] for link in links]:
        link = look(path)
        link["mountPath"] = mount_path(path)
        links.append(link)
        path = link.get("backing")
        if path and not path.startswith("/"):
            break
    return links


def main(paths):
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as table:
        print(json_text.dumps({"mounts": table.read()}), flush=True)
    for path in paths:
        print(json_text.dumps({"image": path, "links": chain(path)}), flush=True)
    return 0
