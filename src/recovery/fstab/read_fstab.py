"""Reads /etc/fstab, and changes nothing. Prints one JSON object.

`file` is what it is and `text` its content in base64. `links` has the real path of each path in it that leads through a
symbolic link. Where systemd boots, `units` has what its own generator makes of it, and `unitFiles` the unit files that systemd
takes instead, by the paths that they mount at.
"""
import base64
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile

import json_text
import mount_points

FSTAB = "/etc/fstab"
GENERATORS = ["/usr/lib/systemd/system-generators", "/lib/systemd/system-generators"]
# Where systemd looks for units before it takes those of a generator: see `systemd-analyze unit-paths`.
UNIT_FOLDERS = [
    "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
    "/etc/systemd/system", "/etc/systemd/system.attached", "/run/systemd/system", "/run/systemd/system.attached",
]
# A path on one of these is left as it is: their server may not answer.
SLOW = re.compile(r"^(nfs4?|cifs|smb3|autofs|ceph|glusterfs|lustre|9p|fuse(\..*)?)$")


def kind_of():
    try:
        status = os.lstat(FSTAB)
    except OSError:
        return "missing"
    if stat.S_ISLNK(status.st_mode):
        return "link " + os.readlink(FSTAB)
    if not stat.S_ISREG(status.st_mode):
        return "other"
    return "plain" if os.access(FSTAB, os.W_OK) and os.access("/etc", os.W_OK) else "read-only"


def mount_types():
    """The type of the topmost mount on each mount point. No mount point is a symbolic link."""
    return {os.fsencode(mount["point"]): mount["type"] for mount in mount_points.MountPoints().all}


def real_path(path, types, depth=0):
    """Follows symbolic links, but sends no request to a server."""
    at = b"/"
    parts = path.split(b"/")
    for index, part in enumerate(parts):
        if part in (b"", b"."):
            continue
        if part == b"..":
            at = os.path.dirname(at)
            continue
        at = os.path.join(at, part)
        if at in types:
            if SLOW.match(types[at]):
                return os.path.normpath(os.path.join(at, *[one for one in parts[index + 1:] if one]))
            continue
        try:
            link = os.readlink(at)
        except OSError:
            continue
        if depth < 40:
            rest = os.path.join(os.path.dirname(at), link, *[one for one in parts[index + 1:] if one])
            return real_path(rest, types, depth + 1)
    return at


def links_in(text):
    types = mount_types()
    links = {}
    for line in text.split(b"\n"):
        if line.lstrip(b" \t").startswith(b"#"):
            continue
        for field in re.split(b"[ \t]+", line.strip(b" \t\r"))[:2]:
            path = mount_points.plain(field)
            if not path.startswith(b"/") or b"\0" in path:
                continue
            real = real_path(path, types)
            if real != os.path.normpath(b"/" + path.lstrip(b"/")):
                links[path.decode("latin-1")] = real.decode("latin-1")
    return links


def generated():
    """What systemd's own generator makes of the file, in a folder that is removed again. None if it cannot run."""
    programs = [os.path.join(folder, "systemd-fstab-generator") for folder in GENERATORS]
    program = next((one for one in programs if os.access(one, os.X_OK)), None)
    if program is None:
        return None
    try:
        folder = tempfile.mkdtemp(prefix="dr-drill-")
    except OSError:
        return None
    try:
        environment = {"SYSTEMD_PROC_CMDLINE": "", "SYSTEMD_LOG_TARGET": "null", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
        # It ends with an error if it ignores one of the lines, and makes units of the others.
        subprocess.run([program] + [folder] * 3, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env=environment, timeout=20)
        return units_in(folder)
    except (OSError, subprocess.SubprocessError):
        return None
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unit_files(folders):
    """For each path, the first unit file that mounts there, or a folder of files that change such a unit."""
    found = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(os.fsencode(folder)))
        except (FileNotFoundError, NotADirectoryError):
            continue
        for name in names:
            unit = re.match(rb"(.+)\.(?:auto)?mount(\.d)?\Z", name, re.DOTALL)
            file = os.path.join(os.fsencode(folder), name)
            if unit is None or (unit.group(2) and not has_changes(file)):
                continue
            found.setdefault(path_of_unit(unit.group(1)).decode("latin-1"), file.decode("latin-1"))
    return found


def has_changes(folder):
    return os.path.isdir(folder) and any(name.endswith(b".conf") for name in os.listdir(folder))


def path_of_unit(name):
    """The path that a unit mounts at, by its name without the suffix: see systemd.unit(5)."""
    if name == b"-":
        return b"/"
    decode = lambda code: bytes([int(code.group(1), 16)]) if code.group(1) else b"/"
    return b"/" + re.sub(rb"\\x([\da-f]{2})|-", decode, name)


def units_in(folder):
    starters = {}
    for name in os.listdir(folder):
        target, _, how = name.rpartition(".")
        if how in ("requires", "wants") and os.path.isdir(os.path.join(folder, name)):
            for unit in os.listdir(os.path.join(folder, name)):
                starters.setdefault(unit, []).append("%s %s" % (target, how))
    units = []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".mount") or name == "-.mount":
            continue
        values = read_unit(os.path.join(folder, name))
        automount = name[:-len("mount")] + "automount"
        units.append({
            "what": values.get("What", ""),
            "where": values.get("Where", ""),
            "type": values.get("Type", ""),
            "options": [option for option in values.get("Options", "").split(",") if option],
            "startedBy": sorted(starters.get(name, []) + starters.get(automount, [])),
            "isAutomount": os.path.exists(os.path.join(folder, automount)),
        })
    return units


def read_unit(path):
    values = {}
    with open(path, "rb") as lines:
        for line in lines:
            key, equals, value = line.strip().decode("latin-1").partition("=")
            if equals:
                values[key] = value.replace("%%", "%")
    return values


def main(_):
    is_systemd = os.path.isdir("/run/systemd/system")
    kind = kind_of()
    text = b""
    if os.path.isfile(FSTAB):
        with open(FSTAB, "rb") as file:
            text = file.read()
    facts = {"file": kind, "isSystemd": is_systemd, "text": base64.b64encode(text).decode(), "links": links_in(text)}
    units = generated() if is_systemd and text else None
    if units is not None:
        facts["units"] = units
    files = unit_files(UNIT_FOLDERS) if is_systemd else {}
    if files:
        facts["unitFiles"] = files
    # Whatever the locale is: each character of the text is one byte.
    sys.stdout.buffer.write(json_text.dumps(facts).encode() + b"\n")
    return 0
