import { InputError } from '../errors.ts'
import type { Share } from '../target/share.ts'
import type { Fault } from './fault.ts'
import { irrevocable } from './irrevocable.ts'

/** Images on a target are deleted: their paths are those below the share. The records of the product stay. */
export function imageLoss({ text, host, path: exported }: Share, paths: readonly string[]): Fault {
  const files = paths.map((path) => `${exported}/${path}`)
  return {
    name: 'image loss',
    subject: `share ${text}`,
    async inject(lab) {
      if (files.length === 0) throw new InputError('no such snapshot was backed up')
      // Without -f: an image that did not exist is no loss.
      await lab.server(host).shell.run(['rm', '--', ...files])
      return irrevocable
    },
    async observe(lab) {
      const { shell } = lab.server(host)
      const look = 'for file in "$@"; do [ ! -e "$file" ] || printf "%s\\n" "$file"; done'
      const { stdout } = await shell.run({ script: look, args: files })
      return { tookEffect: stdout === '', facts: { deleted: paths, left: stdout.split('\n').filter(Boolean) } }
    },
  }
}
