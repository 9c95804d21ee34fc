import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach } from 'node:test'
import type { Argv } from '../../shell/shell.ts'
import { PrivateMounts } from '../mounts/private-mounts.fixture.ts'
import { apply } from './apply.ts'
import type { Action, AppliedAction } from './kinds.ts'

const isRoot = process.getuid?.() === 0

/** Why these tests are skipped. False if they are not. */
export const skip = !isRoot && 'needs root, to mount'

export const folder = mkdtempSync(join(tmpdir(), 'apply-'))
export const local = `${folder}/mounts/bG9jYWw=`
export const origin = `${folder}/mounts/groß alt/b3JpZ2lu`
const share = `10.20.2.20:/replica ${local} nfs soft 0 0`
export const block = `# dr-drill begin: binds that restores need
${local} ${origin.replace(' ', '\\040')} none bind,_netdev,nofail 0 0
# dr-drill end
`
// In Latin-1, as an administrator may have left it: not UTF-8.
export const fstab = Buffer.from(`# für alle\n${share}\ntmpfs /run tmpfs 0 0\n`, 'latin1')
export const bind = { kind: 'bind', local, origin } as const
export const persist = { kind: 'persist', local, origin } as const
export const makeDirectory = { kind: 'make-directory', path: origin } as const

/** A node for the tests of a suite. Before each test, its share is mounted and nothing is done yet. */
export function usePrivateMounts() {
  const node = new PrivateMounts([folder], [local, origin])
  before(async () => {
    mkdirSync(folder, { recursive: true })
    await node.start()
  })
  after(async () => {
    await node.stop()
    rmdirSync(folder)
  })
  beforeEach(async () => {
    const script = `
      mount --make-rprivate /
      while mountpoint -q "$3"; do umount -l "$3"; done
      mount -t tmpfs none "$3"
      rm -rf /etc/*
      mkdir -p "$1"
      mount -t tmpfs none "$1"
      echo data >"$1/image"
      printf %s "$4" | base64 -d >/etc/fstab
      chown 3:4 /etc/fstab
      chmod 640 /etc/fstab`
    await node.run({ script, args: [local, origin, folder, fstab.toString('base64')] })
  })
  const outputOf = async (...command: Argv) => (await node.run(command)).stdout
  return {
    node,
    outputOf,
    exists: async (path: string) => (await node.try(['test', '-e', path])).exitCode === 0,
    isMounted: async (path: string) => (await node.try(['mountpoint', '-q', path])).exitCode === 0,
    readFstab: async () => Buffer.from(await outputOf('base64', '/etc/fstab'), 'base64'),
    /** Applies actions, and returns those that were begun, and the order of calls. */
    applied: async (actions: readonly Action[], begun: AppliedAction[] = [], calls: string[] = []) => {
      await apply(node, actions, (one, state) => {
        calls.push(`${one.action.kind} ${state}`)
        if (state === 'begun') begun.push(one)
      })
      return { begun, calls }
    },
  }
}
