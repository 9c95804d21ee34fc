/** Collects the values of an option that can be given several times. For Commander. */
export const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]
