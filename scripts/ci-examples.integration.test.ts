import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parse } from 'yaml'
import { buildProgram } from '../src/cli/program.ts'

const examples = join(import.meta.dirname, '../examples/ci')
const folder = mkdtempSync(join(tmpdir(), 'dr-drill-ci-'))
after(() => rmSync(folder, { recursive: true }))
const read = (name: string): string => readFileSync(join(examples, name), 'utf8')

interface ActionStep {
  readonly name: string
  readonly uses?: string
  readonly run?: string
  readonly shell?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, string>>
}
const action = parse(read('github-action/action.yml')) as {
  readonly inputs: Readonly<Record<string, object>>
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] }
}
const gitlab = parse(read('gitlab-ci.yml')) as Readonly<
  Record<
    string,
    {
      readonly script: readonly string[]
      readonly cache: { readonly paths: readonly string[] }
      readonly artifacts: { readonly when: string; readonly reports: { readonly junit: string } }
    }
  >
>

/** Programs that write down how they are called. `dr-drill run` exits with `RUN`. */
for (const name of ['npx', 'npm', 'sudo']) {
  const file = join(folder, name)
  writeFileSync(
    file,
    `#!/bin/sh\nprintf '%s|' ${name} "$@" >>"$CALLS"; echo >>"$CALLS"\n[ "$2" != run ] || exit "$RUN"\n`,
  )
  chmodSync(file, 0o755)
}

/** Runs a script with these programs, and returns its exit code and its calls. */
function call(shell: string, script: string, run: number, env: Readonly<Record<string, string>> = {}) {
  const [calls, output] = [join(folder, 'calls'), join(folder, 'output')]
  for (const file of [calls, output]) writeFileSync(file, '')
  const { status } = spawnSync(shell, ['-e', '-c', script], {
    env: {
      PATH: `${folder}${delimiter}${process.env.PATH}`,
      CALLS: calls,
      GITHUB_OUTPUT: output,
      RUN: `${run}`,
      ...env,
    },
  })
  return { status, calls: readFileSync(calls, 'utf8').trim().split('\n'), output: readFileSync(output, 'utf8') }
}

describe('the examples for CI', () => {
  it('use commands and options that exist', async () => {
    const program = await buildProgram()
    for (const file of [
      'github-action/action.yml',
      'gitlab-ci.yml',
      'gitlab-ci-shards.yml',
      'Jenkinsfile',
      'README.md',
    ]) {
      const calls = [...read(file).matchAll(/npx dr-drill ([a-z]+)( create)?([^'|\n]*)/g)]
      assert.ok(calls.length > 0, file)
      for (const [, name = '', sub, rest = ''] of calls) {
        const command = program.commands.find((one) => one.name() === name)
        const used = sub === undefined ? command : command?.commands.find((one) => one.name() === sub.trim())
        for (const [option] of rest.matchAll(/--[a-z-]+/g))
          assert.ok(
            used?.options.some(({ long }) => long === option),
            `${file}: ${name} ${option}`,
          )
        assert.ok(used, `${file}: ${name}`)
      }
    }
  })

  it('for GitHub fail with the exit code of the run, and pass paths and tags on', () => {
    const drill = action.runs.steps.find(({ name }) => name === 'Drill')?.run ?? assert.fail()
    for (const code of [0, 1, 3]) {
      const { status, output } = call('bash', drill, code, { PATHS: '', TAGS: '' })
      assert.deepEqual([status, output], [code, `exit-code=${code}\n`])
    }
    const { calls } = call('bash', drill, 0, { PATHS: 'a b', TAGS: 'not @full' })
    assert.deepEqual(calls, ['npx|dr-drill|run|--tags|not @full|a|b|'])
  })

  it('for GitHub are a composite action that keeps reports always, and the guest image', () => {
    const { using, steps } = action.runs
    assert.equal(using, 'composite')
    assert.ok(steps.every(({ run, shell, uses }) => (run === undefined ? uses?.includes('@') : shell === 'bash')))
    const keeps = steps.at(-1)
    assert.deepEqual([keeps?.if, keeps?.uses?.split('@')[0]], ['always()', 'actions/upload-artifact'])
    assert.equal(steps.find(({ uses }) => uses?.startsWith('actions/cache@'))?.with?.path, '~/.cache/dr-drill')
    const workflow = parse(read('github-workflow.yml')) as {
      readonly jobs: { readonly drills: { readonly steps: ActionStep[] } }
    }
    const own = workflow.jobs.drills.steps.find(({ uses }) => uses === './.github/actions/dr-drill')
    assert.ok(Object.keys(own?.with ?? {}).every((input) => input in action.inputs))
  })

  it('for GitLab fail with the exit code of the run, and publish JUnit always', () => {
    const { script, cache, artifacts } = gitlab.drills ?? assert.fail()
    for (const code of [0, 1, 3]) assert.equal(call('sh', script.join('\n'), code).status, code)
    assert.equal(call('sh', script.join('\n'), 0).calls.length, 3)
    assert.deepEqual(
      [cache.paths, artifacts.when, artifacts.reports.junit],
      [['.cache/dr-drill'], 'always', 'reports/*/junit.xml'],
    )
  })

  it('for Jenkins have balanced brackets, and publish JUnit always', () => {
    const text = read('Jenkinsfile').replaceAll(/'[^']*'|\/\/.*/g, '')
    const open: string[] = []
    for (const [bracket] of text.matchAll(/[(){}]/g))
      if (bracket === '(' || bracket === '{') open.push(bracket)
      else assert.equal(open.pop(), bracket === ')' ? '(' : '{')
    assert.deepEqual(open, [])
    assert.match(read('Jenkinsfile'), /post \{\s+always \{\s+junit testResults: 'reports\/\*\/junit\.xml'/)
  })
})
