import { guard, programSucceeded, pythonLine } from '../../shell/python.ts'
import { fstabLines } from '../topology/seed.ts'
import type { SitePlan } from '../topology/site-plan.ts'
import type { Machine } from './machine.ts'

/**
 * Moves the shares of a node from the mount paths of one plan to those of another, now and in /etc/fstab. Other mounts and
 * lines stay.
 * @throws CommandError
 */
export async function remount(node: Machine, before: SitePlan, after: SitePlan): Promise<void> {
  const replace = `
import json, sys
lines = json.load(sys.stdin)
with open('/etc/fstab') as file:
    fstab = file.read().split('\\n')
for before, after in lines:
    fstab[fstab.index(before)] = after
with open('/etc/fstab', 'w') as file:
    file.write('\\n'.join(fstab))
`
  const [old, now] = [fstabLines(before), fstabLines(after)]
  const stdin = JSON.stringify(old.map((line, index) => [line, now[index]]))
  await node.shell.run(['umount', '--', ...before.shares.map(({ mountPath }) => mountPath)])
  programSucceeded(await node.shell.try([...pythonLine, guard + replace], { stdin }))
  const mount = 'mkdir -p -- "$@"; for path; do mount -- "$path"; done'
  await node.shell.run({ script: mount, args: after.shares.map(({ mountPath }) => mountPath) })
}
