"""Looks at paths in processes of their own: one that hangs in the kernel holds up no other one, nor the caller."""
import os
import select
import signal
import time

import json_text


def child(key, look, inputs, output):
    for fd in inputs:
        os.close(fd)
    # A reader of this program's output must not wait for a process that hangs.
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)

    def emit(facts):
        os.write(output, (json_text.dumps(dict(facts, path=key)) + "\n").encode())

    try:
        look(key, emit)
        emit({"ended": "done"})
    except BaseException as error:
        emit({"ended": "failed", "error": "%s: %s" % (type(error).__name__, error)})
    finally:
        os._exit(0)


def start(key, look, inputs):
    reads, writes = os.pipe()
    pid = os.fork()
    if pid == 0:
        child(key, look, inputs + [reads], writes)
    os.close(writes)
    return pid, reads


def run(keys, look, stall_s, write):
    """Calls `look(key, emit)` for each key, all at once, and writes what it emits as lines of JSON with the key as `path`.

    The last line of each key has `ended`: `done`, `failed` with an `error`, or `stalled` if it emitted nothing for too long.
    """
    running = {}
    for key in keys:
        pid, reads = start(key, look, [fd for fd in running])
        running[reads] = [key, pid, b"", time.monotonic(), False]
    while running:
        ready = select.select(list(running), [], [], 0.1)[0]
        now = time.monotonic()
        for fd, job in list(running.items()):
            key, pid, rest, last, has_ended = job
            data = os.read(fd, 65536) if fd in ready else None
            if data:
                lines = (rest + data).split(b"\n")
                for line in lines[:-1]:
                    write(line.decode())
                job[2:] = [lines[-1], now, any(b'"ended":' in line for line in lines[:-1])]
                continue
            if data is None and now - last < stall_s:
                continue
            if data is None:
                # It may hang where no signal reaches it: it is not waited for.
                os.kill(pid, signal.SIGKILL)
                write(json_text.dumps({"path": key, "ended": "stalled"}))
            else:
                status = os.waitpid(pid, 0)[1]
                if not has_ended:
                    how = "signal %d" % (status & 127) if status & 127 else "exit code %d" % (status >> 8)
                    write(json_text.dumps({"path": key, "ended": "failed", "error": "the look at it ended with " + how}))
            os.close(fd)
            del running[fd]
