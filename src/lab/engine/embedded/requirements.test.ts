import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { remedyFor } from './builder.ts'

describe('what an administrator does once', () => {
  const grant = 'usermod --add-subuids 1-2 ann'

  it('is one command', () => {
    const install = 'apt-get install -y --no-install-recommends mmdebstrap uidmap'
    const both = `an administrator runs once:  sudo sh -c '${install} && ${grant}'`
    assert.equal(remedyFor(['mmdebstrap', 'uidmap'], grant, true), both)
    assert.equal(remedyFor([], grant, false), `an administrator runs once:  sudo sh -c '${grant}'`)
  })

  it('names packages where there is no apt-get', () => {
    const packages = "installs, under the names that they have here, Debian's packages mmdebstrap"
    const both = `an administrator ${packages}, and runs once:  sudo sh -c '${grant}'`
    assert.equal(remedyFor(['mmdebstrap'], grant, false), both)
    assert.equal(remedyFor(['mmdebstrap'], undefined, false), `an administrator ${packages}`)
  })
})
