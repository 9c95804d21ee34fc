import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { AssessmentSummary } from '../assess/judge/assessment-summary.ts'
import type { ImageVerdict } from '../assess/judge/verdict.ts'
import { contentReader } from '../content/read-content.ts'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { LocalShell } from '../shell/local.ts'
import { mergeResults } from './merge.ts'
import { ResultsFile } from './results-file.ts'
import { type VerificationRequest, verifyContent } from './verify-content.ts'

export interface Verified {
  readonly images: readonly ImageVerdict[]
  readonly summary: AssessmentSummary
}

/** A folder that is removed after the file's tests. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `verify-${name}-`))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Creates a target whose images have data and recorded digests. */
export async function targetWithData(directory: string, shape: Record<string, unknown> = {}): Promise<string> {
  const small = { workloads: 2, vms: 2, disks: 1, snapshots: 2, diskSize: '1GiB', ...shape }
  await createTarget({ directory, shape: readShape(undefined, small), dataBy: new LocalShell() })
  return directory
}

export const nowMs = Date.parse('2026-11-01T12:00:00Z')

/** Verifies with a file of results, or without one. */
export async function verified(
  targets: readonly string[],
  options: Partial<VerificationRequest> = {},
  resultsPath?: string,
  signal = new AbortController().signal,
): Promise<Verified> {
  await using results = resultsPath === undefined ? undefined : await ResultsFile.open(resultsPath)
  const images: ImageVerdict[] = []
  const summary = await verifyContent(
    {
      targets,
      concurrency: 2,
      answerWithinMs: 20_000,
      nowMs,
      failOn: ['broken'],
      depth: 'content',
      readContent: contentReader(),
      selection: { seed: 'seed' },
      reverifyAfterMs: 90 * 24 * 3600_000,
      tool: '1.0.0',
      host: 'host',
      ...(results && { results }),
      ...options,
    },
    { onImage: (record) => void images.push(record as ImageVerdict) },
    signal,
  )
  return { images, summary }
}

export async function merged(paths: readonly string[]): Promise<Verified> {
  const images: ImageVerdict[] = []
  const listener = { onImage: (record: object) => void images.push(record as ImageVerdict) }
  const request = { nowMs, failOn: ['broken'] as const }
  const summary = await mergeResults(paths, request, listener, new AbortController().signal)
  return { images, summary }
}

/** Without what differs from one verification to the next. */
export const comparable = ({ images, summary }: Verified) => ({
  images: images.map(({ date: _, ...image }) => image).sort((a, b) => (a.path < b.path ? -1 : 1)),
  summary,
})
