import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { helpOf, helpOfCommands } from './cli/help.fixture.ts'
import { type Banned, bannedIn, proseOf, proseOfSource, proseOfText } from './words.fixture.ts'
import { buildCommandLine } from './workloadmgr/command/command-line.ts'

const checkout = join(import.meta.dirname, '..')

/** Phrases that readers stumbled over, and plain English for each. */
const banned: readonly Banned[] = [
  { phrase: /(?<=\s)nobody\b|\bnobody(?=\s)/i, instead: 'name the actor, or use the passive' },
  { phrase: /\bwho(m)?ever\b/i, instead: 'name the actor' },
  { phrase: /\b(take|takes|took|taken|taking)( \w+)?( \w+)? back\b/i, instead: 'undo' },
  { phrase: /\btold\b|\b(tell|tells|telling)\b/i, instead: 'report, show or print' },
  { phrase: /\b(say|says|said) (of|what|which|whether|how|that|so of)\b/i, instead: 'report or show' },
  { phrase: /\bis said\b|\bare said\b/i, instead: 'report or show' },
  { phrase: /\b(come|comes|came) to an end\b/i, instead: 'end' },
  { phrase: /\bnone of (them|its|the|these|those|what|a|ours?)\b/i, instead: 'no …, or not …' },
  { phrase: /\b(go|goes|went) with\b/i, instead: 'can be combined with, or belongs to' },
  { phrase: /\bdoes not go with\b/i, instead: 'cannot be combined with' },
  { phrase: /\bbe had\b/i, instead: 'is available, or can be obtained' },
  { phrase: /\bit seems\b/i, instead: 'state the evidence' },
  { phrase: /\bto say the least\b|\bas it were\b|\bso to speak\b/i, instead: 'nothing' },
  { phrase: /\bstands? (against|in the way|there|in|with|before|after|for)\b/i, instead: 'prevents, is, or has' },
  { phrase: /(^|[.:;] )Of (a|an|the|what|those|these|one|all|whom|which)\b/, instead: 'begin with the actor' },
  {
    phrase: /(^|[.] )What (?!if\b|about\b)(?!.*\?)[a-z].*\b(is|are|was|were|does|goes|has|have)\b/,
    instead: 'begin with the actor',
  },
  { phrase: /(^|[.] )(Whose|Whom|Who) (?!.*\?)[a-z]/, instead: 'begin with the actor' },
  { phrase: /\bby itself alone\b|\bfor good\b/i, instead: 'alone, or permanently' },
  { phrase: /\bis no (plan|target|folder|file|directory|image|journal|workload|snapshot)\b/i, instead: 'is not a …' },
  { phrase: /\b(it|that) is there\b|\bare there already\b/i, instead: 'exists' },
  { phrase: /\bwhat (there|is there) is\b|\bwhat is there\b/i, instead: 'the existing …' },
  { phrase: /\bfault of (ours|the code|dr-drill|the tool)\b/i, instead: 'bug' },
  { phrase: /\bNOT ALL WAS SEEN\b/, instead: 'INCOMPLETE' },
  { phrase: /\bcould not be told\b|\bcannot be told\b/i, instead: 'unknown' },
  {
    phrase:
      /\bbehaviour|\bcolour|\bfavour|\bhonour|\bneighbour|\bcentre\b|\banalyse|\brecognise|\bnormalise|\bserialise|\binitialise/i,
    instead: 'American spelling',
  },
  { phrase: /\b(quarters|bury|buried|fate|crew)\b/i, instead: 'the standard term' },
  { phrase: /\beach nth\b|\bas good as\b|\bmuch the same\b/i, instead: 'plain words' },
]

describe('banned phrases', () => {
  it('are not used in sources, pages and features', () => {
    const prose = proseOf(checkout)
    assert.ok(prose.length > 10_000, `only ${prose.length} lines were read`)
    assert.deepEqual(bannedIn(prose, banned), [])
  })

  it('are not used in the help of any command', async () => {
    const commands = [...(await helpOfCommands()), ...helpOf(buildCommandLine())]
    assert.ok(commands.length > 30, `only ${commands.length} commands were found`)
    const prose = commands.flatMap(({ name, help }) => proseOfText(`${name} --help`, help))
    assert.deepEqual(bannedIn(prose, banned), [])
  })

  it('are found in strings, templates, comments and pages, with their place', () => {
    const source = [
      "import x from './nobody.ts'",
      'const a = "nobody knows"',
      'const b = `${x} is told`',
      '/** Fine.',
      ' * Whoever reads this. */',
    ].join('\n')
    assert.deepEqual(
      bannedIn([...proseOfSource('a.ts', source), ...proseOfText('a.md', 'fine\nit comes to an end')], banned).map(
        (one) => one.replace(/ \(.*/, ''),
      ),
      ['a.ts:5: "Whoever"', 'a.ts:2: "nobody"', 'a.ts:3: "told"', 'a.md:2: "comes to an end"'],
    )
  })
})
