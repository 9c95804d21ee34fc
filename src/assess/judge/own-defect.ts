import type { FoundImage } from '../scan/found.ts'
import type { Defect } from './defect.ts'

type OwnDefect = Pick<Defect, 'code' | 'state' | 'why'>

const problems = {
  'not-qcow2': ['not-qcow2', 'broken'],
  truncated: ['truncated', 'broken'],
  damaged: ['damaged', 'broken'],
  unsupported: ['unsupported', 'unknown'],
  unreadable: ['unreadable', 'unknown'],
} as const

/** The defect of an image itself, whatever its parents are. */
export function ownDefect({ header, problem, tables }: FoundImage): OwnDefect | undefined {
  if (problem !== undefined) {
    const [code, state] = problems[problem.kind]
    return { code, state, why: problem.message }
  }
  if (header === undefined) return { code: 'unreadable', state: 'unknown', why: 'its header was not read' }
  if (header.hasExternalData)
    return { code: 'external-data-file', state: 'unknown', why: 'its data is in an external file, which is not opened' }
  if (header.encryption === 'aes') return aes
  return defectOfTables(tables) ?? (header.isMarkedCorrupt ? corrupt : undefined)
}

/** The product writes LUKS. One changed byte in the header of a plain image claims AES. */
const aes = {
  code: 'unsupported',
  state: 'unknown',
  why: 'it is encrypted with AES, which contains nothing to check a secret against',
} as const

const corrupt = { code: 'table-errors', state: 'unknown', why: 'QEMU has marked the image as corrupt' } as const

function defectOfTables(tables: FoundImage['tables']): OwnDefect | undefined {
  if (tables === undefined || tables.verdict === 'sound' || tables.verdict === 'minor') return undefined
  const what = `${tables.what ?? 'its tables'}${tables.offset === undefined ? '' : ` at byte ${tables.offset}`}`
  if (tables.verdict === 'truncated')
    return { code: 'truncated', state: 'broken', why: `${what} lies beyond the end of the file` }
  if (tables.verdict === 'damaged') return { code: 'damaged', state: 'broken', why: tables.why ?? `${what} is damaged` }
  if (tables.verdict === 'suspect')
    return { code: 'table-errors', state: 'unknown', why: tables.why ?? `${what} contradicts other tables` }
  return { code: 'maybe-truncated', state: 'unknown', why: `the file ends within ${what}` }
}
