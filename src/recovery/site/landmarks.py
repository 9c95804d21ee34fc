"""Prints paths of files that distinguish a target from another one: JSON, one object a line. Opens none, and changes nothing.

For each workload: its record, and the first file of its newest snapshot. A file that retention removes meanwhile is skipped.
A folder that cannot be read is an error, because it is unknown then whether it is the same elsewhere.
"""
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


def main(root):
    for workload in sorted(folders(root, "workload_"), key=lambda entry: entry.name):
        try:
            for path in landmarks(workload.path):
                print(json_text.dumps({"path": path}), flush=False)
        except FileNotFoundError:
            pass
    return 0
