"""Tries whether directories can be made, without making them. Prints one JSON object a line: `why` not, for each path.

A file without a name shows whether the file system takes another entry: it is in no directory, and gone when it is closed.
"""
import errno
import os
import stat

import json_text

MIN_FREE_BYTES = 1 << 16
UNSUPPORTED = (errno.EOPNOTSUPP, errno.EINVAL, errno.EISDIR, errno.ENOENT)


class Refused(Exception):
    pass


def lowest_directory(path):
    """Returns the lowest directory on the way that exists."""
    at, found = "", "/"
    for part in path.split("/")[1:]:
        at += "/" + part
        try:
            mode = os.lstat(at).st_mode
        except FileNotFoundError:
            return found
        if stat.S_ISLNK(mode):
            raise Refused("%s is a symbolic link" % at)
        if not stat.S_ISDIR(mode):
            raise Refused("%s is not a directory" % at)
        found = at
    return found


def check(path):
    above = lowest_directory(path)
    if above == path:
        return
    system = os.statvfs(above)
    if system.f_flag & os.ST_RDONLY:
        raise Refused("%s is on a file system that is mounted read-only" % above)
    if any(len(os.fsencode(part)) > system.f_namemax for part in path.split("/")):
        raise Refused("a part of it is longer than the %d bytes that the file system takes" % system.f_namemax)
    if (system.f_blocks and system.f_bfree * system.f_frsize < MIN_FREE_BYTES) or (system.f_files and system.f_ffree == 0):
        raise Refused("the file system of %s is full" % above)
    try:
        os.close(os.open(above, os.O_WRONLY | os.O_TMPFILE, 0o600))
    except OSError as error:
        if error.errno not in UNSUPPORTED:
            raise Refused(why_not(error, above))
        if not os.access(above, os.W_OK | os.X_OK):
            raise Refused("%s cannot be written by user %d" % (above, os.geteuid()))


def why_not(error, above):
    if error.errno == errno.EPERM:
        return "%s is immutable, or can only be appended to" % above
    if error.errno == errno.EACCES:
        return "%s cannot be written by user %d" % (above, os.geteuid())
    return "%s: %s" % (above, error.strerror)


def main(paths):
    for path in paths:
        why = None
        try:
            check(path)
        except Refused as refused:
            why = str(refused)
        except OSError as error:
            why = "%s: %s" % (error.filename or path, error.strerror)
        print(json_text.dumps({"path": path, "why": why} if why else {"path": path}), flush=True)
    return 0
