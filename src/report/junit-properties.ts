import type { Envelope, Pickle } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { printable } from '../text/printable.ts'
import { backgroundText } from './background-text.ts'
import { type DrillOverview, runOverview } from './run-overview.ts'

/** A section of text, which may look like a tag, or the tag that begins the test case of a scenario. */
const textOrTestCase = /<!\[CDATA\[[^]*?\]\]>|( *)<testcase classname="[^"]*"(?: [\w-]+="[^"]*")*(\/?)>/g

/**
 * Adds properties to the test cases of Cucumber's JUnit report, which has no place for claims: each claim with what it rests
 * on, and a background that was not executed.
 */
export function withProperties(xml: string, entries: readonly JournalEntry[]): string {
  const byLocation = new Map(runOverview(entries).drills.map((drill) => [drill.location, drill]))
  const locations = locationsInOrder(entries)
  let nth = 0
  return xml.replaceAll(textOrTestCase, (found: string, indent: string | undefined, closed: string) => {
    if (indent === undefined) return found
    const drill = byLocation.get(locations[nth++] ?? '')
    const properties = drill === undefined ? [] : propertiesOf(drill)
    if (properties.length === 0) return found
    const lines = [
      `${indent}  <properties>`,
      ...properties.map(([name, value]) => `${indent}    <property name="${inXml(name)}" value="${inXml(value)}"/>`),
      `${indent}  </properties>`,
    ].join('\n')
    return closed === '' ? `${found}\n${lines}` : `${found.slice(0, -2)}>\n${lines}\n${indent}</testcase>`
  })
}

function propertiesOf({ background, findings }: DrillOverview): readonly (readonly [name: string, value: string])[] {
  return [
    ...(background === undefined ? [] : [['background', backgroundText(background)] as const]),
    ...findings.map(({ verdict, question, sentence }) => [`${verdict}: ${question}`, sentence] as const),
  ]
}

/** The locations of the scenarios that were started, in the order of the formatter: by file and line. */
function locationsInOrder(entries: readonly JournalEntry[]): readonly string[] {
  const pickles = new Map<string, Pickle>()
  const pickleOfCase = new Map<string, string>()
  const started: Pickle[] = []
  for (const entry of entries) {
    if (entry.kind !== 'envelope') continue
    const { pickle, testCase, testCaseStarted } = entry.envelope as Envelope
    if (pickle !== undefined) pickles.set(pickle.id, pickle)
    if (testCase !== undefined) pickleOfCase.set(testCase.id, testCase.pickleId)
    const begun = testCaseStarted && pickles.get(pickleOfCase.get(testCaseStarted.testCaseId) ?? '')
    if (begun !== undefined) started.push(begun)
  }
  const lineOf = ({ location }: Pickle): number => location?.line ?? -1
  return started
    .toSorted((a, b) => (a.uri === b.uri ? lineOf(a) - lineOf(b) : a.uri.localeCompare(b.uri)))
    .map((pickle) => `${pickle.uri}:${lineOf(pickle)}`)
}

const inXml = (text: string): string =>
  printable(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
