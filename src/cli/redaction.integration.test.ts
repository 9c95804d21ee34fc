import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { blocksIn } from '../report/page/page-blocks.fixture.ts'
import { project, report, run } from '../run/run.fixture.ts'

const main = join(import.meta.dirname, 'main.ts')

describe('a secret that a run records', () => {
  it('is in no file of its reports, and in no file of its evidence', () => {
    const folder = project('secrets')
    const ended = run(folder, [], { OS_TOKEN: 'planted-in-the-environment' })
    assert.equal(ended.code, 1, ended.stderr)
    const boot = join(folder, 'reports/latest/boot/lab-1')
    mkdirSync(boot, { recursive: true })
    writeFileSync(join(boot, 'node.log'), 'OS_PASSWORD=planted-in-a-console\n')
    writeFileSync(join(folder, 'dr-drill.config.yaml'), 'steps: [steps]\n# password: planted-in-the-configuration\n')
    const journal = join(folder, 'reports/latest/journal.ndjson')
    const recorded = readFileSync(journal, 'utf8')
    // As an older version would have recorded it.
    writeFileSync(journal, recorded.replace('token issue', 'token issue --os-password planted-in-an-old-journal'))
    assert.notEqual(readFileSync(journal, 'utf8'), recorded)
    const pack = spawnSync(process.execPath, [main, 'evidence', 'create', '-o', 'pack.tar'], {
      cwd: folder,
      encoding: 'utf8',
    })
    writeFileSync(journal, recorded)
    assert.equal(pack.status, 0, pack.stderr)
    assert.match(pack.stdout, /journal\.ndjson: secrets were replaced: .*1 × password/)
    const files = globSync('{pack.tar,reports/*/*.*,reports/*/workers/**}', { cwd: folder })
    assert.ok(files.length > 5, files.join())
    for (const file of files) {
      const found = /.{0,40}planted.{0,20}/.exec(readFileSync(join(folder, file), 'latin1'))
      assert.equal(found?.[0], undefined, file)
    }
    const drill = JSON.stringify(blocksIn(report(ended, 'index.html')).drills)
    assert.ok(drill.includes('token issue') && !drill.includes('planted'))
    assert.match(report(ended, 'summary.md'), /secrets were replaced .*: .*1 × private key/)
    assert.match(pack.stdout, /dr-drill\.config\.yaml: secrets were replaced: 1 × password/)
  })
})
