import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { project, run } from '../run/run.fixture.ts'

const main = join(import.meta.dirname, 'main.ts')
const terminal = join(import.meta.dirname, 'terminal.fixture.py')
const folder = project('passes', 'fails')
run(folder)
const journal = readFileSync(join(folder, 'reports/latest/journal.ndjson'), 'utf8')

const drill = (args: readonly string[], env: NodeJS.ProcessEnv = {}, wrapper: readonly string[] = []) => {
  const [program = process.execPath, ...rest] = [...wrapper, process.execPath, main, ...args]
  const { DISPLAY: _, WAYLAND_DISPLAY: __, ...own } = process.env
  return spawnSync(program, rest, { cwd: folder, encoding: 'utf8', env: { ...own, ...env } })
}

describe('judge', () => {
  it('finds every verdict the same, with the judges of the project', () => {
    const { status, stdout } = drill(['judge'])
    assert.match(stdout, /3 claims judged again, 0 changed, 0 not known/)
    assert.equal(status, 0)
  })

  it('lists a verdict that has changed, and a cut journal', () => {
    const forged = journal.replaceAll('"facts":"h:/x"', '"facts":"h:/y"')
    writeFileSync(join(folder, 'forged.ndjson'), forged.slice(0, forged.lastIndexOf('{')))
    const { status, stdout, stderr } = drill(['judge', 'forged.ndjson'])
    assert.match(stdout, /The claim is wrong {2}\(features\/fails.feature:2\), failed\n/)
    assert.equal(status, 1)
    assert.match(stderr, /the journal was cut after entry \d+/)
  })

  it('reports a question that it does not know', () => {
    writeFileSync(join(folder, 'old.ndjson'), journal.replaceAll('"question":"share', '"question":"part'))
    const { status, stdout } = drill(['judge', 'old.ndjson'])
    assert.match(stdout, /this version does not know the question/)
    assert.equal(status, 3)
  })
})

describe('show', () => {
  const page = join(folder, 'reports/latest/index.html')
  const inTerminal = ['python3', terminal]

  it('prints the path of the page, and makes a page that is missing', () => {
    rmSync(page)
    const { status, stdout } = drill(['show'])
    assert.deepEqual([status, stdout], [0, `${page}\n`])
    assert.ok(existsSync(page))
  })

  it('opens it at a terminal with a desktop, and explains where there is none', () => {
    const opener = join(folder, 'bin/xdg-open')
    mkdirSync(join(folder, 'bin'))
    writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" >'${join(folder, 'opened')}'\nexit "\${EXIT:-0}"\n`)
    chmodSync(opener, 0o755)
    const env = { DISPLAY: ':0', PATH: `${join(folder, 'bin')}:${process.env.PATH}` }
    assert.equal(drill(['show', '--print'], env, inTerminal).status, 0)
    assert.equal(existsSync(join(folder, 'opened')), false)
    assert.equal(drill(['show'], env, inTerminal).status, 0)
    assert.equal(readFileSync(join(folder, 'opened'), 'utf8'), page)
    const failed = drill(['show'], { ...env, EXIT: '4' }, inTerminal)
    assert.deepEqual([failed.status, /xdg-open exited with 4/.test(failed.stdout)], [3, true])
    const alone = drill(['show'], {}, inTerminal)
    assert.deepEqual([alone.status, /There is no desktop here/.test(alone.stdout)], [0, true])
  })
})
