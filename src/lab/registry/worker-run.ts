/** The id of a worker's own run. Everything that the worker starts has it, and so has its entry in the ledger. */
export function workerRunId(run: string, worker: number): string {
  return `${run}-w${worker}`
}

/** True if `id` is this run, or the run of one of its workers. */
export function isOfRun(run: string, id: string): boolean {
  return id === run || (id.startsWith(run) && /^-w\d+$/.test(id.slice(run.length)))
}
