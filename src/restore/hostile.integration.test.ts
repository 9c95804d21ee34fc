import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type HostileTarget, lacksTrace, traced, writeHostileTarget } from '../image/hostile.fixture.ts'
import type { Attempt } from '../reason/evidence.ts'

const folder = mkdtempSync(join(tmpdir(), 'hostile-restore-'))
after(() => rmSync(folder, { recursive: true }))
const skip = lacksTrace() || (process.getuid?.() !== 0 && 'not run: needs root, to run as the product does')

const sentences: Readonly<Record<string, [kind: string, sentence: RegExp]>> = {
  'data-file': ['unsafe image', /\/data-file keeps its data in an external file$/],
  'over-data-file': ['unsafe image', /\/data-file keeps its data in an external file$/],
  hostname: ['unsafe image', /\/hostname names a parent outside of the targets: \/etc\/hostname$/],
  outside: ['unsafe image', /\/outside names a parent outside of the targets: .*\/canary-image$/],
  dots: ['unsafe image', /\/dots names a parent outside of the targets: .*\/\.\.\/canary-image \(.*\/canary-image\)$/],
  'symbolic-link': ['unsafe image', /names a parent outside of the targets: .*\/link\.tmp \(.*\/canary-image\)$/],
  'json-nbd': ['unsafe image', /names its parent in a form that is not opened: json:/],
  'json-file': ['unsafe image', /\/json-file names a parent outside of the targets: .*\/canary-image$/],
  'json-escaped': ['unsafe image', /names its parent in a form that is not opened: json:/],
  nbd: ['unsafe image', /names a parent that is not a plain file: nbd:\/\//],
  fat: ['unsafe image', /names a parent that is not a plain file: fat:/],
  vmdk: ['unsafe image', /\/vmdk\.tmp is in the format vmdk$/],
  self: ['cycle', /\/self names itself as its parent$/],
  'cycle-1': ['cycle', /\/cycle-2 names an image above it as its parent$/],
  'cycle-2': ['cycle', /\/cycle-1 names an image above it as its parent$/],
  'long-0000': ['unsafe image', /\/long-0000 has a chain of more than 500 images$/],
}

describe('restores of images that lead elsewhere', { skip, timeout: 120_000 }, () => {
  let hostile: HostileTarget
  before(() => {
    chmodSync(folder, 0o755)
    hostile = writeHostileTarget(folder)
  })

  for (const part of ['sizing', 'reading'] as const)
    it(`${part} refuses each with its reason, opens nothing else, and reads the good one to its end`, () => {
      const { target, good, bad, canaries } = hostile
      const argv = part === 'sizing' ? '(image, disk) => describeChain(image)' : '(image, disk) => readOut(image, disk)'
      const script = `
        import { runBatch } from '${new URL('batch.ts', import.meta.url).href}'
        import { describeChain, readOut } from '${new URL('../image/qemu.ts', import.meta.url).href}'
        import { LocalShell } from '${new URL('../shell/local.ts', import.meta.url).href}'
        const argvOf = ${argv}
        const jobs = ${JSON.stringify([...bad, ['good', good[0]]])}.map(([id, image]) => {
          const disk = '${folder}/' + id + '.raw'
          return { id, argv: argvOf(image, disk), chain: { image, roots: ['${target}'] }, ...('${part}' === 'reading' && { disk }) }
        })
        const options = { part: '${part}', user: { uid: 65534, gid: 65534 }, stallMs: 20000 }
        console.log(JSON.stringify([...await runBatch(new LocalShell(), jobs, options)]))`
      const { stdout, opened, timesOpened } = traced(script, folder, canaries)
      const outcomes = new Map(JSON.parse(stdout) as [string, { attempt: Attempt; digest?: string }][])
      for (const name of bad.keys()) {
        const { refusal, ended, command } = outcomes.get(name)?.attempt ?? assert.fail(name)
        const [kind, sentence] = sentences[name] ?? assert.fail(name)
        assert.equal(refusal?.kind, kind, name)
        assert.match(refusal?.sentence ?? '', sentence)
        assert.deepEqual([ended, command], ['not tried', undefined], name)
      }
      const { attempt, digest } = outcomes.get('good') ?? assert.fail()
      assert.equal(attempt.exitCode, 0, attempt.stderr)
      assert.equal(digest !== undefined, part === 'reading')
      assert.deepEqual(opened, [])
      assert.ok(timesOpened(good[1]) >= 2, 'the trace shows what is opened')
    })
})
