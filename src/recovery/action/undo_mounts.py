"""Undoes mounts and directories that a recovery has made. Prints one JSON object a line for each step.

`state` is "undone", "already gone" if nothing of it is left, or "kept" with `why`. A preview removes nothing and judges each
step as if the steps before it were done. It runs in a private mount namespace, so that it can unmount and look below.
"""
import os
import re
import stat
import subprocess

import json_text


class Kept(Exception):
    pass


def mounted_at(path):
    """The file system and the folder of it that is mounted on top, as it was recorded."""
    return findmnt(["-nro", "MAJ:MIN,FSROOT", "-M", path])


def findmnt(arguments):
    """The last line that it prints. It exits with 1, and says nothing, if there is no such mount."""
    pipe = subprocess.PIPE
    found = subprocess.run(["findmnt"] + arguments, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)
    error = found.stderr.decode("utf-8", "replace").strip()
    if found.returncode not in (0, 1) or (found.returncode == 1 and error):
        raise Kept("the mounts cannot be read: %s" % (error or "findmnt exited with %d" % found.returncode))
    return found.stdout.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")[-1]


def plain(text):
    """Decodes what `findmnt -r` makes of blanks and the like."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code.group(1), 16)), text)


def below(path):
    """The folder that a mount point is when nothing is mounted on it: a bind that was made before the share shows this."""
    found = findmnt(["-nro", "MAJ:MIN,FSROOT,TARGET", "-T", os.path.dirname(path)])
    device, root, top = [plain(field) for field in found.split(" ")]
    return "%s %s" % (device, os.path.normpath(os.path.join(root, os.path.relpath(path, top))))


def unbind(step):
    """After a reboot, something else may be mounted there. It is not ours to unmount."""
    origin = step["origin"]
    mounted = mounted_at(origin)
    if not mounted:
        return False
    local = step.get("local", origin)
    if mounted not in (step.get("of"), mounted_at(local)) and plain(mounted) != below(local):
        raise Kept("%s shows something else than what was bound" % origin)
    done = subprocess.run(["umount", "--", origin], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Kept(done.stderr.decode("utf-8", "replace").strip())
    return True


def remove(paths, gone, is_preview):
    """Removes the deepest directory first. @param gone paths that count as removed"""
    did_exist = False
    for path in paths:
        if mounted_at(path):
            raise Kept("something is mounted at %s" % path)
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            continue
        if stat.S_ISLNK(mode):
            raise Kept("%s is a symbolic link now" % path)
        if not stat.S_ISDIR(mode):
            continue
        if any(os.path.join(path, name) not in gone for name in os.listdir(path)):
            raise Kept("%s is not empty" % path)
        gone.add(path)
        if not is_preview:
            os.rmdir(path)
        did_exist = True
    return did_exist


def undo(step, gone, is_preview):
    if step["kind"] == "unbind":
        return unbind(step)
    if step["kind"] == "remove-directories":
        return remove(step["paths"], gone, is_preview)
    return False


def main(task):
    gone = set()
    for step in task["steps"]:
        try:
            facts = {"state": "undone" if undo(step, gone, task["isPreview"]) else "already gone"}
        except Kept as why:
            facts = {"state": "kept", "why": str(why)}
        except OSError as error:
            facts = {"state": "kept", "why": "%s: %s" % (error.filename, error.strerror)}
        except Exception as error:
            facts = {"state": "kept", "why": "%s: %s" % (type(error).__name__, error)}
        print(json_text.dumps(facts), flush=True)
    return 0
