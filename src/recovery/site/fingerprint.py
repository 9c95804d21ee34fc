"""Prints for each path what distinguishes its file from others: JSON, one object a line. Changes nothing.

`is` is the same on two nodes that have the same share mounted. `error` says why a file could not be read. A path without a line
does not exist.
"""
import errno
import hashlib
import os

import file_access
import json_text

ABSENT = (errno.ENOENT, errno.ENOTDIR)


def look(path):
    fd = file_access.open_file(path)
    try:
        status = os.fstat(fd)
        head = hashlib.sha256(os.pread(fd, 65536, 0)).hexdigest()
        return "%d %d %s" % (status.st_size, int(status.st_mtime), head)
    finally:
        os.close(fd)


def main(paths):
    for path in paths:
        try:
            facts = {"is": look(path)}
        except file_access.NotAFile as what:
            facts = {"is": str(what)}
        except OSError as error:
            if error.errno in ABSENT:
                continue
            facts = {"error": "%s (%s)" % (error.strerror, file_access.code_of(error))}
        print(json_text.dumps(dict(facts, path=path)), flush=True)
    return 0
