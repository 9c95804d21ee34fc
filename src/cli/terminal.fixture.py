# Runs a command at a pseudo terminal: what arrives on standard input is typed there, and what it prints is passed on. Prints
# the process id of the command on standard error first. SIGUSR1 closes the terminal, as when its window is closed. Exits
# with the exit code of the command, 128 + n if signal n ended it.
import os
import pty
import select
import signal
import sys


class Closed(Exception):
    pass


def close(*_):
    raise Closed


child, terminal = pty.fork()
if child == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
signal.signal(signal.SIGUSR1, close)
print(child, file=sys.stderr, flush=True)
inputs = [0, terminal]
try:
    while True:
        for ready in select.select(inputs, [], [])[0]:
            data = os.read(ready, 65536)
            if ready == terminal:
                os.write(1, data)
            elif data:
                os.write(terminal, data)
            else:
                inputs.remove(0)
except Closed:
    os.close(terminal)
except OSError:
    pass
status = os.waitpid(child, 0)[1]
sys.exit(128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status))
