"""Reads the paths that a recovery is about, and changes nothing. Prints one JSON object a line, the first about the node.

For each path: the topmost mount on it, the first symbolic link on the way, and what it is. Each path is looked at in a
process of its own, under a deadline: of one that hangs, the mount is known.
"""
import os
import stat
import subprocess

import bounded
import json_text


def unescaped(field):
    parts = field.split(b"\\")
    return parts[0] + b"".join(bytes([int(part[:3], 8)]) + part[3:] for part in parts[1:])


def mounts():
    """Returns the topmost mount of each mount point."""
    table = {}
    with open("/proc/self/mountinfo", "rb") as lines:
        for line in lines:
            fields = line.rstrip(b"\n").split(b" ")
            dash = fields.index(b"-")
            shared = [one for one in fields[6:dash] if one.startswith(b"shared:")]
            table[unescaped(fields[4])] = {
                "of": fields[2].decode() + " " + os.fsdecode(unescaped(fields[3])),
                "type": fields[dash + 1].decode(),
                "source": os.fsdecode(unescaped(fields[dash + 2])),
                "isShared": bool(shared),
            }
    return table


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
    table = mounts()
    print(json_text.dumps({"qemuImg": version("qemu-img"), "root": os.geteuid() == 0}), flush=True)

    def look_bounded(path, emit):
        mount = table.get(os.fsencode(path))
        emit({"mount": mount} if mount else {})
        emit(look(path, mount))

    bounded.run(wanted["paths"], look_bounded, wanted["stallS"], lambda line: print(line, flush=True))
    return 0
