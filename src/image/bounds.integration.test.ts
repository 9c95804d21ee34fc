import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { boundsModule, withinBounds } from './bounds.ts'

const limitsOf = 'for each in c n v t f; do ulimit -$each; done'

describe('bounds of a program that opens images', () => {
  it('grow with the links and the size of its chain', () => {
    const limits = (links: number, sizeBytes: number) => {
      const [program, ...args] = withinBounds(['sh', '-c', limitsOf], { links, sizeBytes })
      return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n')
    }
    assert.deepEqual(limits(1, 2 ** 20), ['0', '72', '8519680', '900', '133120'])
    assert.deepEqual(limits(10, 2 ** 40), ['0', '144', '9699328', '131972', '2147614720'])
  })

  it('are the same in Python', () => {
    const script = `${boundsModule}\nprint("\\0".join(within(["qemu-img", "a b"], 3, ${5 * 2 ** 30 + 1})), end="")`
    const argv = execFileSync('python3', ['-c', script], { encoding: 'utf8' }).split('\0')
    assert.deepEqual(argv, withinBounds(['qemu-img', 'a b'], { links: 3, sizeBytes: 5 * 2 ** 30 + 1 }))
  })

  it('stop a program that opens more files than its chain can need', () => {
    const open = 'import os\nwhile True: os.open("/dev/null", os.O_RDONLY)'
    const [program, ...args] = withinBounds(['python3', '-c', open], { links: 1, sizeBytes: 0 })
    assert.throws(() => execFileSync(program, args, { stdio: 'pipe' }), /Too many open files/)
  })
})
