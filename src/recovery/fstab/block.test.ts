import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bindInFstab } from './bind-in-fstab.ts'
import { type Bind, bindLine, keptLine } from './bind-line.ts'
import { whyNotToAdd, withBind as withBindIn, withoutBind } from './block.ts'
import { bootVerdict } from './boot-verdict.ts'

const bind = { local: '/var/m/bG9jYWw=', origin: '/var/m/b3JpZ2lu' }
const [begin, end] = ['# dr-drill begin: binds that restores need', '# dr-drill end']
const own = '10.20.2.20:/replica /var/m/bG9jYWw= nfs soft 0 0'

const withBind = (text: string, one: Bind, isSystemd: boolean) => withBindIn({ text, isSystemd }, one)
const hasBind = (text: string, one: Bind, isSystemd: boolean) => bootVerdict({ text, isSystemd }, one).isKept
const isLocalIn = (text: string) => bindInFstab({ text, isSystemd: false }, bind).isLocalInFstab

describe('the block of fstab', () => {
  it('escapes white space and backslashes in the line of the documented procedure', () => {
    assert.equal(bindLine(bind), '/var/m/bG9jYWw= /var/m/b3JpZ2lu none bind 0 0')
    assert.equal(bindLine({ local: '/a b\n', origin: '/c\td\\e' }), '/a\\040b\\012 /c\\011d\\134e none bind 0 0')
  })
  it('keeps a bind in a block at the end, and leaves all other bytes alone', () => {
    const before = `# mine\r\n${own}\n\n  tmpfs\t/tmp tmpfs 0 0\n`
    const block = `${begin}\n${keptLine(bind, false)}\n${end}\n`
    assert.equal(withBind(before, bind, false), before + block)
    const other = { local: '/var/m/c', origin: '/var/m/d' }
    const more = `${begin}\n${keptLine(bind, true)}\n${keptLine(other, true)}\n${end}\n`
    assert.equal(withBind(withBind(before, bind, true), other, true), before + more)
  })
  it('keeps a bind so that a host boots without the share', () => {
    assert.equal(keptLine(bind, false), '/var/m/bG9jYWw= /var/m/b3JpZ2lu none bind,_netdev,nofail 0 0')
    const systemd = 'bind,_netdev,nofail,x-systemd.requires-mounts-for=/a\\040b'
    assert.equal(keptLine({ local: '/a b', origin: '/c' }, true), `/a\\040b /c none ${systemd} 0 0`)
    assert.doesNotMatch(keptLine({ local: '/a,b', origin: '/c' }, true), /systemd/)
  })
  it('finds the line of a share with a blank by its mount path, only if the blank is escaped', () => {
    const west = (share: string) => `${share} ${bind.local} nfs soft 0 0\n`
    const right = west('10.20.2.20:/replica\\040of\\040the\\040west')
    assert.equal(isLocalIn(right), true)
    assert.equal(isLocalIn(west('10.20.2.20:/replica of the west')), false)
    assert.equal(withBind(right, bind, false), `${right}${begin}\n${keptLine(bind, false)}\n${end}\n`)
  })
  it('adds a newline to a last line without one', () => {
    assert.equal(withBind(own, bind, false), withBind(`${own}\n`, bind, false))
    assert.equal(withBind('', bind, false).split('\n')[0], begin)
  })
  it('is idempotent, and recognizes the bind in other spellings', () => {
    const once = withBind(own, bind, false)
    assert.equal(withBind(once, bind, true), once)
    const other = `${own}\n/var/m/bG9jYWw=/\t/var/m//b3JpZ2lu none  defaults,bind`
    assert.equal(withBind(other, bind, false), other)
    assert.equal(withBind(other, bind, true), other)
  })
  it('is not kept by a bind of another local path, nor by one on another origin path', () => {
    for (const other of [
      { ...bind, local: '/var/m/c' },
      { ...bind, origin: '/var/m/d' },
      { local: bind.origin, origin: bind.local },
    ])
      for (const isSystemd of [true, false]) {
        assert.equal(hasBind(bindLine(other), bind, isSystemd), false)
        const before = `${own}\n${bindLine(other)}\n`
        const isInTheWay = isSystemd && other.origin === bind.origin
        assert.equal(hasBind(withBind(before, bind, isSystemd), bind, isSystemd), !isInTheWay)
        assert.notEqual(withBind(before, bind, isSystemd), before)
        assert.equal(bindInFstab({ text: before, isSystemd }, bind).whyNoLine !== undefined, isInTheWay)
        const block = `${begin}\n${keptLine(other, isSystemd)}\n${end}\n`
        assert.equal(withoutBind(block, bind), block)
      }
  })
  it('doubles no line for which only the share is not mounted, nor one that works in another spelling', () => {
    for (const isSystemd of [true, false])
      for (const before of [`${bindLine(bind)}\n`, withBind('', bind, isSystemd)])
        assert.equal(withBind(before, bind, isSystemd), before)
  })
  it('moves its line behind one that hides it, if that helps', () => {
    const block = withBind('', bind, false)
    const [over, above] = [`tmpfs ${bind.origin} tmpfs defaults 0 0\n`, 'tmpfs /var/m tmpfs defaults 0 0\n']
    assert.equal(withBind(`${own}\n${block}${over}`, bind, false), `${own}\n${over}${block}`)
    assert.match(
      bindInFstab({ text: `${own}\n${above}`, isSystemd: false }, bind).whyNoLine?.why ?? '',
      /^line 2 of .* hides the share at/,
    )
  })
  it('binds after the line of the share, wherever that is', () => {
    const [other, theirs] = [{ local: '/a', origin: '/b' }, '10.20.2.20:/other /a nfs soft 0 0\n']
    for (const isSystemd of [true, false]) {
      const before = withBind(`${own}\n`, bind, isSystemd) + theirs
      const block = `${begin}\n${keptLine(other, isSystemd)}\n${end}\n`
      assert.equal(withBind(before, other, isSystemd), before + block)
      assert.equal(withoutBind(before + block, other), before)
      assert.equal(withoutBind(before + block, bind), `${own}\n${theirs}${block}`)
    }
    const moved = `${withBind('', bind, false)}${own}\n`
    assert.equal(withBind(moved, bind, false), withBind(`${own}\n`, bind, false))
    // An operator's line stays where it is, and ours comes after it. systemd waits for the share wherever its line is.
    const early = `${bindLine(bind)}\n${own}\n`
    assert.equal(hasBind(early, bind, false), false)
    assert.equal(withBind(early, bind, false), `${early}${begin}\n${keptLine(bind, false)}\n${end}\n`)
    assert.equal(withBind(early, bind, true), early)
  })
  it('leaves a block without its last line alone, and lines between two blocks', () => {
    const open = `${begin}\n${keptLine(bind, false)}\n`
    assert.equal(withoutBind(open, bind), open)
    const two = `${open}${end}\n${own}\n${open}${end}\n`
    assert.equal(withoutBind(two, bind), `${own}\n`)
  })
  it('removes its line, and the block if that was its only line, and no other line', () => {
    for (const before of [`${own}\n`, '# a\n\n', `x y z\n${own}\nq r s\n`]) {
      const once = withBind(before, bind, false)
      assert.equal(withoutBind(once, bind), before)
      const other = { local: '/a', origin: '/b' }
      assert.equal(withoutBind(withBind(once, other, false), other), once)
    }
    assert.equal(withoutBind(`${own}\n${bindLine(bind)}\n`, bind), `${own}\n${bindLine(bind)}\n`)
  })
  it('reports why no line can be added to a file with line ends of Windows', () => {
    assert.match(whyNotToAdd(`# a\r\n${own}\r\n`) ?? '', /line 2 of .* carriage return/)
    assert.equal(whyNotToAdd(`# a\r\n\r\n${own}\n`), undefined)
  })
})
