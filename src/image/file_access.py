"""Opens files that others name, and describes why that fails, without being held up by what is no plain file."""
import errno
import os
import stat

KINDS = (
    (stat.S_ISDIR, "a directory"),
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISCHR, "a device"),
)


class NotAFile(Exception):
    """Something else than a plain file is there."""


def code_of(error):
    return errno.errorcode.get(error.errno, str(error.errno))


def require_file(mode):
    for is_kind, words in KINDS:
        if is_kind(mode):
            raise NotAFile(words)


def open_file(path, follow=False):
    """Opens a plain file, and waits for it as others would. A FIFO or a device is not opened."""
    require_file((os.stat if follow else os.lstat)(path).st_mode)
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    try:
        require_file(os.fstat(fd).st_mode)
    except BaseException:
        os.close(fd)
        raise
    return fd


def permits(status, wanted):
    """True if the mode gives this process the wanted bits (4 to read, 1 to pass through)."""
    if os.geteuid() == 0:
        return True
    if status.st_uid == os.geteuid():
        shift = 6
    elif status.st_gid == os.getegid() or status.st_gid in os.getgroups():
        shift = 3
    else:
        shift = 0
    return (status.st_mode >> shift) & wanted == wanted


def modes_permit(path):
    """True if the modes on the way to a path permit this process to read it. None if they cannot be seen."""
    at = "/"
    try:
        for part in path.split("/")[1:]:
            if not permits(os.stat(at), 1):
                return False
            at = os.path.join(at, part)
        status = os.stat(at)
        return permits(status, 5 if stat.S_ISDIR(status.st_mode) else 4)
    except PermissionError:
        # Every folder above can be passed by its mode.
        return True
    except OSError:
        return None


def denial(error, path):
    """For a denied path, whether its modes permit it: then something else denies it."""
    if not isinstance(error, PermissionError):
        return {}
    found = modes_permit(path)
    return {} if found is None else {"modesPermit": found}
