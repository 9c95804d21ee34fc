import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { journalOf, project, main as runMain } from '../run/run.fixture.ts'
import { OtlpReceiver } from '../telemetry/otlp-receiver.fixture.ts'
import { assertOtlp } from '../telemetry/otlp-schema.fixture.ts'

const program = join(import.meta.dirname, 'main.ts')
const token = 'planted-token'

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, while the receiver in this process answers. */
async function start(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Promise<Ended> {
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${token}` }
  const child = spawn(process.execPath, argv, { cwd, env: { ...process.env, ...headers, ...env }, timeout: 60_000 })
  const [stdout, stderr, code] = await Promise.all([
    Array.fromAsync(child.stdout),
    Array.fromAsync(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  const ended = { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }
  assert.doesNotMatch(ended.stdout + ended.stderr, /planted/)
  return ended
}

const run = (folder: string, env: Readonly<Record<string, string>>) => start([runMain], folder, env)
const endpoint = ({ url }: { readonly url: string }) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url })
const namesIn = (body: object): readonly string[] =>
  [...JSON.stringify(body).matchAll(/"name":"([^"]+)"/g)].map(([, name = '']) => name)

describe('a run with a receiver of OTLP', () => {
  it('pushes its metrics, and its drills as traces, valid by the published definitions', async () => {
    await using receiver = await OtlpReceiver.start()
    const folder = project('passes')
    assert.equal((await run(folder, { ...endpoint(receiver), OTEL_SERVICE_NAME: 'nightly' })).code, 0)
    assert.deepEqual(
      receiver.requests.map(({ path }) => path),
      ['/v1/metrics', '/v1/traces'],
    )
    const [metrics, traces] = receiver.requests
    assert.ok(metrics !== undefined && traces !== undefined)
    assertOtlp('metrics', metrics.body)
    assertOtlp('traces', traces.body)
    assert.ok(namesIn(metrics.body).includes('dr_drill_scenario_passed'))
    const drills = journalOf({ folder }).flatMap((entry) => (entry.kind === 'drill-started' ? [entry.name] : []))
    assert.ok(drills.length > 0 && drills.every((name) => namesIn(traces.body).includes(name)))
    for (const { headers, body } of receiver.requests) {
      assert.equal(headers.authorization, `Bearer ${token}`)
      assert.match(JSON.stringify(body), /"service\.name","value":\{"stringValue":"nightly"\}/)
    }
  })

  it('exits with 3 if nothing failed and the receiver does not take them, and keeps its verdict', async () => {
    await using receiver = await OtlpReceiver.start(() => ({ status: 400, text: `no ${token}` }))
    const passed = await run(project('passes'), endpoint(receiver))
    assert.equal(passed.code, 3)
    assert.match(passed.stderr, /cannot push metrics to .*HTTP 400: no \[redacted\]/)
    assert.match(passed.stderr, /cannot push traces to /)
    assert.match(passed.stdout, /passed, 0 failed/)
    const failed = project('fails')
    assert.equal((await run(failed, endpoint(receiver))).code, 1)
    assert.equal(journalOf({ folder: failed }).findLast((entry) => entry.kind === 'run-ended')?.exitCode, 1)
  })

  it('ends at once if it is interrupted while the receiver does not answer', async () => {
    const reached = Promise.withResolvers<void>()
    await using receiver = await OtlpReceiver.start(() => {
      reached.resolve()
      return 'hang'
    })
    const env = { ...process.env, ...endpoint(receiver), OTEL_EXPORTER_OTLP_TIMEOUT: '50000' }
    const folder = project('passes')
    const child = spawn(process.execPath, [program, 'assess', 'features'], { cwd: folder, env, stdio: 'ignore' })
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
    await reached.promise
    const startedMs = performance.now()
    child.kill('SIGINT')
    assert.equal(await ended, 130)
    assert.ok(performance.now() - startedMs < 10_000)
  })

  it('pushes no secret that a drill printed, and its failure', async () => {
    await using receiver = await OtlpReceiver.start()
    assert.equal((await run(project('secrets'), endpoint(receiver))).code, 1)
    const text = JSON.stringify(receiver.requests.map(({ body }) => body))
    assert.match(text, /"process\.command_line","value":\{"stringValue":"openstack --os-password \[redacted/)
    assert.doesNotMatch(text, /planted/)
  })

  it('does not start with another protocol', async () => {
    await using receiver = await OtlpReceiver.start()
    const folder = project('passes')
    const { code, stderr } = await run(folder, { ...endpoint(receiver), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })
    assert.equal(code, 2)
    assert.match(stderr, /OTEL_EXPORTER_OTLP_PROTOCOL is "grpc": dr-drill pushes http\/json only/)
    assert.throws(() => journalOf({ folder }))
    assert.equal(receiver.requests.length, 0)
  })
})

describe('history, assess and check with a receiver of OTLP', () => {
  const pushed = async (argv: readonly string[], folder: string) => {
    await using receiver = await OtlpReceiver.start()
    const { stderr } = await start([program, ...argv], folder, endpoint(receiver))
    const [only, ...more] = receiver.requests
    assert.ok(only !== undefined && more.length === 0, stderr)
    assertOtlp('metrics', only.body)
    return [only.path, namesIn(only.body)] as const
  }

  it('push their metrics', async () => {
    const folder = project('passes')
    await run(folder, {})
    const [path, names] = await pushed(['history'], folder)
    assert.ok(path === '/v1/metrics' && names.includes('dr_drill_scenarios_due'), names.join())
    const target = join(folder, 'target')
    const created = await start(
      [program, 'target', 'create', target, '--workloads', '1', '--snapshots', '1'],
      folder,
      {},
    )
    assert.equal(created.code, 0, created.stderr)
    const [, assessed] = await pushed(['assess', target], folder)
    assert.ok(assessed.includes('dr_drill_assessment_exit_code'), assessed.join())
    const [, checked] = await pushed(['check', target], folder)
    assert.ok(checked.includes('dr_drill_check_exit_code'), checked.join())
  })
})
