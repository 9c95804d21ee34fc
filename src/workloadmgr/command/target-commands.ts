import type { Command } from 'commander'
import { listView } from './output/view.ts'
import { doing, viewCommand } from './view-command.ts'

/** Backup targets of this site, and their types, which workloads are created with. */
export function targetCommands(): readonly Command[] {
  return [targetList(), targetTypeList()]
}

function targetList(): Command {
  const command = viewCommand('list', {
    name: 'backup-target-list',
    summary: 'list the backup targets of this site',
    notes: `
A target that cannot be reached is offline.

Example:
  $ workloadmgr backup-target-list -f json`,
  })
  return doing(command, async ({ manager }) => {
    const { checkTargets } = await import('../target/check-target.ts')
    return listView(await checkTargets(manager.targets), {
      ID: ({ target }) => target.name,
      Type: ({ target }) => target.type,
      'Backend Endpoint': ({ target }) => target.share,
      'Mount Path': ({ target }) => target.mountPath,
      Status: ({ status }) => status,
    })
  })
}

function targetTypeList(): Command {
  const command = viewCommand('list', {
    name: 'backup-target-type-list',
    summary: 'list the types of backup targets that workloads can have',
    notes: '\nExample:\n  $ workloadmgr backup-target-type-list -f value -c Name',
  })
  return doing(command, async ({ manager }) =>
    listView(manager.targets, {
      ID: ({ name }) => name,
      Name: ({ name }) => name,
      Type: ({ type }) => type,
      'Is Default': ({ isDefault }) => isDefault,
    }),
  )
}
