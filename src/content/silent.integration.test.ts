import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { noSilence, silence } from '../assess/scan/silence.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'content-silent-'))
after(() => rmSync(folder, { recursive: true }))
const target = join(folder, 'target')
const image = join(target, 'image')
mkdirSync(target)
execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', image, '1M'])
const skip = noSilence()

/** A program that reads the image, and prints the result. It is killed if it does not end. */
function reading(options: string) {
  const script = `import { contentReader } from '${new URL('read-content.ts', import.meta.url).href}'
    const called = new AbortController()
    process.once('SIGTERM', () => called.abort(new Error('called off')))
    const links = [{ path: ${JSON.stringify(image)}, virtualBytes: 0 }]
    console.log('begins')
    const result = await contentReader(${options})(links, { signal: called.signal }).catch(({ message }) => message)
    console.log(result.reason ?? result.kind ?? result)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (piece) => {
    said += piece
  })
  return {
    child,
    async end() {
      const timer = setTimeout(() => child.kill('SIGKILL'), 20_000)
      const [code, signal] = await once(child, 'exit')
      clearTimeout(timer)
      return { said, code, signal }
    },
  }
}

test('a silent share is given up, and the process that read it can end', { skip }, async () => {
  using _silence = await silence(target)
  const { end } = reading('{ stallMs: 1000 }')
  assert.deepEqual(await end(), { said: 'begins\nnot answering\n', code: 0, signal: null })
})

test('a process that aborts the reading of a silent share can end', { skip }, async () => {
  using _silence = await silence(target)
  const { child, end } = reading('{ stallMs: 60_000 }')
  await once(child.stdout, 'data')
  setTimeout(() => child.kill('SIGTERM'), 1000)
  assert.deepEqual(await end(), { said: 'begins\ncalled off\n', code: 0, signal: null })
})
