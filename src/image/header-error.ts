import { DrillError } from '../errors.ts'

export interface HeaderErrorOptions {
  /** This many bytes from the start of the file are always enough; known where `problem` is 'cut short'. */
  readonly enoughBytes?: number
}

/**
 * The bytes are not the header of a qcow2 image ('not qcow2'), not a whole one ('cut short'), not a sane one ('damaged'),
 * or one that asks for what dr-drill cannot do ('unsupported').
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
