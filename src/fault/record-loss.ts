import type { Share } from '../target/share.ts'
import type { Fault } from './fault.ts'
import { irrevocable } from './irrevocable.ts'

/** All records of the product on a target are deleted: workloads, snapshots, settings. Images stay. */
export function recordLoss({ text, host, path }: Share): Fault {
  let deleted = 0
  return {
    name: 'record loss',
    subject: `share ${text}`,
    async inject(lab) {
      const { stdout } = await lab.server(host).shell.run(['find', path, '-name', '*_db', '-printf', 'x', '-delete'])
      deleted = stdout.length
      return irrevocable
    },
    async observe(lab) {
      const { shell } = lab.server(host)
      const { stdout } = await shell.run(['find', path, '-type', 'f', '-printf', '%f\n'])
      const left = stdout.split('\n').filter((name) => name !== '')
      const records = left.filter((name) => name.endsWith('_db'))
      const tookEffect = deleted > 0 && records.length === 0 && left.length > 0
      return { tookEffect, facts: { deleted, records: records.length, images: left.length } }
    },
  }
}
