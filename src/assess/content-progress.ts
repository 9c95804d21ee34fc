/** How much content has been read, of a total that is fixed before the first byte is read. */
export class ContentProgress {
  readonly #expected = new Map<string, number>()
  readonly #onContent: (bytes: number, total: number) => void
  #done = 0
  #total = 0

  constructor(onContent: (bytes: number, total: number) => void = () => {}) {
    this.#onContent = onContent
  }

  /** Before anything is read. */
  expect(workloadId: string, bytes: number): void {
    this.#expected.set(workloadId, bytes)
    this.#total += bytes
  }

  /**
   * The progress of one workload. Its share of the total stays what was expected, even if its disks turn out to have
   * more or less to read.
   * @param bytes what each of its disks has to read
   */
  reading(workloadId: string, bytes: readonly number[]): WorkloadReading {
    const expected = this.#expected.get(workloadId) ?? 0
    this.#expected.delete(workloadId)
    return new WorkloadReading(expected, bytes, (more) => {
      this.#done += more
      this.#onContent(Math.round(this.#done), this.#total)
    })
  }
}

/** The share of one workload in the total. It is done when this is disposed of. */
export class WorkloadReading implements Disposable {
  readonly #add: (bytes: number) => void
  readonly #left: number[]
  readonly #scale: number
  #rest: number

  constructor(expected: number, bytes: readonly number[], add: (bytes: number) => void) {
    const total = bytes.reduce((sum, one) => sum + one, 0)
    this.#add = add
    this.#left = [...bytes]
    this.#scale = total === 0 ? 0 : expected / total
    this.#rest = expected
  }

  /** So many bytes of one disk have been read. */
  read(index: number, bytes: number): void {
    const counted = Math.min(this.#left[index] ?? 0, bytes)
    this.#left[index] = (this.#left[index] ?? 0) - counted
    this.#take(counted * this.#scale)
  }

  /** All of a disk is done, whatever was read of it. */
  finish(index: number): void {
    this.read(index, this.#left[index] ?? 0)
  }

  [Symbol.dispose](): void {
    this.#take(this.#rest)
  }

  #take(bytes: number): void {
    const taken = Math.min(bytes, this.#rest)
    if (taken === 0) return
    this.#rest -= taken
    this.#add(taken)
  }
}
