import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { remedyFor } from './builder.ts'

describe('the remedy for a missing builder', () => {
  const grant = 'usermod --add-subuids 1-2 ann'

  it('is one command with apt-get', () => {
    const install = 'apt-get install -y --no-install-recommends mmdebstrap uidmap'
    const both = `As an administrator, run once: sudo sh -c '${install} && ${grant}'`
    assert.equal(remedyFor(['mmdebstrap', 'uidmap'], grant, true), both)
    assert.equal(remedyFor([], grant, false), `As an administrator, run once: sudo sh -c '${grant}'`)
  })

  it('names the packages if there is no apt-get', () => {
    const packages = "install the equivalents of Debian's packages mmdebstrap"
    const both = `As an administrator, ${packages}, and run once: sudo sh -c '${grant}'`
    assert.equal(remedyFor(['mmdebstrap'], grant, false), both)
    assert.equal(remedyFor(['mmdebstrap'], undefined, false), `As an administrator, ${packages}`)
  })
})
