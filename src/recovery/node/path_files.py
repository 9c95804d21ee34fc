"""Reads files that are expected below paths, through each path: JSON, one object a line. Changes nothing.

Each path is looked at in a process of its own, under a deadline. Its first line has its `state`, and each other line one
file: its size, its times, digests of its first and its last bytes, and the name of its parent if it is an image that has one.
A missing file is looked for a second time, because a client of a network file system may not see new ones at once.
"""
import hashlib
import os
import stat
import time

import bounded
import file_access
import json_text
import qcow2_header

PART = 4096


def failure(error, path):
    return dict(file_access.denial(error, path), state=file_access.code_of(error))


def look_at_root(path):
    try:
        status = os.stat(path)
        if not stat.S_ISDIR(status.st_mode):
            return {"state": "not a directory"}
        seen = {"state": "directory", "device": str(status.st_dev), "inode": str(status.st_ino)}
        with os.scandir(path) as entries:
            seen["isEmpty"] = next(entries, None) is None
        return seen
    except OSError as error:
        return failure(error, path)


def look_at_file(path):
    try:
        fd = file_access.open_file(path)
        try:
            status = os.fstat(fd)
            seen = {
                "state": "file",
                "sizeBytes": status.st_size,
                "mtimeMs": status.st_mtime_ns // 1000000,
                "device": str(status.st_dev),
                "inode": str(status.st_ino),
                "head": digest(os.pread(fd, PART, 0)),
                "tail": digest(os.pread(fd, PART, max(0, status.st_size - PART))),
            }
            parent = parent_of(fd)
            return dict(seen, parent=parent) if parent else seen
        finally:
            os.close(fd)
    except file_access.NotAFile as other:
        return {"state": "not a file", "what": str(other)}
    except OSError as error:
        return failure(error, path)


def parent_of(fd):
    try:
        return qcow2_header.read(fd).name
    except qcow2_header.BadHeader:
        return None


def digest(data):
    return hashlib.sha256(data).hexdigest()


def look_again(path):
    try:
        # A client of NFS asks the server again for a folder that is listed.
        os.listdir(os.path.dirname(path))
    except OSError:
        pass
    return look_at_file(path)


def looker(files):
    def look(root, emit):
        first = look_at_root(root)
        emit(first)
        missing = []
        for name in files[root]:
            emit({"reads": name})
            seen = look_at_file(root + "/" + name)
            if seen["state"] == "ENOENT":
                missing.append(name)
            else:
                emit(dict(seen, file=name))
        if missing and len(missing) < len(files[root]):
            time.sleep(1)
        for name in missing:
            emit({"reads": name})
            emit(dict(look_again(root + "/" + name), file=name))

    return look


def main(wanted):
    files = {one["path"]: one["files"] for one in wanted["paths"]}
    bounded.run(list(files), looker(files), wanted["stallS"], lambda line: print(line, flush=True))
    print(json_text.dumps({"ended": "all"}), flush=True)
    return 0
