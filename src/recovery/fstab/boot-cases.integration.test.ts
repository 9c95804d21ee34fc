import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { after, before, beforeEach, describe, it } from 'node:test'
import { PrivateMounts } from '../mounts/private-mounts.fixture.ts'
import { bootCases, local, mountableCases, origin, root } from './boot-cases.fixture.ts'
import { bootVerdict } from './boot-verdict.ts'
import type { Fstab } from './fstab.ts'
import { fstabOf } from './fstab-file.ts'
import { unitsOf } from './fstab-units.ts'

const skip = process.getuid?.() !== 0 && 'needs root, to mount'
const generator = '/usr/lib/systemd/system-generators/systemd-fstab-generator'
const bind = { local, origin }

/** A machine with the folders that the cases name, and the share in one of them. */
function useMachine() {
  const node = new PrivateMounts([root, '/run'])
  before(() => node.start())
  after(() => node.stop())
  beforeEach(async () => {
    const script = `
      while mountpoint -q "$3"; do umount -l "$3"; done
      mount -t tmpfs none "$3"
      mkdir -p "$1" "$2" "$3/server/sub" "$3/other"
      : >"$3/server/IMAGE"
      ln -s . "$3/link"
      rm -rf /run/systemd`
    await node.run({ script, args: [local, origin, root] })
  })
  /** fstab of the machine, as it is read on a host. */
  const readWith = async (lines: readonly string[], isSystemd: boolean): Promise<Fstab> => {
    const script = 'if [ -n "$1" ]; then mkdir -p "$1"; fi; shift; printf "%s\\n" "$@" >/etc/fstab'
    await node.run({ script, args: [isSystemd ? '/run/systemd/system' : '', ...lines] })
    return await fstabOf(node)
  }
  return { node, readWith }
}

describe('a boot with mount -a', { skip }, () => {
  const { node, readWith } = useMachine()
  for (const { title, lines, links, mount } of mountableCases)
    it(`makes what is expected of ${title}`, async () => {
      const fstab = await readWith(lines, false)
      assert.deepEqual(fstab.links, links ?? {})
      assert.equal(bootVerdict(fstab, bind).isKept, mount[0] === 'kept')
      const script = `
        mount -a >&2 || :
        of() { stat -c %d:%i "$1"; }
        if mountpoint -q "$1" && [ -e "$2/IMAGE" ] && [ "$(of "$1")" = "$(of "$2")" ]; then echo kept; else echo lost; fi`
      assert.equal((await node.run({ script, args: [local, origin] })).stdout, `${mount[0]}\n`)
    })
})

describe('the units of fstab', {
  skip: skip || (!existsSync(generator) && 'systemd-fstab-generator is not installed'),
}, () => {
  const { readWith } = useMachine()
  for (const { title, lines, links, systemd } of bootCases)
    it(`are those of systemd's own generator, and lead to the same verdict, with ${title}`, async () => {
      const fstab = await readWith(lines, true)
      assert.deepEqual([fstab.isSystemd, fstab.links], [true, links ?? {}])
      const sorted = (units: Fstab['units']) => units?.toSorted((one, other) => (one.where < other.where ? -1 : 1))
      assert.deepEqual(sorted(withoutAdded(fstab.units)), sorted(unitsOf(fstab)))
      const { isKept, remarks } = bootVerdict(fstab, bind)
      assert.deepEqual([isKept ? 'kept' : 'lost', ...remarks.map(({ cause }) => cause)], systemd)
    })
})

/** systemd puts options of its own around `bg`. */
function withoutAdded(units: Fstab['units']): Fstab['units'] {
  return units?.map((unit) => {
    const isBackground = unit.options[0] === 'x-systemd.mount-timeout=infinity'
    return isBackground ? { ...unit, options: unit.options.slice(3, -1) } : unit
  })
}
