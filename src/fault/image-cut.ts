import { InputError } from '../errors.ts'
import type { Share } from '../target/share.ts'
import type { Fault } from './fault.ts'
import { irrevocable } from './irrevocable.ts'

/** Images on a target lose the second half of their bytes, as a copy leaves them that has stopped. Paths as of `imageLoss`. */
export function imageCut({ text, host, path: exported }: Share, paths: readonly string[]): Fault {
  const files = paths.map((path) => `${exported}/${path}`)
  let before: readonly number[] = []
  return {
    name: 'image cut',
    subject: `share ${text}`,
    async inject(lab) {
      if (files.length === 0) throw new InputError('no such snapshot was backed up')
      const { shell } = lab.server(host)
      before = sizesIn(await shell.run(['stat', '-c', '%s', '--', ...files]))
      const cut = 'for file; do truncate -s $(($(stat -c %s -- "$file") / 2)) -- "$file"; done; sync'
      await shell.run({ script: cut, args: files })
      return irrevocable
    },
    async observe(lab) {
      const { shell } = lab.server(host)
      const after = sizesIn(await shell.run(['stat', '-c', '%s', '--', ...files]))
      const tookEffect = after.every((size, nth) => size === Math.floor((before[nth] ?? 0) / 2) && size > 0)
      return { tookEffect, facts: { cut: paths, before, after } }
    },
  }
}

function sizesIn({ stdout }: { readonly stdout: string }): readonly number[] {
  return stdout.trim().split('\n').map(Number)
}
