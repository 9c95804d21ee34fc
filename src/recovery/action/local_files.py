"""What a local path shows, before and after something else is unmounted: its mounts, its identity, and a file that is read."""
import os
import select
import signal
import stat

from mount_points import MountPoints

# A server that does not answer must not hold up an undo.
DEADLINE_S = 20
MAX_DEPTH = 8


class Sight:
    def __init__(self, path):
        self.path = path
        self.mounts = self.mounts_there()
        self.identity, self.file, self.why = read_within_deadline(path)

    def mounts_there(self):
        mounts = MountPoints()
        on_it = [(mount["point"], mount["of"]) for mount in mounts.at(self.path)]
        below = mounts.at(self.path) and mounts.below(mounts.at(self.path)[0])
        return sorted(on_it + [(mount["point"], mount["of"]) for mount in below or []])

    def compare(self):
        """Looks again. Returns what is lost, None if nothing is, and what was read."""
        now = Sight(self.path)
        if self.identity and now.identity and self.identity != now.identity:
            return "%s shows another folder than before" % self.path, None
        gone = [point for point, of in self.mounts if (point, of) not in now.mounts]
        if gone:
            return "%s is not mounted any more" % gone[0], None
        if self.file and now.why:
            return "the files at %s cannot be read any more: %s" % (self.path, now.why), None
        if self.file and not now.file:
            return "%s shows no files any more" % self.path, None
        if now.file:
            return None, "%s was read there after it" % now.file
        return None, "the files at %s could not be read to prove that they are still there: %s" % (self.path, now.why or "none found")


def read_within_deadline(path):
    """Returns the identity of a folder, the name of a file in it that was read, and why none could be."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, "\0".join(read(path)).encode("utf-8", "surrogateescape"))
        finally:
            os._exit(0)
    os.close(writing)
    ready = select.select([reading], [], [], DEADLINE_S)[0]
    answer = os.read(reading, 65536) if ready else b""
    os.close(reading)
    os.kill(child, signal.SIGKILL)
    # A process that waits for a server may not end for now.
    os.waitpid(child, os.WNOHANG if not ready else 0)
    if not answer:
        return None, None, "it does not answer"
    identity, file, why = answer.decode("utf-8", "surrogateescape").split("\0")
    return identity, file, why


def read(path):
    try:
        status = os.stat(path)
        name = first_file(path, "", MAX_DEPTH)
    except OSError as error:
        return "", "", error.strerror
    return "%d:%d" % (status.st_dev, status.st_ino), name or "", ""


def first_file(folder, prefix, depth):
    """The name of the first file below a folder that has bytes and can be read. Raises if only errors were met."""
    failed = None
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        try:
            mode = os.lstat(path).st_mode
            if stat.S_ISDIR(mode) and depth > 0:
                found = first_file(path, prefix + name + "/", depth - 1)
                if found:
                    return found
            elif stat.S_ISREG(mode) and has_bytes(path):
                return prefix + name
        except OSError as error:
            failed = error
    if failed is not None:
        raise failed
    return None


def has_bytes(path):
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        return len(os.read(file, 4096)) > 0
    finally:
        os.close(file)
