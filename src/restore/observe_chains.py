"""Prints the mount table, and the chain of each image as its headers name it: JSON, one line for each image.

Opens regular files only, reads at most the first 64 KiB of each, and follows at most 64 names, not beyond a file that
the chain has already. Names with a protocol are not followed. Nothing outside of `roots` is opened or listed: a chain may come
here that no program has checked, because one before it did not answer. Looks a second time for missing files, because a client of
a network file system may not see new ones at once.
"""
import fcntl
import os
import struct
import sys
import time

import file_access
import image_chain
import json_text
import qcow2_header

OUTSIDE = "outside the targets"
# Bytes that QEMU locks in an image that it writes to or resizes, so that others do not open it.
WRITER_BYTES = (101, 103)
F_OFD_GETLK = 36
LOCK = "hhqqi4x"


def lock_error(fd):
    """The error that QEMU would meet at the locks of an image. None if there is none."""
    try:
        for byte in WRITER_BYTES:
            wanted = struct.pack(LOCK, fcntl.F_WRLCK, os.SEEK_SET, byte, 1, 0)
            if struct.unpack(LOCK, fcntl.fcntl(fd, F_OFD_GETLK, wanted))[0] != fcntl.F_UNLCK:
                return "EAGAIN"
    except OSError as error:
        code = file_access.code_of(error)
        return None if code == "EINVAL" else code
    return None


def look(path, roots):
    """Describes the file at a path. `state` is `image`, `not qcow2`, `not a file`, or the error."""
    link = {"path": path}
    try:
        status = os.stat(path)
        link["sizeBytes"] = status.st_size
        if not image_chain.is_below(os.path.realpath(path), roots):
            link["state"] = OUTSIDE
            return link
        link["file"] = "%d:%d" % (status.st_dev, status.st_ino)
        fd = file_access.open_file(path, follow=True)
        try:
            header = qcow2_header.read(fd)
            lock = lock_error(fd)
        finally:
            os.close(fd)
    except file_access.NotAFile:
        link["state"] = "not a file"
        return link
    except qcow2_header.BadHeader:
        link["state"] = "not qcow2"
        return link
    except OSError as error:
        link["state"] = file_access.code_of(error)
        link.update(file_access.denial(error, path))
        return link
    link["state"] = lock or "image"
    if header.name:
        link["backing"] = header.name
    return link


def mount_path(path):
    """Describes the directory that a share is mounted at: the part of an image's path before its workload."""
    base = path.split("/workload_", 1)[0]
    place = {"path": base}
    try:
        place["entries"] = len(os.listdir(base))
        place["state"] = "directory"
    except OSError as error:
        place["state"] = file_access.code_of(error)
        place.update(file_access.denial(error, base))
    return place


def parent_path(path, name):
    """Resolves the name of a parent as QEMU does. None for a name with a protocol."""
    if ":" in name.split("/", 1)[0]:
        return None
    return os.path.join(os.path.dirname(path), name)


def chain(path, roots):
    links = []
    while path and len(links) < 64:
        link = look(path, roots)
        link["mountPath"] = {"path": path, "state": OUTSIDE} if link["state"] == OUTSIDE else mount_path(path)
        is_cycle = "file" in link and any(link["file"] == before.get("file") for before in links)
        links.append(link)
        if is_cycle or "backing" not in link:
            break
        path = parent_path(path, link["backing"])
    return links


def is_missing(links):
    return links[-1]["state"] == "ENOENT"


def looked_again(links, roots):
    """The same links. A last one that was missing, and is not now, is not visible at once."""
    path = links[-1]["path"]
    try:
        # A client of NFS asks the server again for a folder that is listed.
        os.listdir(os.path.dirname(path))
    except OSError:
        return links
    again = look(path, roots)
    if again["state"] != "image":
        return links
    return links[:-1] + [dict(links[-1], state="not visible yet", sizeBytes=again["sizeBytes"])]


def main(task):
    roots = [os.path.realpath(root) for root in task["roots"]]
    with open("/proc/self/mountinfo", encoding="utf-8", errors="replace") as table:
        print(json_text.dumps({"mounts": table.read()}), flush=True)
    missing = []
    for path in task["images"]:
        try:
            links = chain(path, roots)
        except Exception as error:
            # Nothing is known of this one. The others are looked at all the same.
            print("%s: %s: %s" % (ascii(path), type(error).__name__, ascii(str(error))), file=sys.stderr, flush=True)
            continue
        if is_missing(links):
            missing.append((path, links))
        else:
            print(json_text.dumps({"image": path, "links": links}), flush=True)
    if missing:
        time.sleep(1)
    for path, links in missing:
        print(json_text.dumps({"image": path, "links": looked_again(links, roots)}), flush=True)
    return 0
