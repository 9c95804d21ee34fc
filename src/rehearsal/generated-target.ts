import { join } from 'node:path'
import type { Drill } from '../drill/drill.ts'
import { createTarget } from '../generate/create.ts'
import type { TargetShape } from '../generate/shape.ts'
import type { Machine } from '../lab/machine/machine.ts'
import { putTree } from '../lab/machine/put-tree.ts'
import { LeasedFolder } from '../localhost/leased-folder.ts'
import { LocalShell } from '../shell/local.ts'
import type { User } from '../shell/shell.ts'

/** A target as `target create` writes it. */
export interface GeneratedTarget {
  readonly shape: TargetShape
  readonly hasData: boolean
}

/**
 * Writes a target on this machine, and copies it to a server's share, beside other files. Records its numbers. Steps do not
 * restore it: they restore what was backed up in the lab.
 */
export async function putTarget(
  drill: Drill,
  { shape, hasData }: GeneratedTarget,
  to: { readonly server: Machine; readonly path: string; readonly owner: User },
): Promise<void> {
  await using folder = await LeasedFolder.temporary('dr-drill-put-')
  const { directory, secretsFolder, ...totals } = await createTarget({
    directory: join(folder.path, 'target'),
    shape,
    makeFolder: (path) => LeasedFolder.at(path),
    ...(hasData && { dataBy: new LocalShell() }),
  })
  await putTree({ from: directory, machine: to.server, to: to.path, owner: to.owner })
  const facts = { ...totals, path: to.path, hasSecrets: secretsFolder !== undefined }
  drill.journal.append({ kind: 'observation', subject: 'a generated target', where: to.server.where, facts })
}
