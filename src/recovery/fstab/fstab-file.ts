import { readFileSync } from 'node:fs'
import { program } from '../../image/program.ts'
import { answerIn } from '../../shell/answers.ts'
import { firstObjectIn } from '../../shell/host-objects.ts'
import { guard, programSucceeded, python, pythonLine } from '../../shell/python.ts'
import type { Shell } from '../../shell/shell.ts'
import { mountPointsModule } from '../mounts/mount-points.ts'
import { hasBlock } from './block.ts'
import type { Fstab } from './fstab.ts'

const source = readFileSync(new URL('./read_fstab.py', import.meta.url), 'utf8')

/** /etc/fstab of a node. */
export interface FstabFile extends Fstab {
  /** Why it cannot be replaced. Undefined if it can. */
  readonly whyNot?: string
}

/** Reads /etc/fstab. It is empty on a host without one, e.g. in a container. */
export async function fstabOf(shell: Shell, signal?: AbortSignal): Promise<FstabFile> {
  const result = await shell.try(python, {
    stdin: program({ ...mountPointsModule, read_fstab: source }, ''),
    deadlineMs: 60_000,
    captureBytes: 4 * 2 ** 20,
    maxOutputBytes: 4 * 2 ** 20,
    ...(signal !== undefined && { signal }),
  })
  const { stdout } = programSucceeded(result)
  const shape = { file: 'string', text: 'string' } as const
  const { file, text, ...facts } = firstObjectIn<Fstab & { readonly file: string }>(shell.where, stdout, shape)
  const whyNot = whyNotReplaced(file)
  return { ...facts, text: Buffer.from(text, 'base64').toString('latin1'), ...(whyNot !== undefined && { whyNot }) }
}

function whyNotReplaced(file: string): string | undefined {
  if (file.startsWith('link '))
    return `/etc/fstab is a symbolic link to ${file.slice('link '.length)}: the tool that writes that file must keep the bind`
  if (file === 'missing') return '/etc/fstab does not exist'
  if (file === 'other') return '/etc/fstab is not a file'
  return file === 'read-only' ? '/etc/fstab cannot be written' : undefined
}

/**
 * Replaces /etc/fstab. At every moment, power cuts included, it is the old file or the new one, with the same mode and owner.
 * A copy from before the first change is kept as `fstab.before-dr-drill` until the file is the same again. Removes what a
 * power cut left beside it, even if there is nothing to replace.
 *
 * @returns why it was not replaced: another process has changed it meanwhile or put a symbolic link there, or `findmnt
 * --verify` finds errors in the new file that it does not find in the old one
 */
export async function replaceFstab(shell: Shell, before: string, after: string): Promise<string | undefined> {
  const encoded = [before, after].map((text) => Buffer.from(text, 'latin1').toString('base64'))
  const isFirst = hasBlock(before) ? '' : 'first'
  const stdin = [...encoded, isFirst].join('\n')
  const { stdout } = programSucceeded(await shell.try([...pythonLine, guard + replace], { stdin }))
  return answerIn(stdout, 'why')
}

const replace = `
import base64, os, stat, subprocess, sys
path, new, old = '/etc/fstab', '/etc/fstab.dr-drill', '/etc/fstab.before-dr-drill'
before, after, first = sys.stdin.read().split('\\n')
before, after = base64.b64decode(before), base64.b64decode(after)

def answer(why):
    print('dr-drill:why=' + why, flush=True)

# A full or failing disk is a reason not to replace the file.
def refuse(kind, value, trace, unforeseen=sys.excepthook):
    if not issubclass(kind, OSError):
        return unforeseen(kind, value, trace)
    answer('%s: %s' % (value.filename or path, value.strerror))
    os._exit(0)
sys.excepthook = refuse

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

def discard(name):
    if os.path.lexists(name):
        os.unlink(name)

def write(name, content):
    file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        os.fchown(file, state.st_uid, state.st_gid)
        os.fchmod(file, state.st_mode & 0o7777)
        while content:
            content = content[os.write(file, content):]
        os.fsync(file)
    except BaseException:
        os.unlink(name)
        raise
    finally:
        os.close(file)

def keep():
    discard(old + '.new')
    write(old + '.new', before)
    os.rename(old + '.new', old)

discard(new)
discard(old + '.new')
try:
    state = os.lstat(path)
except FileNotFoundError:
    sys.exit(answer('/etc/fstab does not exist') if before != after else None)
if not stat.S_ISREG(state.st_mode):
    sys.exit(answer('/etc/fstab is a symbolic link now, or not a file') if before != after else None)
with open(path, 'rb', opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW)) as file:
    if file.read() != before:
        sys.exit(answer('/etc/fstab was changed by another process meanwhile'))
if before != after:
    write(new, after)
    worse = errors(new) - errors(path)
    if worse:
        os.unlink(new)
        sys.exit(answer('findmnt --verify reports for the new /etc/fstab: ' + sorted(worse)[0].decode('utf-8', 'replace')))
    if first or not os.path.lexists(old):
        keep()
    os.rename(new, path)
if os.path.isfile(old) and not os.path.islink(old) and open(old, 'rb').read() == after:
    os.unlink(old)
folder = os.open('/etc', os.O_RDONLY)
os.fsync(folder)
`
