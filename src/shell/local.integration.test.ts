import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { shellContract } from './contract.ts'
import { LocalShell } from './local.ts'

shellContract('LocalShell', async () => new LocalShell())

it('LocalShell leaves long output in its overflow folder, but removes it if the command has no result', async () => {
  const overflowFolder = mkdtempSync(join(tmpdir(), 'dr-drill-local-'))
  try {
    const shell = new LocalShell({ overflowFolder })
    const stop = new AbortController()
    const options = { captureBytes: 1, signal: stop.signal, onOutput: () => stop.abort() }
    await assert.rejects(shell.try(['sh', '-c', 'echo one; sleep 60'], options), { name: 'AbortError' })
    assert.deepEqual(readdirSync(overflowFolder), [])
    const { overflow } = await shell.try(['echo', 'one'], { captureBytes: 1 })
    assert.deepEqual(
      readdirSync(overflowFolder).map((name) => join(overflowFolder, name)),
      [overflow?.stdout],
    )
  } finally {
    rmSync(overflowFolder, { recursive: true })
  }
})
