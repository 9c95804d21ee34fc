"""Prints for each path what distinguishes its file from others: JSON, one object a line. Changes nothing.

Two nodes that have the same share mounted print the same.
"""
import hashlib
import os

import json_text


def main(paths):
    for path in paths:
        try:
            fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError:
            continue
        try:
            status = os.fstat(fd)
            head = hashlib.sha256(os.pread(fd, 65536, 0)).hexdigest()
            print(json_text.dumps({"path": path, "is": "%d %d %s" % (status.st_size, int(status.st_mtime), head)}), flush=True)
        except OSError:
            pass
        finally:
            os.close(fd)
    return 0
