import type { Shell } from '../shell/shell.ts'

/** /etc/fstab of a node. */
export interface FstabFile {
  /** Its bytes, a character each: a comment in another encoding than UTF-8 stays as it is. */
  readonly text: string
  /** Whether systemd mounts what is in it. */
  readonly isSystemd: boolean
  /** Why it cannot be replaced. */
  readonly whyNot?: string
}

export async function fstabOf(shell: Shell): Promise<FstabFile> {
  const look = `
if [ -L /etc/fstab ]; then echo "link $(readlink /etc/fstab | tr '\\n' ' ')"
elif [ -w /etc/fstab ] && [ -w /etc ]; then echo plain; else echo read-only; fi
if [ -d /run/systemd/system ]; then echo systemd; else echo none; fi
base64 /etc/fstab`
  const { stdout } = await shell.run({ script: look }, { captureBytes: 16 * 2 ** 20 })
  const [kind = '', manager, ...encoded] = stdout.split('\n')
  const text = Buffer.from(encoded.join(''), 'base64').toString('latin1')
  const whyNot = kind.startsWith('link')
    ? `/etc/fstab is a symbolic link to ${kind.slice('link '.length).trim()}: what makes that file has to keep the bind`
    : kind === 'read-only'
      ? '/etc/fstab cannot be written'
      : undefined
  return { text, isSystemd: manager === 'systemd', ...(whyNot !== undefined && { whyNot }) }
}

/**
 * At every moment, power cuts included, /etc/fstab is the old file or the new one; mode and owner are kept. The file of
 * before the first change is kept beside it, as `fstab.before-dr-drill`, until what is there is the same again.
 *
 * @returns why it was not replaced: somebody else has changed it meanwhile, or `findmnt --verify` finds errors in the new
 * one that it does not find in the old one
 */
export async function replaceFstab(shell: Shell, before: string, after: string): Promise<string | undefined> {
  const encoded = [before, after].map((text) => Buffer.from(text, 'latin1').toString('base64'))
  const { stdout } = await shell.run(['/usr/bin/python3', '-c', replace], { stdin: encoded.join('\n') })
  return stdout.trim() === '' ? undefined : stdout.trim()
}

const replace = `
import base64, os, subprocess, sys
path, new, old = '/etc/fstab', '/etc/fstab.dr-drill', '/etc/fstab.before-dr-drill'
before, after = [base64.b64decode(line) for line in sys.stdin.read().split('\\n')]

def errors(file):
    try:
        done = subprocess.run(['findmnt', '--verify', '--tab-file', file], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError:
        return set()
    found, target = set(), b''
    for line in done.stdout.split(b'\\n'):
        if not line.startswith(b' '):
            target = line
        elif b'[E]' in line:
            found.add(target + b': ' + line.split(b'[E]', 1)[1].strip())
    return found

def write(name, content):
    try:
        os.unlink(name)
    except FileNotFoundError:
        pass
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    os.fchown(file, state.st_uid, state.st_gid)
    os.fchmod(file, state.st_mode & 0o7777)
    while content:
        content = content[os.write(file, content):]
    os.fsync(file)
    os.close(file)

state = os.lstat(path)
with open(path, 'rb') as file:
    if file.read() != before:
        sys.exit(print('/etc/fstab was changed by somebody else meanwhile'))
write(new, after)
worse = errors(new) - errors(path)
if worse:
    os.unlink(new)
    sys.exit(print('findmnt --verify says of the new /etc/fstab: ' + sorted(worse)[0].decode('utf-8', 'replace')))
kept = os.path.lexists(old)
if not kept:
    write(old + '.new', before)
    os.rename(old + '.new', old)
os.rename(new, path)
if kept and os.path.isfile(old) and open(old, 'rb').read() == after:
    os.unlink(old)
folder = os.open('/etc', os.O_RDONLY)
os.fsync(folder)
`
