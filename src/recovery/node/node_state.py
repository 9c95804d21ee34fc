"""Reads the paths that a recovery is about, and changes nothing. Prints one JSON object a line, the first about the node.

For each path: the topmost mount on it, the first symbolic link on the way, and what it is. Each path is looked at in a
process of its own, under a deadline: of one that hangs, the mount is known.
"""
import os
import stat
import subprocess

import bounded
import json_text
import mount_points


def facts_of(mount):
    return {key: mount[key] for key in ("of", "type", "source", "isShared")}


def mounted_on(path, table):
    """The topmost mount on a path, those stacked below it, and those that a mount above the path hides."""
    stack, hidden = table.at(path), table.hidden_at(path)
    seen = {}
    if stack:
        seen["mount"] = facts_of(stack[0])
        if stack[1:]:
            seen["mount"]["below"] = [facts_of(mount) for mount in stack[1:]]
    if hidden:
        over = table.way_to(path)
        seen["hidden"] = {"mounts": [facts_of(mount) for mount in hidden], "by": over[0]["point"] if over else "/"}
    return seen


def link_on_the_way(path):
    at = ""
    for part in path.split("/")[1:]:
        at += "/" + part
        try:
            if stat.S_ISLNK(os.lstat(at).st_mode):
                return at
        except OSError:
            return None
    return None


def look(path, mount):
    seen = {}
    link = link_on_the_way(path)
    if link:
        seen["link"] = link
    try:
        status = os.stat(path)
        seen["kind"] = "directory" if stat.S_ISDIR(status.st_mode) else "other"
        seen["uid"], seen["gid"] = status.st_uid, status.st_gid
        if seen["kind"] == "directory" and not mount:
            with os.scandir(path) as entries:
                seen["isEmpty"] = next(entries, None) is None
        if seen["kind"] == "directory" and not seen.get("isEmpty"):
            seen["id"] = "%d:%d" % (status.st_dev, status.st_ino)
    except FileNotFoundError:
        seen["kind"] = "missing"
    except OSError as error:
        seen.setdefault("kind", "unreadable")
        seen["error"] = error.strerror
    return seen


def version(program):
    try:
        done = subprocess.run([program, "--version"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return done.stdout.split(b"\n")[0].decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        return "cannot be started: " + error.strerror


def main(wanted):
    table = mount_points.MountPoints()
    print(json_text.dumps({"qemuImg": version("qemu-img"), "root": os.geteuid() == 0}), flush=True)

    def look_bounded(path, emit):
        seen = mounted_on(path, table)
        emit(seen)
        emit(look(path, seen.get("mount")))

    bounded.run(wanted["paths"], look_bounded, wanted["stallS"], lambda line: print(line, flush=True))
    return 0
