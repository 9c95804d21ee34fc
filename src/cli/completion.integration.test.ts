import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'
import { Ledger } from '../lab/registry/ledger.ts'

const checkout = join(import.meta.dirname, '../..')
const home = mkdtempSync(join(tmpdir(), 'dr-drill-completion-'))
after(() => rmSync(home, { recursive: true }))
// A run of this process, which lives.
before(async () => {
  const entry = await new Ledger(join(home, 'dr-drill/runs')).add('20261122t201500-3f9a1c', 'embedded')
  await entry.addMachine({
    lab: 'lab-1',
    hubId: '1',
    name: 'recovery-compute-1',
    where: 'recovery/compute-1',
    managementAddress: '10.0.0.2',
    hostPublicKey: '',
    clientPrivateKey: '',
  })
})

interface Shell {
  readonly start: string
  readonly load: string
  /** Undefined if the shell can be tried here. */
  readonly lacks?: string
}

const bashCompletion = '/usr/share/bash-completion/bash_completion'
const has = (program: string): boolean => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0
const shells: Readonly<Record<string, Shell>> = {
  bash: {
    start: 'bash --norc --noprofile -i',
    load: `. ${bashCompletion}; for i in 1 2; do eval "$(./drill completion bash)"; done`,
    ...(!existsSync(bashCompletion) && { lacks: 'the package bash-completion is not installed' }),
  },
  zsh: {
    start: 'zsh -f -i',
    load: 'autoload -U compinit && compinit -u -d "$HOME/dump"; eval "$(./drill completion zsh)"',
    ...(!has('zsh') && { lacks: 'zsh is not installed' }),
  },
  fish: {
    start: 'fish --no-config -i',
    load: './drill completion fish | source',
    ...(!has('fish') && { lacks: 'fish is not installed' }),
  },
}

/** What is typed, with `⇥` for the tab key, and what stands on the line then. */
const lines: readonly (readonly [typed: string, completed: string])[] = [
  ['./drill targ⇥crea⇥/tmp/x --distr⇥', './drill target create /tmp/x --distribution'],
  ['./drill run --engine emb⇥', './drill run --engine embedded'],
  ['./drill shell --run 2026⇥recovery/c⇥', './drill shell --run 20261122t201500-3f9a1c recovery/compute-1'],
  ['./drill assess CHANGEL⇥', './drill assess CHANGELOG.md'],
]

for (const [name, { start, load, lacks }] of Object.entries(shells))
  describe(`completion in ${name}`, { skip: lacks ?? (has('script') ? false : 'script is not installed') }, () => {
    it('completes commands, options, choices, runs, machines and files', async () => {
      const env = { ...process.env, HOME: home, XDG_STATE_HOME: home, TERM: 'xterm' }
      // `script` gives the shell a terminal.
      const child = spawn('script', ['-qec', start, '/dev/null'], { cwd: checkout, env })
      try {
        let output = ''
        for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
        const printed = async (line: RegExp): Promise<string> => {
          for (let tries = 0; tries < 600; tries++) {
            const [found] = line.exec(stripVTControlCharacters(output)) ?? []
            if (found !== undefined) return found.trim()
            await setTimeout(50)
          }
          return assert.fail(`${line} is not in ${JSON.stringify(output)}`)
        }
        child.stdin.write(`stty cols 300; ${load}; echo lo''aded\n`)
        await printed(/^loaded\s*$/m)
        assert.doesNotMatch(output, /readonly|error/i)
        for (const [index, [typed, completed]] of lines.entries()) {
          // Ctrl-A goes to the beginning of the line.
          child.stdin.write(`${typed.replaceAll('⇥', '\t')}\u0001echo line ${index}: \n`)
          assert.equal(await printed(new RegExp(`^line ${index}: .*$`, 'm')), `line ${index}: ${completed}`)
        }
      } finally {
        child.kill()
      }
    })
  })
