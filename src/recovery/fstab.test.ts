import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bindLine, hasBind, withBind, withoutBind } from './fstab.ts'

const bind = { local: '/var/m/bG9jYWw=', origin: '/var/m/b3JpZ2lu' }
const own = '10.20.2.20:/replica /var/m/bG9jYWw= nfs soft 0 0'

describe('fstab', () => {
  it("writes the page's line, with white space and backslashes escaped", () => {
    assert.equal(bindLine(bind), '/var/m/bG9jYWw= /var/m/b3JpZ2lu none bind 0 0')
    assert.equal(bindLine({ local: '/a b', origin: '/c\td\\e' }), '/a\\040b /c\\011d\\134e none bind 0 0')
  })
  it("goes after the share's own line, and leaves all other bytes alone", () => {
    const before = `# mine\r\n${own}\n\n  tmpfs\t/tmp tmpfs 0 0\n`
    assert.equal(withBind(before, bind), `# mine\r\n${own}\n${bindLine(bind)}\n\n  tmpfs\t/tmp tmpfs 0 0\n`)
  })
  it('ends a last line that has no newline', () => {
    assert.equal(withBind(own, bind), `${own}\n${bindLine(bind)}\n`)
    assert.equal(withBind('tmpfs /tmp tmpfs', bind), `tmpfs /tmp tmpfs\n${bindLine(bind)}\n`)
    assert.equal(withBind('', bind), `${bindLine(bind)}\n`)
  })
  it('is idempotent, and knows the bind in other words', () => {
    const once = withBind(own, bind)
    assert.equal(withBind(once, bind), once)
    assert.ok(hasBind('/var/m/bG9jYWw=\t/var/m/b3JpZ2lu none  defaults,bind', bind))
    assert.ok(!hasBind(`#${bindLine(bind)}`, bind))
    assert.ok(!hasBind('/var/m/bG9jYWw= /var/m/b3JpZ2lu none ro', bind))
  })
  it('takes its line out again', () => {
    for (const before of [`${own}\n`, '# a\n\n', `x y z\n${own}\nq r s\n`])
      assert.equal(withoutBind(withBind(before, bind), bind), before)
  })
})
