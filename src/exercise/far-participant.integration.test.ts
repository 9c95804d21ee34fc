import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { whyNoSshd } from '../shell/sshd.ts'

const fixture = join(import.meta.dirname, 'far-participant.fixture.ts')
const skip = whyNot() ?? false

function whyNot(): string | undefined {
  if (userInfo().uid !== 0) return 'needs root, to make networks'
  const { status } = spawnSync('unshare', ['--net', 'ip', 'link'])
  return status === 0 ? whyNoSshd() : 'this user may not create network namespaces, or ip is not installed'
}

describe('a participant on another machine', { skip, timeout: 60_000 }, () => {
  it('enters a node by the address to listen on, and cannot reach the page of the facilitator', async () => {
    const alone = ['--net', '--fork', '--kill-child', process.execPath, fixture]
    const { stdout } = await promisify(execFile)('unshare', alone)
    const { entered, page } = JSON.parse(stdout)
    assert.equal(entered.output, '42\n', entered.problem)
    assert.equal(entered.exitCode, 0)
    assert.deepEqual({ ...page, far: page.far !== 0 }, { near: 0, far: true })
  })
})
