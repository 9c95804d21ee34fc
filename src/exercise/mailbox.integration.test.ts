import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { Mailbox } from './mailbox.ts'

const folder = mkdtempSync(join(tmpdir(), 'dr-drill-mailbox-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const reader = `
import email.header, json, mailbox, sys
text = lambda one: str(email.header.make_header(email.header.decode_header(one)))
box = mailbox.mbox(sys.argv[1])
print(json.dumps([[text(m["from"]), m["to"], text(m["subject"]), m["date"], m.get_payload(decode=True).decode()] for m in box]))
`

describe('the mailbox of a team as a file', () => {
  it('is read by a mail program, with its lines that begin with From quoted', () => {
    const mailbox = new Mailbox()
    const at = new Date('2026-11-03T08:05:09Z')
    const long = 'Störung der Wiederherstellung: 14 Tickets, und noch mehr, seit dem Neustart um 07:00 '
      .repeat(2)
      .trim()
    const file = join(folder, 'mbox')
    mailbox.deliver({
      clockMs: 0,
      at,
      from: 'Help desk',
      subject: 'Ticket 4711',
      text: 'From here on\n>From there\nä\n',
    })
    writeFileSync(file, mailbox.lastOf('ann'))
    mailbox.deliver({ clockMs: 1, at, from: 'Jürgen, "CIO"', subject: long, text: 'When?' })
    appendFileSync(file, mailbox.lastOf('ann'))
    assert.equal(readFileSync(file, 'utf8'), mailbox.mboxOf('ann'))
    const { stdout, stderr, status } = spawnSync('python3', ['-c', reader, file], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
    const date = 'Tue, 03 Nov 2026 08:05:09 +0000'
    assert.deepEqual(JSON.parse(stdout), [
      [
        'Help desk <help-desk@exercise.invalid>',
        'ann <ann@exercise.invalid>',
        'Ticket 4711',
        date,
        '>From here on\n>>From there\nä\n',
      ],
      ['Jürgen, "CIO" <j-rgen-cio@exercise.invalid>', 'ann <ann@exercise.invalid>', long, date, 'When?\n'],
    ])
  })
})
