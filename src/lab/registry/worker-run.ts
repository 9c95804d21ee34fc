/** The id of a worker's own run within a run: what the worker starts bears it, and the ledger has a page for it. */
export function workerRunId(run: string, worker: number): string {
  return `${run}-w${worker}`
}

/** Whether it is this run, or that of one of its workers. */
export function isOfRun(run: string, id: string): boolean {
  return id === run || (id.startsWith(run) && /^-w\d+$/.test(id.slice(run.length)))
}
