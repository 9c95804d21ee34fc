"""Runs the commands of a batch one after another, within bounds. Prints JSON, two objects a command, one a line.

`{"id", "argv", "uid", "gid", "startedAtMs"}` when a command starts: what is executed, with secrets by name only. Then
`{"id", "exitCode", "durationMs", "stdout", "stderr"}`, with the content digest of the disk that it read out; the disk is
removed. A disk that is kept has no digest, and is removed only if the command fails. The time is the command's alone,
without the digest. A command whose chain must not be opened does not run: its second object has `refusal` and nothing else
beside `id`.
"""
import base64
import errno
import os
import selectors
import subprocess
import sys
import time

import bounds
import digest
import image_chain
import json_text

# Of each output stream, its end is kept.
KEPT_BYTES = 8192


def report(**facts):
    print(json_text.dumps(facts), flush=True)


def moving(done, size):
    print("%d of %d bytes" % (done, size), file=sys.stderr, flush=True)


def secret_objects(job, fds):
    """Options of qemu-img that name secrets: never in a file, nor on a command line. Their descriptors go to `fds`."""
    objects = []
    for name, payload in job.get("secrets", {}).items():
        fds.append(os.memfd_create("secret"))
        os.write(fds[-1], base64.b64decode(payload))
        objects += ["--object", "secret,id=%s,file=/proc/self/fd/%d" % (name, fds[-1])]
    return objects


def start(job):
    """Starts the command, unless its chain is refused."""
    fds = []
    try:
        objects = secret_objects(job, fds)
        argv = job["argv"][:2] + objects + job["argv"][2:]
        report(id=job["id"], argv=argv, uid=os.getuid(), gid=os.getgid(), startedAtMs=int(time.time() * 1000))
        chain = job.get("chain")
        roots = chain["roots"] + image_chain.usable(chain.get("suggestedRoots", []), chain["roots"]) if chain else []
        links = image_chain.read(chain["image"], roots) if chain else []
        size = max((link["size"] for link in links), default=1 << 50)
        command = bounds.within(existing(argv), 2 * len(links) or image_chain.MAX_LINKS, size)
        pipe = subprocess.PIPE
        return time.monotonic(), subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, pass_fds=fds)
    finally:
        for fd in fds:
            os.close(fd)


def existing(argv):
    folders = [""] if "/" in argv[0] else os.get_exec_path()
    if not any(os.access(os.path.join(folder, argv[0]), os.X_OK) for folder in folders):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), argv[0])
    return argv


def outputs(process):
    """The ends of standard output and standard error. Standard output is passed on: a watcher sees that it moves."""
    ends = {process.stdout: b"", process.stderr: b""}
    with selectors.DefaultSelector() as selector:
        for stream in ends:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select():
                chunk = os.read(key.fd, 65536)
                if not chunk:
                    selector.unregister(key.fileobj)
                    continue
                ends[key.fileobj] = (ends[key.fileobj] + chunk)[-KEPT_BYTES:]
                if key.fileobj is process.stdout:
                    sys.stderr.buffer.write(chunk)
                    sys.stderr.buffer.flush()
    return [ends[stream].decode("utf-8", "replace") for stream in (process.stdout, process.stderr)]


def not_started(job, why):
    return {"id": job["id"], "exitCode": 126, "durationMs": 0, "stdout": "", "stderr": why}


def run(job):
    try:
        started, process = start(job)
    except image_chain.Refused as refused:
        return {"id": job["id"], "refusal": refused.facts()}
    except OSError as error:
        # The graph of a long chain does not fit, which is no reason not to run the others.
        if error.errno != errno.E2BIG:
            raise
        return not_started(job, "its chain is too long for a command line")
    except Exception as error:
        return not_started(job, "it could not be started: %s: %s" % (type(error).__name__, ascii(str(error))[1:-1]))
    stdout, stderr = outputs(process)
    exit_code = process.wait()
    duration_ms = round((time.monotonic() - started) * 1000, 1)
    return {"id": job["id"], "exitCode": exit_code, "durationMs": duration_ms, "stdout": stdout, "stderr": stderr}


def main(batch):
    for job in batch["jobs"]:
        disk = job.get("disk")
        is_kept = False
        if disk:
            os.makedirs(os.path.dirname(disk), exist_ok=True)
        try:
            facts = run(job)
            if disk and facts.get("exitCode") == 0:
                is_kept = job.get("keepsDisk", False)
                if not is_kept:
                    facts["digest"] = digest.digest(disk, moving)
        except OSError as error:
            print("%s: %s" % (error.filename or disk or job["argv"][0], error.strerror), file=sys.stderr)
            return 1
        finally:
            if disk and not is_kept and os.path.lexists(disk):
                os.unlink(disk)
        report(**facts)
    return 0
