"""Gives mutated inputs to the readers of programs on hosts. Prints one JSON object for each input, in their order.

Arguments: the name of a reader, and a file with inputs, each after its length in four bytes. `error` is an exception that the
reader does not document.
"""
import io
import os
import struct
import sys

import image_chain
import json_text
import list_images
import mount_points
import qcow2_header
import read_fstab


def header(data):
    fd = os.memfd_create("input")
    try:
        os.write(fd, data)
        found = qcow2_header.read(fd)
        return {"name": found.name, "format": found.format}
    except qcow2_header.BadHeader as why:
        return {"refused": str(why)}
    finally:
        os.close(fd)


def parent(data):
    found = qcow2_header.Header(3, 16, 0, 0)
    found.name = os.fsdecode(data)
    try:
        kind, path = image_chain.parent(found, "/mounts/a/b")
        return {"format": kind, "path": path}
    except image_chain.Refused as why:
        return {"refused": json_text.dumps(why.facts())}


def mounts(data):
    mount_points.open = lambda path, mode: io.BytesIO(data)
    table = mount_points.MountPoints()
    point = table.all[-1]["point"]
    for path in ("/", point, point + "/x"):
        table.at(path), table.hidden_at(path), table.folder_under(path), table.same_folder(path)
    return {"mounts": table.all}


def fstab(data):
    return {"links": read_fstab.links_in(data)}


def secret(data):
    with open(SCRATCH, "wb") as file:
        file.write(data)
    return {"id": list_images.secret_in(SCRATCH)}


SCRATCH = sys.argv[2] + ".scratch"
READERS = {"header": header, "parent": parent, "mounts": mounts, "fstab": fstab, "secret": secret}

with open(sys.argv[2], "rb") as inputs:
    while True:
        length = inputs.read(4)
        if not length:
            break
        try:
            seen = READERS[sys.argv[1]](inputs.read(struct.unpack(">I", length)[0]))
        except Exception as error:
            seen = {"error": "%s: %s" % (type(error).__name__, ascii(str(error)))}
        print(json_text.dumps(seen))
