"""The mounts of this process, as the lookup of a path meets them. It sends no request to a server."""
import os
import re


def plain(field):
    """Decodes the octal escapes of mountinfo."""
    return re.sub(rb"\\([0-7]{3})", lambda code: bytes([int(code.group(1), 8) & 255]), field)


class MountPoints:
    """Paths are text, with surrogates for bytes that are not UTF-8, as `os.fsdecode` has them."""

    def __init__(self):
        self.all = []
        with open("/proc/self/mountinfo", "rb") as lines:
            for line in lines:
                fields = line.rstrip(b"\n").split(b" ")
                # A dash ends the optional fields, which begin after the sixth field.
                dash = fields.index(b"-", 6)
                root, point = plain(fields[3]), plain(fields[4])
                self.all.append({
                    "id": int(fields[0]),
                    "parent": int(fields[1]),
                    "of": fields[2].decode() + " " + os.fsdecode(root),
                    "point": os.fsdecode(point),
                    "type": os.fsdecode(plain(fields[dash + 1])),
                    "source": os.fsdecode(plain(fields[dash + 2])),
                    "isShared": any(one.startswith(b"shared:") for one in fields[6:dash]),
                })
        known = {mount["id"] for mount in self.all}
        self.on = {}
        for mount in self.all:
            parent = mount["parent"] if mount["parent"] in known and mount["parent"] != mount["id"] else None
            self.on.setdefault((parent, mount["point"]), []).append(mount)

    def way_to(self, path):
        """The mounts that a lookup of a path without symbolic links goes through, the last one first."""
        way, at = [], ""
        for part in [""] + [one for one in path.split("/") if one]:
            at = at.rstrip("/") + "/" + part
            while True:
                over = self.on.get((way[0]["id"] if way else None, at))
                if not over:
                    break
                way.insert(0, over[-1])
        return way

    def at(self, path):
        """The mounts that are stacked at a mount point, the topmost first. Empty if a lookup finds none there."""
        return [mount for mount in self.way_to(path) if mount["point"] == path]

    def hidden_at(self, path):
        """The mounts at a mount point that no lookup reaches, because something is mounted above it."""
        reached = {mount["id"] for mount in self.at(path)}
        return [mount for mount in self.all if mount["point"] == path and mount["id"] not in reached]

    def folder_under(self, path):
        """The folder that a mount point is when nothing is mounted on it, as `of` has it. None if it is unknown."""
        on = [mount for mount in self.way_to(path) if mount["point"] != path]
        return folder_of(path, on[0]) if on else None

    def same_folder(self, path):
        """Mounts on the very folder that a path is, by whichever path they are reached."""
        folder = self.folder_under(path)
        by_id = {mount["id"]: mount for mount in self.all}
        parents = [(mount, by_id.get(mount["parent"])) for mount in self.all]
        return [mount for mount, parent in parents if parent and folder == folder_of(mount["point"], parent)]

    def below(self, mount):
        """All mounts that are mounted on a mount, the deepest first."""
        found = []
        for child in self.all:
            if child["parent"] == mount["id"] and child["id"] != mount["id"]:
                found = self.below(child) + [child] + found
        return found


def folder_of(path, mount):
    """A path below a mount point, as a folder of what is mounted there."""
    device, root = mount["of"].split(" ", 1)
    return "%s %s" % (device, os.path.normpath(os.path.join(root, os.path.relpath(path, mount["point"]))))
