"""Undoes mounts and directories that a recovery has made. Prints one JSON object a line for each step.

`state` is "undone", "already gone" if nothing of it is left, or "kept" with `why`. `proof` is what was read at the local path
after an unmount, and `note` is for a person. A preview removes nothing and judges each step as if the steps before it were
done. It runs in a private mount namespace, so that it can unmount and look below.
"""
import os
import re
import stat
import subprocess

import json_text
import local_files
from mount_points import MountPoints


class Kept(Exception):
    pass


def plain(text):
    """Decodes what `findmnt -r` makes of blanks and the like."""
    return re.sub(r"\\x([0-9a-f]{2})", lambda code: chr(int(code.group(1), 16)), text)


def ours_at(step, mounts):
    """What a mount of ours shows: what was bound, the share that is mounted now, or the folder below it, after a boot.

    What is mounted on top of a bind appears on top of the share as well, where mounts are shared. It is not the share.
    """
    local = step.get("local", step["origin"])
    share = [mount["of"] for mount in mounts.at(local)[-1:]]
    return [plain(step.get("of", "")), mounts.folder_under(local)] + share


def unbind(step):
    """After a reboot, something else may be mounted there, or on top of it, or above it. It is not ours to unmount."""
    origin, local = step["origin"], step.get("local", step["origin"])
    mounts = MountPoints()
    ours = ours_at(step, mounts)
    stack = mounts.at(origin)
    if not stack or stack[0]["of"] not in ours:
        refuse_to_unbind(origin, ours, stack, mounts)
        return None
    before = local_files.Sight(local) if local != origin else None
    unmount_below(stack[0], origin, local, mounts)
    run("umount", "--", origin)
    facts = {}
    rest = MountPoints().at(origin)
    if rest:
        facts["note"] = "what was mounted at %s below it is not of this recovery, and is kept" % origin
    if before is not None and before.mounts:
        lost, proof = before.compare()
        if lost:
            raise Kept("after unmounting %s, %s" % (origin, lost))
        facts["proof"] = proof
    return facts


def refuse_to_unbind(origin, ours, stack, mounts):
    """Raises unless nothing of ours is there."""
    if any(mount["of"] in ours for mount in stack):
        top = "%s %s" % (stack[0]["type"], stack[0]["source"])
        raise Kept("%s is mounted on top of what was bound at %s" % (top, origin))
    if stack:
        raise Kept("%s shows something else than what was bound" % origin)
    hidden = [mount for mount in mounts.hidden_at(origin) if mount["of"] in ours]
    if hidden:
        raise Kept("%s hides what was bound at %s" % (mounts.way_to(origin)[0]["point"], origin))


def unmount_below(bound, origin, local, mounts):
    """Unmounts what a bind carries along, as `mount --rbind` does, and mounts that reached it from the local path.

    Where mounts are shared, the local path would lose them as well. A slave still receives mounts, and passes on none.
    """
    below = mounts.below(bound)
    for mount in below:
        twin = mounts.at(local + mount["point"][len(origin):])[:1]
        if local == origin or not twin or twin[0]["of"] != mount["of"]:
            raise Kept("something else is mounted below %s: %s" % (origin, mount["point"]))
    if below:
        run("mount", "--make-rslave", "--", origin)
    for mount in below:
        run("umount", "--", mount["point"])


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Kept(done.stderr.decode("utf-8", "replace").strip())


def remove(paths, gone, is_preview):
    """Removes the deepest directory first. @param gone paths that count as removed"""
    did_exist = False
    for path in paths:
        mounts = MountPoints()
        if mounts.at(path) or mounts.hidden_at(path):
            raise Kept("something is mounted at %s" % path)
        for mount in mounts.same_folder(path):
            raise Kept("%s is also reached as %s, where something is mounted" % (path, mount["point"]))
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
    return {} if did_exist else None


def undo(step, gone, is_preview):
    if step["kind"] == "unbind":
        return unbind(step)
    if step["kind"] == "remove-directories":
        return remove(step["paths"], gone, is_preview)
    return None


def main(task):
    gone = set()
    for step in task["steps"]:
        try:
            done = undo(step, gone, task["isPreview"])
            facts = {"state": "already gone"} if done is None else dict(done, state="undone")
        except Kept as why:
            facts = {"state": "kept", "why": str(why)}
        except OSError as error:
            facts = {"state": "kept", "why": "%s: %s" % (error.filename, error.strerror)}
        except Exception as error:
            facts = {"state": "kept", "why": "%s: %s" % (type(error).__name__, error)}
        print(json_text.dumps(facts), flush=True)
    return 0
