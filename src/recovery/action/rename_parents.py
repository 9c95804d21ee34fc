"""Gives images other names for their parents. Prints one JSON object a line for each step of each image.

First every image is checked: `{"path", "state": "ready" | "done" | "refused" | "gone" | "changed", "why"}`. Nothing is changed
if one is refused, unless `isBestEffort`. Then `qemu-img rebase -u` runs for each image that is ready:
`{"path", "state": "done" | "failed", "why"}`.
"""
import base64
import os
import stat
import struct
import subprocess
import sys
import threading

import bounds
import image_chain
import json_text

ST_RDONLY = 1
MAX_NAME = 1023
printing = threading.Lock()


def report(path, state, why=None):
    facts = {"path": path, "state": state}
    if why:
        facts["why"] = why
    with printing:
        print(json_text.dumps(facts), flush=True)


class Refused(Exception):
    pass


class Changed(Refused):
    pass


def open_image(path):
    fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Refused("not a regular file")
        head = os.pread(fd, 4096, 0)
        if head[:4] != b"QFI\xfb" or len(head) < 72:
            raise Refused("not a qcow2 image")
        if image_chain.has_data_file(head):
            raise Refused("keeps its data in an external file, which is not opened")
        return fd, head
    except BaseException:
        os.close(fd)
        raise


def parent_of(path):
    """Returns the parent's name in the header, and how many bytes a name can have."""
    fd, head = open_image(path)
    try:
        version, offset, length, bits = struct.unpack(">IQII", head[4:24])
        if version not in (2, 3) or not 9 <= bits <= 21 or length > MAX_NAME:
            raise Refused("damaged header")
        name = os.pread(fd, length, offset) if offset else b""
        if len(name) != (length if offset else 0):
            raise Refused("damaged header")
        end = struct.unpack(">I", head[100:104])[0] if version == 3 else 72
        room = (1 << bits) - end - other_extensions(fd, end, offset or 1 << bits)
        return os.fsdecode(name), min(room, MAX_NAME)
    finally:
        os.close(fd)


def other_extensions(fd, at, limit):
    """Returns the bytes that must stay in the first cluster: 24 for the format's name and the end. Feature names may go."""
    total = 24
    while at + 8 <= limit:
        kind, length = struct.unpack(">II", os.pread(fd, 8, at).ljust(8, b"\0"))
        size = 8 + (length + 7) // 8 * 8
        if kind == 0 or at + size > limit:
            break
        if kind not in (0xE2792ACA, 0x6803F857):
            total += size
        at += size
    return total


def check(job):
    """Returns False if there is nothing to do. Raises why the image cannot be renamed."""
    path, new = job["path"], job["to"]
    name, room = parent_of(path)
    if name == new:
        return False
    if name != job["from"] and name not in job.get("also", []):
        raise Changed("its parent is named %s, not %s" % (name, job["from"]))
    size = len(os.fsencode(new))
    if size > room:
        raise Refused("the new name has %d bytes, and the header has room for %d" % (size, room))
    if os.statvfs(path).f_flag & ST_RDONLY:
        raise Refused("the file system is mounted read-only")
    if not os.access(path, os.W_OK):
        raise Refused("user %d has no permission to write to it" % os.geteuid())
    if job.get("parent"):
        try:
            os.close(open_image(job["parent"])[0])
        except Refused as why:
            raise Refused("the parent %s: %s" % (job["parent"], why))
    return True


def returning(jobs):
    """Returns the images whose chain of new parents returns to them."""
    parents = {job["path"]: job.get("parent") for job in jobs}
    found = set()
    for path in parents:
        seen, at = set(), parents[path]
        while at is not None and at != path and at not in seen:
            seen.add(at)
            at = parents.get(at)
        if at == path:
            found.add(path)
    return found


def attempt(job, is_best_effort, cycles):
    try:
        if job["path"] in cycles:
            raise Refused("its chain returns to it")
        return "ready" if check(job) else "done", None
    except Changed as why:
        return "changed" if is_best_effort else "refused", str(why)
    except Refused as why:
        return "refused", str(why)
    except FileNotFoundError as error:
        is_gone = is_best_effort and error.filename == job["path"]
        return "gone" if is_gone else "refused", "%s: %s" % (error.strerror, error.filename or job["path"])
    except OSError as error:
        return "refused", "%s: %s" % (error.strerror, error.filename or job["path"])


def quoted(value):
    return value.replace(",", ",,")


def command(job, secrets):
    """Returns the command and the descriptors it needs. A secret is never in a file or on a command line."""
    start = ["qemu-img", "rebase", "-q", "-u", "-F", "qcow2", "-b", job["to"]]
    secret = job.get("secret")
    if not secret:
        return start + ["-f", "qcow2", "--", job["path"]], []
    fd = os.memfd_create("secret")
    os.write(fd, base64.b64decode(secrets[secret]))
    objects = ["--object", "secret,id=sec,file=/proc/self/fd/%d" % fd]
    options = "driver=qcow2,encrypt.key-secret=sec,file.driver=file,file.filename=" + quoted(job["path"])
    return start + objects + ["--image-opts", "--", options], [fd]


def rename(job, secrets):
    fds = []
    try:
        argv, fds = command(job, secrets)
        argv = bounds.within(argv, 1, os.stat(job["path"]).st_size)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, pass_fds=fds)
        if done.returncode != 0:
            report(job["path"], "failed", done.stderr.decode("utf-8", "replace").strip()[-2048:] or "exit code %d" % done.returncode)
        elif parent_of(job["path"])[0] != job["to"]:
            report(job["path"], "failed", "its header does not have the name that was written")
        else:
            report(job["path"], "done")
    except (OSError, Refused) as error:
        report(job["path"], "failed", str(error))
    finally:
        for fd in fds:
            os.close(fd)


def main(task):
    waiting = []
    refused = False
    cycles = returning(task["renames"])
    for job in task["renames"]:
        state, why = attempt(job, task["isBestEffort"], cycles)
        report(job["path"], state, why)
        refused = refused or state == "refused"
        if state == "ready":
            waiting.append(job)
    if task["isDryRun"] or (refused and not task["isBestEffort"]):
        return 0

    def work():
        while True:
            try:
                job = waiting.pop(0)
            except IndexError:
                return
            rename(job, task["secrets"])

    threads = [threading.Thread(target=work) for _ in range(task["concurrency"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0
