import { createRequire } from 'node:module'
import { Readable, type Transform } from 'node:stream'
import { pathToFileURL } from 'node:url'
import type { Envelope } from '../journal/envelope.ts'
import type { JournalEntry } from '../journal/journal.ts'
import { ScenarioIndex } from '../journal/scenario.ts'
import { backgroundText } from './background-text.ts'
import { runOverview } from './run-overview.ts'

/**
 * Cucumber's HTML report of the envelopes in a journal. It is not written while Cucumber runs, so that it can be made
 * from any journal: of a run that was killed, or merged from several.
 */
export async function html(entries: readonly JournalEntry[]): Promise<AsyncIterable<string>> {
  const { CucumberHtmlStream } = (await ofCucumber('@cucumber/html-formatter')) as {
    readonly CucumberHtmlStream: new () => Transform
  }
  return Readable.from(withBackgrounds(entries)).compose(new CucumberHtmlStream().setEncoding('utf8'))
}

/** The envelopes with a log at the first step of each scenario whose background was not executed. */
function* withBackgrounds(entries: readonly JournalEntry[]): Generator<Envelope> {
  const origins = new Map(runOverview(entries).drills.map(({ location, background }) => [location, background]))
  const scenarios = new ScenarioIndex()
  const steps = new Map<string, string>()
  for (const envelope of envelopesOf(entries)) {
    scenarios.update(envelope)
    yield envelope
    const { testCase, testStepStarted } = envelope
    const [first] = testCase?.testSteps.filter(({ pickleStepId }) => pickleStepId !== undefined) ?? []
    if (testCase !== undefined && first !== undefined) steps.set(first.id, testCase.id)
    if (testStepStarted === undefined || !steps.has(testStepStarted.testStepId)) continue
    const { testCaseStartedId, testStepId } = testStepStarted
    const origin = origins.get(scenarios.scenario(testCaseStartedId).location)
    if (origin === undefined) continue
    const log = { mediaType: 'text/x.cucumber.log+plain', contentEncoding: 'IDENTITY' as const }
    yield { attachment: { ...log, body: backgroundText(origin), testCaseStartedId, testStepId } } as Envelope
  }
}

function envelopesOf(entries: readonly JournalEntry[]): readonly Envelope[] {
  return entries.flatMap((entry) => (entry.kind === 'envelope' ? [entry.envelope as Envelope] : []))
}

/** Imports a formatter that Cucumber itself depends on. Cucumber does not export them. */
async function ofCucumber(name: string): Promise<unknown> {
  const cucumber = createRequire(import.meta.url).resolve('@cucumber/cucumber')
  return import(pathToFileURL(createRequire(cucumber).resolve(name)).href)
}
