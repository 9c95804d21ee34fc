import type { JournalEntry } from '../journal/journal.ts'
import { featureOf } from '../journal/scenario.ts'
import { attachmentsByLocation } from './attachments.ts'
import { backgroundText } from './background-text.ts'
import { commandsText } from './drill-commands.ts'
import { describeFailure, type Failure, failureOfDrill } from './first-failure.ts'
import { type DrillOverview, type RunOverview, runOverview } from './run-overview.ts'
import { element, type XmlElement, xmlDocument } from './xml.ts'

/**
 * Returns `junit.xml`, in the form that Jenkins' schema and the parser of GitLab accept: a suite for each feature, a test
 * case for each scenario. *Unknown* is an error and not a failure. Problems of the run itself, such as an interruption,
 * are an error of a suite of their own, so that no report of a run that went wrong is green or empty.
 */
export function junit(entries: readonly JournalEntry[]): string {
  const run = runOverview(entries)
  const ofDrill = Map.groupBy(entries, ({ drill }) => drill)
  const attachments = attachmentsByLocation(entries)
  const byFeature = Map.groupBy(run.drills, ({ feature, location }) => `${featureOf(location)}\n${feature}`)
  const suites = [...byFeature.values()].map((drills) =>
    suite(
      run,
      drills,
      drills.map((drill) => {
        const texts = (attachments.get(drill.location) ?? []).map(({ text }) => text)
        const output = [drill.location, ...texts, commandsText(ofDrill.get(drill.id) ?? [])].filter(
          (part) => part !== '',
        )
        return testCase(drill, failureOfDrill(entries, drill.id), output.join('\n\n'))
      }),
    ),
  )
  const problems = problemsOf(run)
  if (problems.length > 0 || suites.length === 0) suites.push(suiteOfRun(run, problems))
  const total = (name: string) => suites.reduce((sum, { attributes }) => sum + Number(attributes[name]), 0)
  return xmlDocument(
    element(
      'testsuites',
      {
        name: 'dr-drill',
        tests: total('tests'),
        failures: total('failures'),
        errors: total('errors'),
        time: seconds(run.durationMs),
      },
      ...suites,
    ),
  )
}

function suite(run: RunOverview, drills: readonly DrillOverview[], cases: readonly XmlElement[]): XmlElement {
  const count = (outcome: DrillOverview['outcome']) => drills.filter((drill) => drill.outcome === outcome).length
  const [first] = drills
  return element(
    'testsuite',
    {
      name: first?.feature ?? '?',
      file: first === undefined ? undefined : featureOf(first.location),
      tests: drills.length,
      failures: count('failed'),
      errors: count('unknown'),
      skipped: count('not run'),
      time: seconds(drills.reduce((sum, { durationMs }) => sum + durationMs, 0)),
      timestamp: run.startedAt,
    },
    element('properties', {}, ...runProperties(run), ...drills.flatMap((drill) => drillProperties(run, drill))),
    ...cases,
  )
}

const property = (name: string, value: string): XmlElement => element('property', { name, value })

const runProperties = ({ run, version, kernels }: RunOverview): readonly XmlElement[] => [
  property('run', run),
  property('dr-drill', version),
  ...kernels.map((kernel) => property('kernel of the labs', kernel)),
]

/** Jenkins' schema has no properties of test cases, so those of the suite begin with the location of the scenario. */
function drillProperties(run: RunOverview, { location, background, findings }: DrillOverview): readonly XmlElement[] {
  const earlier = run.retried.filter((one) => one.location === location)
  return [
    ...earlier.map(({ why = '' }, nth) => property(`${location}: attempt ${nth + 1} could not be judged`, why)),
    ...(background === undefined ? [] : [property(`${location}: background`, backgroundText(background))]),
    ...findings.map(({ verdict, question, sentence }) => property(`${location}: ${verdict}: ${question}`, sentence)),
  ]
}

function testCase(drill: DrillOverview, failure: Failure | undefined, output: string): XmlElement {
  const { name, feature, outcome, why = '', durationMs } = drill
  const message = why.split('\n', 1)[0] ?? ''
  const text = failure === undefined ? why : describeFailure(failure)
  const result = {
    passed: [],
    failed: [element('failure', { type: 'failed', message }, text)],
    unknown: [element('error', { type: 'unknown', message }, text)],
    'not run': [element('skipped', { type: 'not run', message })],
  }[outcome]
  return element(
    'testcase',
    { name, classname: feature, time: seconds(durationMs) },
    ...result,
    element('system-out', {}, output),
  )
}

/** What went wrong with the run itself. */
function problemsOf(run: RunOverview): readonly string[] {
  return [
    ...run.errors,
    ...run.findings
      .filter(({ verdict }) => verdict !== 'pass')
      .map(({ verdict, question, sentence }) => `${verdict}: ${question}: ${sentence}`),
    ...(run.exitCode === undefined ? ['The run was killed before it ended.'] : []),
  ]
}

function suiteOfRun(run: RunOverview, problems: readonly string[]): XmlElement {
  const texts = problems.length > 0 ? problems : ['No scenario was run.']
  const message = texts[0]?.split('\n', 1)[0] ?? ''
  return element(
    'testsuite',
    { name: 'The run itself', tests: 1, failures: 0, errors: 1, skipped: 0, time: '0.000', timestamp: run.startedAt },
    element('properties', {}, ...runProperties(run)),
    element(
      'testcase',
      { name: `Run ${run.run}`, classname: 'The run itself', time: seconds(run.durationMs) },
      element('error', { type: 'run', message }, texts.join('\n')),
    ),
  )
}

const seconds = (ms: number): string => (Math.max(0, ms) / 1000).toFixed(3)
