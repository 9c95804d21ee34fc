"""Prints paths of files that distinguish a target from another one: JSON, one object a line. Opens none, and changes nothing.

For each workload: its record, and the first file of its newest snapshot. A file that retention removes meanwhile is skipped. A
workload of which something cannot be read has `error` instead. Others can distinguish the target all the same.
"""
import errno
import os

import json_text


def folders(path, prefix=""):
    with os.scandir(path) as entries:
        return [entry for entry in entries if entry.name.startswith(prefix) and entry.is_dir(follow_symlinks=False)]


def first_file(path, depth=4):
    """Returns the first file in a folder, or below it: images are no deeper than that."""
    with os.scandir(path) as entries:
        found = sorted(entries, key=lambda entry: (entry.is_dir(follow_symlinks=False), entry.name))
    for entry in found:
        if entry.is_file(follow_symlinks=False):
            return entry.path
        if entry.is_dir(follow_symlinks=False) and depth > 0:
            below = first_file(entry.path, depth - 1)
            if below:
                return below
    return None


def landmarks(workload):
    record = workload + "/workload_db"
    if os.path.isfile(record):
        yield record
    snapshots = folders(workload, "snapshot_")
    if snapshots:
        newest = max(snapshots, key=lambda entry: (entry.stat(follow_symlinks=False).st_mtime, entry.name))
        found = first_file(newest.path)
        if found:
            yield found


def report(path, find):
    """Prints what `find` yields, or why it cannot."""
    try:
        for found in find(path):
            found.encode("utf-8")
            print(json_text.dumps({"path": found}), flush=False)
    except FileNotFoundError:
        pass
    except OSError as error:
        why = "%s (%s)" % (error.strerror, errno.errorcode.get(error.errno, error.errno))
        print(json_text.dumps({"path": error.filename or path, "error": why}), flush=False)
    except UnicodeEncodeError:
        print(json_text.dumps({"path": found, "error": "its name is not UTF-8"}), flush=False)


def main(root):
    try:
        workloads = sorted(folders(root, "workload_"), key=lambda entry: entry.name)
    except OSError as error:
        why = "%s (%s)" % (error.strerror, errno.errorcode.get(error.errno, error.errno))
        print(json_text.dumps({"path": root, "error": why}))
        return 0
    for workload in workloads:
        report(workload.path, landmarks)
    return 0
