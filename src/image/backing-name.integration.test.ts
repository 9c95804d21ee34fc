import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { parseBackingName } from './backing-name.ts'

const folder = mkdtempSync(join(tmpdir(), 'backing-name-'))
after(() => rmSync(folder, { recursive: true }))

test('QEMU opens the file that the parser finds in the name', () => {
  const image = (name: string, ...args: string[]) =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args, join(folder, name), '1M'])
  const parent = join(folder, `it's "a"`)
  mkdirSync(join(folder, 'x'))
  image(`it's "a"`)
  const quoted = parent.replaceAll("'", "\\'")
  const names = [
    parent,
    `file:${parent}`,
    `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'file', filename: parent } })}`,
    `json:${JSON.stringify({ driver: 'qcow2', 'file.driver': 'file', 'file.filename': parent })}`,
    `json:${JSON.stringify({ driver: 'qcow2', 'file.filename': parent })}`,
    `json:${JSON.stringify({ driver: 'qcow2', file: { driver: 'raw', file: { driver: 'file', filename: parent } } })}`,
    `json:{'driver':'qcow2','file':{'driver':'file','filename':'${quoted}'}}`,
  ]
  for (const name of names) {
    const found = parseBackingName(name)
    assert.equal('path' in found && found.path, parent, name)
    assert.equal('unusual' in found, false, name)
    image('overlay', '-b', name, '-F', 'qcow2')
  }
})
