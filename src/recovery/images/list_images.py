"""Lists the images on targets and how each names its parent. Prints one JSON object a line. Reads headers, and opens nothing else.

Each line has `target` (its index) and `path` below it. One for an image has `uid`, `gid`, `mtime`, `parent` if the image names
one, `isEncrypted`, `hasDataFile`, and `secretId` if the workload's record has one. A line with `hidden` says why a folder or file could not be
read: what is in it is unknown, not absent. `isImage` is true for an image that exists and could not be read; `isGone` for what
was removed while the target was read, or was never there. The last line of a target has `formats`: how many images use features
that not every qemu-img opens.

Only the folders of workloads, snapshots, VMs and disks are read, so that no tree is too deep.
"""
import errno
import os
import re
import stat

import json_text
import qcow2_header

# What the entries of a folder are called, by its depth. In the folder of a disk, everything but records is an image.
FOLDERS = (r"workload_(?!transfers\Z).", r"snapshot_.", r"vm_id_.", r"vm_res_id_[^_]+_.")
# As in foreign-name.ts: the id of a workload, snapshot, VM or image with anything else around it, or a disk's copy.
ID = r"[\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12}"
EXACT = (r"workload_%s" % ID, r"snapshot_%s" % ID, r"vm_id_%s" % ID, r"vm_res_id_%s_.+" % ID, ID)
COPY = re.compile(
    r"(\.(bak|backup|old|orig|save|copy|prev|new|partial|part|filepart|tmp|temp|crdownload|inprogress)|~"
    r"|[ _-]*\(\d+\)|[ _-]+(copy|old|bak|backup)([ _-]*\d+)?)\Z",
    re.IGNORECASE,
)
SAFELY = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK


class Hidden(Exception):
    pass


def is_copy(depth, name):
    """True for a copy or a leftover beside what the product wrote. It restores nothing, and nothing reads through it."""
    if re.search(ID, name) and not re.fullmatch(EXACT[depth], name, re.DOTALL):
        return True
    return COPY.search(name) is not None


def report(**facts):
    print(json_text.dumps(facts), flush=False)


def sentence(error):
    return "%s (%s)" % (error.strerror, errno.errorcode.get(error.errno, error.errno))


def is_gone(error):
    return error.errno == errno.ENOENT


def is_text(name):
    try:
        name.encode("utf-8")
        return True
    except UnicodeEncodeError:
        return False


def formats_of(header):
    if header.version >= 3:
        yield "compat=1.1"
    if header.encryption == 2:
        yield "LUKS"
    if header.incompatible & 8 and header.compression == 1:
        yield "zstd"
    if header.incompatible & 16:
        yield "extended L2"


def header_of(path):
    fd = os.open(path, SAFELY)
    try:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise Hidden("not a regular file")
        header = qcow2_header.read(fd)
    except qcow2_header.BadHeader as why:
        raise Hidden(str(why))
    finally:
        os.close(fd)
    if header.name is not None and header.is_cut:
        raise Hidden("cut short in its header")
    # QEMU reads such an image without its parent.
    if header.name == "":
        raise Hidden("the name of its parent is empty")
    if not is_text(header.name or ""):
        raise Hidden("the name of its parent is not UTF-8")
    return header


class Secret:
    """The id of a workload's secret. Its record is read when an encrypted image needs it."""

    def __init__(self, target, root, workload):
        self.target, self.root, self.path = target, root, workload + "/workload_db"
        self.is_read, self.id = False, None

    def get(self):
        if not self.is_read:
            self.is_read = True
            try:
                self.id = secret_in(self.root + "/" + self.path)
            except OSError as error:
                report(target=self.target, path=self.path, hidden=sentence(error), isGone=is_gone(error))
            except Hidden as why:
                report(target=self.target, path=self.path, hidden=str(why))
        return self.id


def secret_in(path):
    # Opening a device or a pipe can have an effect, or wait.
    if not stat.S_ISREG(os.lstat(path).st_mode):
        raise Hidden("not a regular file")
    fd = os.open(path, SAFELY)
    try:
        found = re.search(rb'"secret_uuid"\s*:\s*"([^"\\]{1,255})"', os.pread(fd, 1 << 20, 0))
        return found.group(1).decode("utf-8", "replace") if found else None
    finally:
        os.close(fd)


class Listing:
    """The images of one target."""

    def __init__(self, target, root):
        self.target, self.root, self.formats = target, root, {}

    def hide(self, path, why, **facts):
        report(target=self.target, path=path, hidden=why, **facts)

    def read(self):
        # A stack of its own: each folder is read once, and no more than four deep.
        open_folders = [("", None)]
        while open_folders:
            folder, secret = open_folders.pop()
            below = self.folder(folder, secret)
            open_folders += reversed(below)
        print(json_text.dumps({"target": self.target, "formats": self.formats}), flush=True)

    def folder(self, folder, secret):
        """Reads one folder. Returns the folders in it that are to be read."""
        depth = folder.count("/") + 1 if folder else 0
        try:
            with os.scandir(self.root + "/" + folder) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
        except OSError as error:
            self.hide(folder, sentence(error), isGone=is_gone(error) and folder != "")
            return []
        below = []
        for entry in found:
            path = folder + "/" + entry.name if folder else entry.name
            try:
                if is_copy(depth, entry.name):
                    continue
                if depth < len(FOLDERS):
                    if re.match(FOLDERS[depth], entry.name, re.DOTALL) and self.is_folder(entry):
                        below.append((path, Secret(self.target, self.root, path) if depth == 0 else secret))
                elif not entry.name.endswith("_db") and not entry.name.startswith("."):
                    self.image(entry, path, secret)
            except OSError as error:
                self.hide(path, sentence(error), isImage=depth == len(FOLDERS), isGone=is_gone(error))
            except Hidden as why:
                self.hide(path, str(why), isImage=depth == len(FOLDERS))
            except Exception as error:
                self.hide(path, "%s: %s" % (type(error).__name__, error), isImage=depth == len(FOLDERS))
        return below

    def is_folder(self, entry):
        if not is_text(entry.name):
            raise Hidden("its name is not UTF-8")
        if entry.is_symlink():
            raise Hidden("a symbolic link, which is not followed")
        return stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode)

    def image(self, entry, path, secret):
        if not is_text(entry.name):
            raise Hidden("its name is not UTF-8")
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            return
        if not stat.S_ISREG(status.st_mode):
            raise Hidden("not a regular file")
        header = header_of(entry.path)
        for name in formats_of(header):
            self.formats[name] = self.formats.get(name, 0) + 1
        facts = {"target": self.target, "path": path, "uid": status.st_uid, "gid": status.st_gid, "mtime": int(status.st_mtime)}
        if header.name:
            facts["parent"] = header.name
        if header.incompatible & qcow2_header.DATA_FILE_BIT:
            facts["hasDataFile"] = True
        if header.encryption:
            facts["isEncrypted"] = True
            if secret.get():
                facts["secretId"] = secret.get()
        report(**facts)


def main(targets):
    for index, root in enumerate(targets):
        Listing(index, root).read()
    return 0
