"""Takes back mounts and directories that a recovery has made: JSON, one object a line for each step.

Its `state` is "there" where it was taken back, "gone" where there is nothing of it, and "stays" with `why`. Where it is only
looked, nothing is removed, and each step is judged as if those before it were done; the program is then in a mount namespace
of its own, so that it can unmount and look at what is below.
"""
import os
import re
import subprocess

import json_text


class Stays(Exception):
    pass


def mounted_at(path):
    """The file system, and which folder of it; the topmost. As it was recorded."""
    found = subprocess.run(["findmnt", "-nro", "MAJ:MIN,FSROOT", "-M", path], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    return found.stdout.decode("utf-8", "surrogateescape").rstrip("\n").split("\n")[-1]


def plain(text):
    """As it is without what `findmnt -r` makes of blanks and the like."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code.group(1), 16)), text)


def below(path):
    """The folder that a mount point is when nothing is mounted at it: what a bind shows that came before the share."""
    fields = ["findmnt", "-nro", "MAJ:MIN,FSROOT,TARGET", "-T", os.path.dirname(path)]
    found = subprocess.run(fields, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout.decode("utf-8", "surrogateescape")
    device, root, top = [plain(field) for field in found.rstrip("\n").split("\n")[-1].split(" ")]
    return "%s %s" % (device, os.path.normpath(os.path.join(root, os.path.relpath(path, top))))


def unbind(step):
    """After a reboot somebody else may have mounted something there: that is not ours to unmount."""
    origin = step["origin"]
    mounted = mounted_at(origin)
    if not mounted:
        return False
    local = step.get("local", origin)
    if mounted not in (step.get("of"), mounted_at(local)) and plain(mounted) != below(local):
        raise Stays("what is mounted at %s now is not what was bound" % origin)
    done = subprocess.run(["umount", "--", origin], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Stays(done.stderr.decode("utf-8", "replace").strip())
    return True


def remove(paths, gone, is_only_looked):
    """The deepest first. @param gone what counts as removed"""
    is_there = False
    for path in paths:
        if mounted_at(path):
            raise Stays("something is mounted at %s" % path)
        if os.path.islink(path):
            raise Stays("%s is a symbolic link now" % path)
        if not os.path.isdir(path):
            continue
        if any(os.path.join(path, name) not in gone for name in os.listdir(path)):
            raise Stays("%s is not empty" % path)
        gone.add(path)
        if not is_only_looked:
            os.rmdir(path)
        is_there = True
    return is_there


def main(task):
    gone = set()
    for step in task["steps"]:
        try:
            is_there = unbind(step) if step["kind"] == "unbind" else remove(step["paths"], gone, task["isOnlyLooked"])
            facts = {"state": "there" if is_there else "gone"}
        except Stays as why:
            facts = {"state": "stays", "why": str(why)}
        except OSError as error:
            facts = {"state": "stays", "why": "%s: %s" % (error.filename, error.strerror)}
        print(json_text.dumps(facts), flush=True)
    return 0
