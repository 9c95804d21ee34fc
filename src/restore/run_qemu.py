"""Runs qemu-img for each image of a batch, and prints what came of it: one JSON object a line.

`{"id", "began": true}` before each, then `{"id", "exitCode", "stderr"}`; where a disk was read out, also its content
digest, and the disk is removed. qemu-img's own progress goes to standard error, so that a watcher sees it move.
"""
import base64
import os
import subprocess
import sys

import digest
import json_text


def say(**facts):
    print(json_text.dumps(facts), flush=True)


def moving(done, size):
    print("%d of %d bytes" % (done, size), file=sys.stderr, flush=True)


def start(job):
    """A secret is never in a file, nor on a command line."""
    fds, objects = [], []
    try:
        for name, payload in job.get("secrets", {}).items():
            fds.append(os.memfd_create("secret"))
            os.write(fds[-1], base64.b64decode(payload))
            objects += ["--object", "secret,id=%s,file=/proc/self/fd/%d" % (name, fds[-1])]
        argv = job["argv"][:2] + objects + job["argv"][2:]
        return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=2, stderr=subprocess.PIPE, pass_fds=fds)
    finally:
        for fd in fds:
            os.close(fd)


def main(batch):
    for job in batch["jobs"]:
        say(id=job["id"], began=True)
        disk = job.get("disk")
        if disk:
            os.makedirs(os.path.dirname(disk), exist_ok=True)
        process = start(job)
        stderr = process.communicate()[1].decode("utf-8", "replace")[-8192:]
        facts = {"id": job["id"], "exitCode": process.returncode, "stderr": stderr}
        try:
            if disk and process.returncode == 0:
                facts["digest"] = digest.digest(disk, moving)
        finally:
            if disk and os.path.exists(disk):
                os.unlink(disk)
        say(**facts)
    return 0
