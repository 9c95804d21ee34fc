import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'

/** Root has a name by systemd, whatever /etc/passwd has. */
const asStranger = 'mount --bind /dev/null /etc/passwd && exec setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"'
const privately = ['--mount', 'sh', '-c', asStranger, 'sh']
const canRead = spawnSync('unshare', [...privately, 'cat', new URL('user.ts', import.meta.url).pathname]).status === 0

describe('a user who is not in /etc/passwd', {
  skip: !canRead && 'needs root, and sources that others can read',
}, () => {
  const printed = (expression: string, env: NodeJS.ProcessEnv) => {
    const source = `import { homeFolder, userName } from ${JSON.stringify(new URL('user.ts', import.meta.url).href)}
try { console.log(${expression}) } catch (error) { console.log(error.code, error.message) }`
    const node = [process.execPath, '--input-type=module-typescript', '--eval', source]
    return spawnSync('unshare', [...privately, ...node], { env: { PATH: process.env['PATH'], ...env } })
      .stdout.toString()
      .trim()
  }

  it('has a number for a name', () => {
    assert.equal(printed('userName()', {}), '#4711')
  })

  it('has the home folder of HOME, or an error', () => {
    assert.equal(printed('homeFolder()', { HOME: '/somewhere' }), '/somewhere')
    assert.match(
      printed('homeFolder()', {}),
      /^no-home user 4711 has no home folder: HOME is not set, and \/etc\/passwd/,
    )
  })
})
