"""Writes JSON: python3-minimal has no json module."""
import re

PLAIN = re.compile(r"[ !#-\[\]-~]*\Z")


def dumps(value):
    """Returns ASCII, whatever the locale of the host is."""
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, bytes):
        return dumps(value.decode("utf-8", "replace"))
    if isinstance(value, str):
        if PLAIN.match(value):
            return '"' + value + '"'
        # A surrogate, which represents a byte of a file name that is not UTF-8, becomes a question mark.
        text = value.encode("utf-8", "replace").decode("utf-8")
        return '"' + "".join(escaped(letter) for letter in text) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(dumps(str(key)) + ":" + dumps(part) for key, part in value.items()) + "}"
    return "[" + ",".join(dumps(part) for part in value) + "]"


def escaped(letter):
    if letter in '"\\':
        return "\\" + letter
    if " " <= letter <= "~":
        return letter
    code = ord(letter)
    if code < 0x10000:
        return "\\u%04x" % code
    code -= 0x10000
    return "\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF))
