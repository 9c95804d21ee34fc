import { DrillError } from '../errors.ts'

export interface HeaderErrorOptions {
  /** Enough bytes from the start of the file. Undefined unless `problem` is `cut short`. */
  readonly enoughBytes?: number
}

/**
 * The bytes are not a qcow2 header (`not qcow2`), not all of it (`cut short`), inconsistent (`damaged`), or require an
 * unsupported feature (`unsupported`).
 */
export class HeaderError extends DrillError {
  readonly problem: 'not qcow2' | 'cut short' | 'damaged' | 'unsupported'
  readonly enoughBytes: number | undefined

  constructor(problem: HeaderError['problem'], message: string, options: HeaderErrorOptions = {}) {
    super('failure', 'bad-header', `${problem}: ${message}`)
    this.name = 'HeaderError'
    this.problem = problem
    this.enoughBytes = options.enoughBytes
  }
}
