import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const folder = mkdtempSync(join(tmpdir(), 'content-killed-'))
after(() => rmSync(folder, { recursive: true }))

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo(); tries++) {
    assert.ok(tries < 400, 'it is not so after 20 s')
    await sleep(50)
  }
}

it('the server and its folder disappear when the reading process is killed, even if the server is stopped', async () => {
  const path = join(folder, 'image')
  const scratch = join(folder, 'scratch')
  mkdirSync(scratch)
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', path, '256M'])
  execFileSync('qemu-io', ['-f', 'qcow2', '-c', 'write -q -P 1 0 256M', path])
  const program = fileURLToPath(new URL('./killed.fixture.ts', import.meta.url))
  const child = spawn(process.execPath, [program, path], {
    env: { ...process.env, TMPDIR: scratch },
    stdio: 'inherit',
    detached: true,
  })
  await until(() => existsSync(`${path}.pid`) && readFileSync(`${path}.pid`, 'utf8').endsWith('\n'))
  const server = Number(readFileSync(`${path}.pid`, 'utf8'))
  const state = () => /^State:\t(.)/m.exec(readFileSync(`/proc/${server}/status`, 'utf8'))?.[1]
  await until(() => state() === 'T')
  const [socketFolder = ''] = readdirSync(scratch)
  assert.equal(statSync(join(scratch, socketFolder)).mode & 0o777, 0o700)
  assert.ok(statSync(join(scratch, socketFolder, 'socket')).isSocket())

  const exit = once(child, 'exit')
  // Killed with its whole group, as a terminal or a time limit does.
  process.kill(-child.pid!, 'SIGKILL')
  await exit
  await until(() => !existsSync(`/proc/${server}`) && readdirSync(scratch).length === 0)
})
