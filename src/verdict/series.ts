/** A record that a step of a scenario may have made, or a claim about the records of one step. */
export interface InSeries {
  /** The step that made it: see `JournalEntry`. A claim that names none is about the last series of its kind. */
  readonly series?: string | undefined
}

/**
 * Returns the records of one series: of the one that is named, or of the last. Records that no step made, as in a journal
 * of an older version, form one series: a claim then has to hold for all of them.
 * @param records of one kind, oldest first
 */
export function recordsOfSeries<Entry extends InSeries>(
  records: readonly Entry[],
  series: string | undefined = records.at(-1)?.series,
): readonly Entry[] {
  return records.filter((record) => record.series === series)
}
