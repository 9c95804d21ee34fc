import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import type { JournalEntry } from '../../journal/journal.ts'
import { pageBlocks } from './page-blocks.fixture.ts'
import { sampleJournal } from './sample-journal.fixture.ts'

const hostile =
  '</script><script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(2)">\x1b[31m\0\u202e]]>\ud800'

describe('the page of a run', () => {
  const entries = sampleJournal([
    { tags: ['@fast'] },
    { outcome: 'failed', name: 'It fails', tags: ['@slow'] },
    { outcome: 'unknown', isTakenOver: true },
    { outcome: 'not run', why: 'netem is missing' },
  ])

  it('answers what failed, what was not run and who made it in its summary', async () => {
    const { summary } = await pageBlocks(entries)
    assert.equal(summary.verdict, 'failed')
    assert.equal(summary.headline, '4 drills: 1 failed, 1 could not be judged, 1 did not run.')
    assert.deepEqual(
      summary.problems.items.map(({ name, outcome }) => [name, outcome]),
      [
        ['It fails', 'failed'],
        ['Scenario 3', 'unknown'],
      ],
    )
    assert.deepEqual(
      summary.notRun.items.map(({ why }) => why),
      ['netem is missing'],
    )
    assert.deepEqual([summary.who, summary.where, summary.ciJob], ['ada', 'lab-7', 'https://ci.example.org/job/7'])
    assert.deepEqual(summary.objectives, { items: [], more: 0 })
  })

  it('lists what the run does not prove, with the drills', async () => {
    const { summary } = await pageBlocks(entries)
    const limits = new Map(summary.limits.map(({ kind, text, drills }) => [kind, { text, drills: drills.items }]))
    assert.deepEqual([...limits.keys()], ['unknown', 'not run', 'lab', 'product', 'phases', 'nodes', 'backgrounds'])
    assert.match(limits.get('lab')?.text ?? '', /Linux 7\.2\.7/)
    assert.match(limits.get('phases')?.text ?? '', /3 phases of the process: baseline, disaster, hand over\./)
    assert.match(limits.get('nodes')?.text ?? '', /recovery\/compute-2/)
    assert.deepEqual(limits.get('backgrounds')?.drills, ['d3'])
    assert.deepEqual(limits.get('unknown')?.drills, ['d3'])
  })

  it('files each entry of a drill under the step that wrote it', async () => {
    const { drills } = await pageBlocks(entries)
    const [first] = drills
    assert.deepEqual(
      first?.steps.map(({ keyword, status }) => [keyword, status]),
      [
        ['', 'passed'],
        ['Given', 'passed'],
        ['When', 'passed'],
        ['When', 'passed'],
        ['Then', 'passed'],
        ['', 'passed'],
      ],
    )
    const kinds = first.steps.map(({ entries: own }) =>
      own.map((seq) => first.entries.find((entry) => entry.seq === seq)?.kind),
    )
    assert.deepEqual(kinds[4], ['expectation', 'finding'])
    assert.deepEqual(kinds[5], ['phase-started', 'phase-ended', 'drill-ended'])
    const all = first.steps.flatMap(({ entries: own }) => own)
    assert.deepEqual(
      all,
      first.entries.map(({ seq }) => seq),
    )
  })

  it('shows every attempt', async () => {
    const { index } = await pageBlocks(sampleJournal([{ attempts: 3, outcome: 'failed' }, {}]))
    assert.deepEqual(
      index.drills.map(({ id, attempt, attempts }) => [id, attempt, attempts]),
      [
        ['d1', 1, 3],
        ['d1-2', 2, 3],
        ['d1-3', 3, 3],
        ['d2', 1, 1],
      ],
    )
  })

  it('lists scenarios that the run never started, with a reason', async () => {
    const started = sampleJournal([{}, {}])
    const cut = started.filter(({ drill, kind }) => drill !== 'd2' && kind !== 'run-ended')
    const kept = cut.filter((entry) => !JSON.stringify(entry).includes('"testCaseStartedId":"r1-0"'))
    const { index, summary } = await pageBlocks(kept.filter((entry) => !JSON.stringify(entry).includes('"id":"r1-0"')))
    assert.deepEqual(
      index.drills.map(({ outcome, why }) => [outcome, why]),
      [
        ['passed', undefined],
        ['not run', 'the run ended before this scenario started'],
      ],
    )
    assert.equal(summary.counts['not run'], 1)
  })
})

