"""Reads the headers of a chain by the names in them, before any program that trusts these names opens an image.

`read` returns the chain's links, or raises `Refused`: the chain leads to a file outside of `roots`, to something that is no
plain file, to itself, or on for too long. It opens files below the roots only, and reads their first bytes.

A name that leads to no file, and a file that QEMU cannot open, end the chain without a refusal: QEMU then fails and opens
nothing else.
"""
import ast
import os
import re
import stat
import struct

import qcow2_header

MAX_LINKS = 500
FORMATS = ("qcow2", "raw")
# Formats that QEMU recognizes by their first bytes, and whose files name other files.
NAMING_FORMATS = {b"# Disk DescriptorFile": "vmdk", b"KDMV": "vmdk", b"COWD": "vmdk", b"QFI\xfb\0\0\0\1": "qcow", b"QED\0": "qed"}


class Refused(Exception):
    def __init__(self, kind, path, sentence):
        super().__init__(sentence)
        self.kind, self.path, self.sentence = kind, path, sentence

    def facts(self):
        return {"kind": self.kind, "path": self.path, "sentence": self.sentence}


def unsafe(path, what):
    return Refused("unsafe image", path, "%s %s" % (path, what))


def has_data_file(head):
    """True if the content of an image is in another file, which QEMU opens with it."""
    version = struct.unpack(">I", head[4:8].ljust(4, b"\0"))[0]
    return version == 3 and struct.unpack(">Q", head[72:80].ljust(8, b"\0"))[0] & qcow2_header.DATA_FILE_BIT != 0


def parse(fd, head, path):
    """Returns a qcow2 header, or None if QEMU refuses it before it opens another file."""
    # QEMU opens an external data file before it finds an error in the name of a parent.
    if head[:4] == b"QFI\xfb" and has_data_file(head):
        raise unsafe(path, "keeps its data in an external file")
    try:
        return qcow2_header.read(fd, head)
    except qcow2_header.BadHeader:
        return None


def flattened(value, prefix=""):
    for key, part in value.items():
        if isinstance(part, dict):
            yield from flattened(part, prefix + str(key) + ".")
        else:
            yield prefix + str(key), part


def json_parent(text, path):
    """Returns the format and the file that a name in JSON leads to, if it is a form in which images are named."""
    odd = unsafe(path, "names its parent in a form that is not opened: json:%s" % text[:200])
    try:
        # python3-minimal has no JSON. With no escapes, these objects are Python's as well, with single quotes too.
        value = ast.literal_eval(text.strip())
    except Exception:
        # Besides errors of syntax: a key that is a list, nesting, a number with too many digits.
        raise odd
    if "\\" in text or not isinstance(value, dict):
        raise odd
    pairs = list(flattened(value))
    options = dict(pairs)
    prefix, known = "", {"driver": FORMATS, "encrypt.format": ("luks",), "encrypt.key-secret": None}
    while options.get(prefix + "file.driver") == "raw":
        prefix += "file."
        known[prefix + "driver"] = ("raw",)
    known[prefix + "file.driver"] = ("file",)
    known[prefix + "file.filename"] = None
    file = options.get(prefix + "file.filename")
    if len(options) < len(pairs) or not isinstance(file, str) or not file.startswith("/"):
        raise odd
    for key, option in pairs:
        if key not in known or not isinstance(option, str) or (known[key] and option not in known[key]):
            raise odd
    return options.get("driver"), file


def parent(header, path):
    """Returns the format and the path of a link's parent, as QEMU derives them from its name. `path` is that of the link."""
    name, declared = header.name, header.format
    if declared is not None and declared not in FORMATS:
        raise unsafe(path, "names a parent in the format %s" % declared)
    protocol = re.match("([^:/]*):", name)
    if not protocol:
        return declared, os.path.join(os.path.dirname(path), name)
    rest = name[protocol.end():]
    if protocol.group(1) == "json":
        driver, file = json_parent(rest, path)
        return driver or declared, file
    if protocol.group(1) != "file" or not rest.startswith("/"):
        raise unsafe(path, "names a parent that is not a plain file: %s" % name[:200])
    return declared, rest


def is_below(path, roots):
    return any(path == root or path.startswith(root.rstrip("/") + "/") for root in roots)


def is_below_another_name(path, real, roots):
    """True below a directory that is one of the roots, bound elsewhere: an origin path may have any name."""
    base = path.split("/workload_", 1)[0]
    return base != path and is_below(real, [os.path.realpath(base)]) and any(is_same(base, root) for root in roots)


def open_link(path, roots, child):
    """Opens a link for reading. Raises OSError if there is nothing that could be opened."""
    real = os.path.realpath(path)
    status = os.stat(real)
    if not is_below(real, roots) and not is_below_another_name(path, real, roots):
        leads = " (%s)" % real if real != path else ""
        named = "%s leads out of the targets" % path if child is None else "%s names a parent outside of the targets: %s" % (child, path)
        raise Refused("unsafe image", child or path, named + leads)
    # Opening a device or a pipe can have an effect, or wait.
    if stat.S_ISREG(status.st_mode):
        fd = os.open(real, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if stat.S_ISREG(os.fstat(fd).st_mode):
            return fd
        os.close(fd)
    raise Refused("not qcow2", path, "%s is not a regular file" % path)


def look(path, declared, roots, child):
    """Returns the identity and the header of one link."""
    try:
        fd = open_link(path, roots, child)
    except OSError:
        return None, None
    try:
        status = os.fstat(fd)
        head = os.pread(fd, 4096, 0)
        if declared is None:
            for magic, name in NAMING_FORMATS.items():
                if head.startswith(magic):
                    raise unsafe(path, "is in the format %s" % name)
        header = None if declared == "raw" else parse(fd, head, path)
        return (status.st_dev, status.st_ino), header
    except OSError:
        # A share that fails here fails QEMU as well.
        return None, None
    finally:
        os.close(fd)


def read(path, roots):
    """Returns the links of a chain: `path`, and `size`, the virtual size, of what is an image. `roots` are directories."""
    roots = [os.path.realpath(root) for root in roots]
    links, seen, declared, child = [], {}, "qcow2", None
    while path is not None:
        if len(links) == MAX_LINKS:
            raise Refused("unsafe image", links[0]["path"], "%s has a chain of more than %d images" % (links[0]["path"], MAX_LINKS))
        identity, header = look(path, declared, roots, child)
        if identity is not None and identity in seen:
            what = "itself" if seen[identity] == child else "an image above it"
            raise Refused("cycle", path, "%s names %s as its parent" % (child, what))
        seen[identity] = path
        links.append({"path": path, "size": header.size if header else 0})
        if header is None or not header.name:
            break
        child = path
        declared, path = parent(header, path)
    return links


def unescaped(field):
    return re.sub(rb"\\([0-7]{3})", lambda match: bytes([int(match.group(1), 8)]), field)


def usable(paths, roots):
    """Returns those of the paths that are a root by another name, or a mount point. A name in an image makes no directory a target."""
    with open("/proc/self/mountinfo", "rb") as table:
        points = {os.fsdecode(unescaped(line.split(b" ")[4])) for line in table}
    return [path for path in paths if os.path.realpath(path) in points - {"/"} or any(is_same(path, root) for root in roots)]


def is_same(path, other):
    try:
        return os.path.samefile(path, other)
    except OSError:
        return False
