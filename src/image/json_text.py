"""Writes JSON: python3-minimal has no json module."""


def dumps(value):
    if value is None:
        return "null"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, bytes):
        return dumps(value.decode("utf-8", "replace"))
    if isinstance(value, str):
        # A surrogate, which represents a byte of a file name that is not UTF-8, becomes a question mark.
        text = value.encode("utf-8", "replace").decode("utf-8")
        return '"' + "".join(escaped(letter) for letter in text) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(dumps(str(key)) + ":" + dumps(part) for key, part in value.items()) + "}"
    return "[" + ",".join(dumps(part) for part in value) + "]"


def escaped(letter):
    if letter in '"\\':
        return "\\" + letter
    return "\\u%04x" % ord(letter) if letter < " " else letter
