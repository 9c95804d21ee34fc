"""Gives images other names for their parents. Prints one JSON object a line for each step of each image.

First every image is checked: `{"path", "state": "ready" | "already done" | "refused" | "gone" | "changed", "why", "kind"}`. Nothing is
changed if one is refused, unless `isBestEffort`. A dry run also renames a copy of the image's metadata. Then
`qemu-img rebase -u` runs for each image that is ready, and its header is read back: `{"path", "state": "done" | "failed",
"why"}`. After the first failure no other image is begun, unless `isBestEffort`.
"""
import threading

import json_text
import rename_check
import rename_trial

printing = threading.Lock()


def report(path, state, why=None, kind=None):
    facts = {"path": path, "state": state}
    if why:
        facts["why"] = why
    if kind:
        facts["kind"] = kind
    with printing:
        print(json_text.dumps(facts), flush=True)


def said(error):
    return "%s: %s" % (error.strerror, error.filename) if error.filename else error.strerror


def judged(job, task):
    """Returns the state of an image before it is renamed, why it cannot be, and the kind of that reason."""
    try:
        if not rename_check.check(job):
            return "already done", None, None
        if task["isDryRun"]:
            why = rename_trial.attempt(job, rename_check.header_of(job["path"]), task["secrets"])
            if why:
                return "refused", why, "qemu"
        return "ready", None, None
    except rename_check.Changed as why:
        return "changed" if task["isBestEffort"] else "refused", str(why), why.kind
    except rename_check.Refused as why:
        return "refused", str(why), why.kind
    except FileNotFoundError as error:
        is_gone = task["isBestEffort"] and error.filename == job["path"]
        return "gone" if is_gone else "refused", said(error), "file"
    except OSError as error:
        return "refused", said(error), "file"
    except Exception as error:
        return "refused", "%s: %s" % (type(error).__name__, error), "file"


def rename(job, secrets):
    """Returns why the image does not have its new name. None if it has."""
    try:
        why = rename_trial.rename(job, job["path"], secrets)
        if why is None and rename_check.header_of(job["path"]).name != job["to"]:
            why = "its header does not have the name that was written"
        return why
    except OSError as error:
        return said(error)
    except rename_check.Refused as error:
        return str(error)


def on_each(jobs, count, act):
    """Acts on each job, several at once, until one returns True."""
    waiting = list(jobs)
    ended = threading.Event()

    def work():
        while not ended.is_set():
            try:
                job = waiting.pop(0)
            except IndexError:
                return
            if act(job):
                ended.set()

    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main(task):
    states = {}

    def look(job):
        state, why, kind = judged(job, task)
        states[job["path"]] = state
        report(job["path"], state, why, kind)

    def change(job):
        why = rename(job, task["secrets"])
        report(job["path"], "failed" if why else "done", why)
        return why is not None and not task["isBestEffort"]

    on_each(task["renames"], task["concurrency"], look)
    if task["isDryRun"] or ("refused" in states.values() and not task["isBestEffort"]):
        return 0
    on_each([job for job in task["renames"] if states[job["path"]] == "ready"], task["concurrency"], change)
    return 0
