import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { createTarget } from '../generate/create.ts'
import { readShape } from '../generate/read-shape.ts'
import { sparseImage } from '../image/sparse-image.ts'
import { printableJson } from '../text/printable.ts'
import { type AssessmentRequest, assess } from './assess.ts'
import type { AssessmentSummary } from './judge/assessment-summary.ts'
import type { ImageVerdict } from './judge/verdict.ts'
import { assessmentText } from './text/assessment-text.ts'

export interface Assessed {
  readonly images: readonly ImageVerdict[]
  readonly summary: AssessmentSummary
  /** The text for people. */
  readonly text: string
  /** The NDJSON for programs. */
  readonly json: string
}

export async function assessTargets(
  targets: readonly string[],
  options: Partial<AssessmentRequest> = {},
): Promise<Assessed> {
  const images: ImageVerdict[] = []
  let json = ''
  const onImage = (record: object) => {
    images.push(record as ImageVerdict)
    json += `${printableJson(record)}\n`
    return undefined
  }
  const request: AssessmentRequest = {
    targets,
    depth: 'tables',
    concurrency: 4,
    answerWithinMs: 20_000,
    nowMs: Date.parse('2026-11-01T12:00:00Z'),
    failOn: ['broken'],
    ...options,
  }
  const summary = await assess(request, { onImage }, new AbortController().signal)
  return {
    images,
    summary,
    text: assessmentText(summary),
    json: `${json}${printableJson({ kind: 'summary', ...summary })}\n`,
  }
}

export function createdTarget(directory: string, shape: Record<string, unknown>) {
  return createTarget({ directory, shape: readShape(undefined, shape) })
}

/** A folder that is removed after the file's tests. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `assess-${name}-`))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The bytes of an image of 10 GiB with this parent. */
export function imageOf(backingName: string): Uint8Array {
  const { parts, fileBytes } = sparseImage({ virtualSizeBytes: 10 * 2 ** 30, backingName })
  const bytes = Buffer.alloc(fileBytes)
  for (const part of parts) bytes.set(part.bytes, part.offset)
  return bytes
}
