import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type HostileTarget, lacksTrace, traced, writeHostileTarget } from '../../image/hostile.fixture.ts'
import type { RenameOutcome } from '../action/parent-renames.ts'
import type { HostResult } from './each-node.ts'
import type { NodeVerdict } from './verify.ts'

const folder = mkdtempSync(join(tmpdir(), 'hostile-recovery-'))
after(() => rmSync(folder, { recursive: true }))
const skip = lacksTrace() || (process.getuid?.() !== 0 && 'not run: needs root, to run as the product does')

const moduleAt = (path: string) => new URL(path, import.meta.url).href

describe('a recovery of a target with images that lead elsewhere', { skip, timeout: 300_000 }, () => {
  let hostile: HostileTarget
  before(() => {
    chmodSync(folder, 0o755)
    hostile = writeHostileTarget(folder)
  })
  const prelude = () => `
    import { LocalShell } from '${moduleAt('../../shell/local.ts')}'
    const shell = new LocalShell()
    const user = { uid: 65534, gid: 65534 }
    const targets = ['${hostile.target}']`

  it('reads all good chains to their end, refuses the others, and opens nothing else', () => {
    const script = `${prelude()}
      import { findImages } from '${moduleAt('../images/find-images.ts')}'
      import { verify } from '${moduleAt('verify.ts')}'
      const { signal } = new AbortController()
      const { images } = await findImages(shell, targets, { user, signal })
      const node = { where: 'localhost', shell }
      const lines = []
      const results = await verify([node], images, {
        ...{ thoroughness: 'all', targets, user, reference: node, lackedBy: () => new Set(), signal },
        report: (_, line) => lines.push(line),
      })
      console.log(JSON.stringify({ results, lines }))`
    const { stdout, opened, timesOpened } = traced(script, folder, hostile.canaries)
    const { results, lines } = JSON.parse(stdout) as { results: HostResult<NodeVerdict>[]; lines: string[] }
    assert.deepEqual(opened, [])
    const [{ value } = assert.fail()] = results
    assert.equal(value?.state, 'fail')
    assert.equal(value.read, 2)
    const [failed, ...unknown] = (value.why ?? '').split('; ')
    assert.match(failed ?? '', /\/data-file keeps its data in an external file\. It was not opened \(and \d+ more\)$/)
    assert.deepEqual(value.doubts, { 'parent elsewhere': 8, 'too long': 1500, 'parent not read': 502 })
    assert.match(unknown[0] ?? '', /\/dots: it has a parent whose name is not the path of a target: .* \(and 7 more\)$/)
    assert.equal(unknown.length, 3)
    const [line, ...others] = lines.filter((one) => one.startsWith('not opened'))
    assert.match(line ?? '', /^not opened: .*\/data-file keeps its data in an external file$/)
    assert.deepEqual(others, [])
    assert.ok(timesOpened(hostile.good[1]) >= 4, 'the trace shows what is opened')
  })

  for (const isBestEffort of [false, true])
    it(`by rebase${isBestEffort ? ', and its undo,' : ''} opens no external data file`, () => {
      const [, base] = hostile.good
      const path = hostile.bad.get('data-file')
      const script = `${prelude()}
        import { renameParentNames } from '${moduleAt('../action/parent-renames.ts')}'
        const renames = [{ path: '${path}', from: '${base}', to: '${base}-x' }]
        const options = { user, concurrency: 1, isBestEffort: ${isBestEffort} }
        console.log(JSON.stringify(await renameParentNames(shell, renames, options)))`
      const { stdout, opened } = traced(script, folder, hostile.canaries)
      const [outcome] = JSON.parse(stdout) as RenameOutcome[]
      assert.deepEqual(opened, [])
      assert.equal(outcome?.state, 'refused')
      assert.match(outcome.why ?? '', /keeps its data in an external file/)
    })
})
