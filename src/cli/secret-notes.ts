import type { ImageOnTarget } from '../recovery/images/find-images.ts'
import { secretNotes } from '../recovery/images/secret-notes.ts'
import type { Secrets } from '../recovery/images/secrets.ts'
import { columnsOf } from '../text/terminal.ts'
import { sentenceLines } from '../text/text-lines.ts'

/** Prints which secrets are missing, on standard error, before anything is changed or read for hours. */
export function printSecretNotes(images: readonly ImageOnTarget[], secrets: Secrets | undefined): void {
  const lines = secretNotes(images, secrets).flatMap((note) => sentenceLines(note, columnsOf(process.stderr)))
  process.stderr.write(lines.map((line) => `${line}\n`).join(''))
}
