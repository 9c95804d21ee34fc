import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { LocalShell } from '../shell/local.ts'
import type { Argv, CommandOptions, Script, Shell } from '../shell/shell.ts'
import { testToolsStep } from './test-tools.ts'

const programs = [
  'qemu-img',
  'qemu-io',
  'qemu-nbd',
  'ssh',
  'ssh-keygen',
  'strace',
  'newuidmap',
  'sudo',
  'ansible-playbook',
  'chromium',
  'fish',
  'tcsh',
  'zsh',
]

/** The local shell, with only these programs on its PATH. */
class ShellWith extends LocalShell implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'test-tools-'))

  constructor(present: readonly string[]) {
    super()
    for (const name of present) writeFileSync(join(this.#folder, name), '', { mode: 0o755 })
    symlinkSync('/bin/sh', join(this.#folder, 'sh'))
  }

  override run(command: Argv | Script, options?: CommandOptions): ReturnType<Shell['run']> {
    return super.run(command, { ...options, env: { PATH: this.#folder } })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true })
  }
}

it('setup for tests finds each missing program', async () => {
  await using all = new ShellWith(programs)
  assert.equal(await testToolsStep(all).check(), programs.join(', '))
  for (const lacking of programs) {
    await using most = new ShellWith(programs.filter((name) => name !== lacking))
    assert.equal(await testToolsStep(most).check(), undefined)
    assert.equal(await testToolsStep(most).announce(), `${lacking} missing: installing`)
  }
})