describe('the page of hostile records', () => {
  const entries = sampleJournal([
    {
      ...{ name: hostile, description: hostile, claim: hostile, output: hostile, why: hostile, outcome: 'failed' },
      tags: [`@${hostile}`],
    },
  ])

  it('has no element, and no invisible character, that is not its own', async () => {
    const { html, drills, index, summary } = await pageBlocks(entries)
    const open = html.match(/<script[ >]/g) ?? []
    const closed = html.match(/<\/script>/g) ?? []
    assert.deepEqual([open.length, closed.length], [5, 5])
    assert.equal(html.includes('evil.example'), true)
    assert.doesNotMatch(html, /<img/)
    for (const data of [drills, index, summary]) {
      const text = JSON.stringify(data)
      // JSON escapes these characters with one backslash. A page shows them with a backslash of its own.
      assert.equal(/(?<!\\)\\u(001b|0000|ud800)|\u202e/.test(text), false)
      assert.equal(text.includes('\\\\u001b[31m'), true)
    }
  })

  it('allows its own script and styles by their digests, and nothing else', async () => {
    const { html } = await pageBlocks(entries)
    const [, policy = ''] = /Content-Security-Policy" content="([^"]*)"/.exec(html) ?? []
    const digest = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const [, script = ''] = /<script>([^]*?)<\/script>/.exec(html) ?? []
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(html) ?? []
    assert.deepEqual(policy.split('; ').sort(), [
      "base-uri 'none'",
      "default-src 'none'",
      "form-action 'none'",
      `script-src ${digest(script)}`,
      `style-src ${digest(style)}`,
    ])
  })

  it('names a text of a megabyte by its digest, and shows its beginning', async () => {
    const output = 'x'.repeat(1024 * 1024)
    const { html, drills } = await pageBlocks(sampleJournal([{ output }]))
    assert.ok(html.length < 300_000, `the page has ${html.length} characters`)
    const [command] = drills[0]?.entries.filter((entry) => entry.kind === 'command') ?? []
    const digest = createHash('sha256').update(output).digest('hex')
    assert.match(command?.stdout ?? '', new RegExp(`^x{4096}\n… 1048576 characters, sha256:${digest}: too long`))
  })

  it('names the versions of everything that took part', async () => {
    const { environment } = (await pageBlocks(entries)).summary
    const facts = Object.fromEntries(environment.map(({ name, value }) => [name, value]))
    assert.equal(facts['Engine'], 'embedded, Linux 6.12')
    assert.equal(facts['QEMU in the guests'], '10.0.2 (Debian 1:10.0.2+ds-2)')
    assert.equal(facts['Guest kernel'], '7.2.7')
    for (const name of ['dr-drill', 'Node.js', 'Guest image', 'Features', 'Operating system'])
      assert.ok(facts[name], name)
  })

  it('does not link to an address of another kind than http', async () => {
    const withJob = entries.map((entry) =>
      entry.kind === 'environment'
        ? { ...entry, environment: { ...entry.environment, ciJob: 'javascript:alert(1)' } }
        : entry,
    )
    const { summary } = await pageBlocks(withJob)
    assert.equal(summary.environment.find(({ name }) => name === 'CI job')?.isLink, undefined)
  })
})

describe('the page of a journal that was cut', () => {
  const entries = sampleJournal([{}, { outcome: 'failed' }])

  it('is written wherever the journal was cut, and says so', async () => {
    for (let length = 0; length < entries.length; length++) {
      const { summary, drills, index } = await pageBlocks(entries.slice(0, length))
      assert.match(summary.cut ?? '', length === 0 ? /empty/ : new RegExp(`ends at entry ${length} `))
      assert.notEqual(summary.verdict, 'passed', `cut after entry ${length}`)
      const known = new Set(drills.map(({ id }) => id))
      assert.ok(
        index.drills.every(({ id, hasDetails }) => known.has(id) === hasDetails),
        `cut after entry ${length}`,
      )
    }
    assert.equal((await pageBlocks(entries)).summary.cut, undefined)
  })

  it('is written if an entry is missing', async () => {
    for (const missing of entries) {
      const rest: readonly JournalEntry[] = entries.filter((entry) => entry !== missing)
      await pageBlocks(rest)
    }
  })
})

describe('the size of a page', () => {
  it('leaves the summary below 200 KB, however much failed', async () => {
    const scenarios = Array.from({ length: 300 }, () => ({
      ...{ outcome: 'failed' as const, name: 'n'.repeat(3000), why: 'w'.repeat(9000), isTakenOver: true },
    }))
    const { html, summary } = await pageBlocks(sampleJournal(scenarios))
    const [, plain = ''] = /id="summary">([^<]*)</.exec(html) ?? []
    assert.ok(plain.length < 200_000, `the summary has ${plain.length} characters`)
    assert.equal(summary.problems.items.length + summary.problems.more, 300)
  })

  it('is in its last element, without a warning for a small page', async () => {
    const { html, end } = await pageBlocks(sampleJournal([{}]))
    assert.equal(end.warning, undefined)
    assert.ok(Math.abs(end.sizeBytes - Buffer.byteLength(html)) < 200, `${end.sizeBytes} of ${html.length}`)
  })
})
