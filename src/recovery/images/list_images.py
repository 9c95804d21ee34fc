"""Lists the images on targets and how each names its parent. Prints one JSON object a line. Reads headers, and opens nothing else.

Each line has `target` (its index), `path` below it, `parent` if the image names one, `isEncrypted` and, if the workload's
record has one, `secretId`, `uid`, `gid`, `mtime`. A folder or file that cannot be read, or a file that is not an image where
one should be, is a line with `error`: a restore may need it. The last line of a target has `formats`: how many images use
features that not every qemu-img opens.
"""
import os
import re
import stat
import struct

import json_text


class Damaged(Exception):
    pass


def report(**facts):
    print(json_text.dumps(facts), flush=False)


def formats_of(head):
    version, incompatible = struct.unpack(">I", head[4:8])[0], 0
    if version >= 3:
        yield "compat=1.1"
        incompatible = struct.unpack(">Q", head[72:80].ljust(8, b"\0"))[0]
    if struct.unpack(">I", head[32:36])[0] == 2:
        yield "LUKS"
    if incompatible & 8 and head[104:105] == b"\1":
        yield "zstd"
    if incompatible & 16:
        yield "extended L2"


def parent_of(path, size, formats):
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        head = os.pread(fd, 4096, 0)
        if head[:4] != b"QFI\xfb" or len(head) < 72:
            raise Damaged("not a qcow2 image")
        for name in formats_of(head):
            formats[name] = formats.get(name, 0) + 1
        offset, length = struct.unpack(">QI", head[8:20])
        is_encrypted = struct.unpack(">I", head[32:36])[0] != 0
        if not offset or not length:
            return "", is_encrypted
        if length > 1023 or offset + length > size:
            raise Damaged("damaged header")
        name = head[offset : offset + length] if offset + length <= len(head) else os.pread(fd, length, offset)
        return name.decode("utf-8", "replace"), is_encrypted
    finally:
        os.close(fd)


def secret_of(path):
    """Returns the secret of a workload, from its record."""
    try:
        fd = os.open(path + "/workload_db", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = re.search(rb'"secret_uuid"\s*:\s*"([^"\\]{1,255})"', os.pread(fd, 1 << 20, 0))
        return found.group(1).decode("utf-8", "replace") if found else None
    except OSError:
        return None
    finally:
        os.close(fd)


def walk(target, root, folder, formats, secret=None):
    path = root + "/" + folder if folder else root
    try:
        with os.scandir(path) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        report(target=target, path=folder, error=error.strerror)
        return
    for entry in found:
        below = folder + "/" + entry.name if folder else entry.name
        try:
            if entry.is_dir(follow_symlinks=False):
                if folder or entry.name.startswith("workload_"):
                    walk(target, root, below, formats, secret if folder else secret_of(entry.path))
            elif folder.count("/") == 3 and not entry.name.endswith("_db") and not entry.name.startswith("."):
                if not entry.is_file(follow_symlinks=False):
                    raise Damaged("not a regular file")
                status = entry.stat(follow_symlinks=False)
                parent, is_encrypted = parent_of(entry.path, status.st_size, formats)
                facts = {"target": target, "path": below, "uid": status.st_uid, "gid": status.st_gid, "mtime": int(status.st_mtime)}
                if parent:
                    facts["parent"] = parent
                if is_encrypted:
                    facts["isEncrypted"] = True
                    if secret:
                        facts["secretId"] = secret
                report(**facts)
        except OSError as error:
            report(target=target, path=below, error=error.strerror)
        except Damaged as why:
            report(target=target, path=below, error=str(why))


def main(targets):
    for index, root in enumerate(targets):
        formats = {}
        walk(index, root, "", formats)
        print(json_text.dumps({"target": index, "formats": formats}), flush=True)
    return 0
