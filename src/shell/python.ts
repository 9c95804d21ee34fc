import type { Argv } from './shell.ts'

/**
 * The system's Python, isolated: it takes no modules from the current folder (which may be a share), from variables or
 * from users. Another Python in PATH may belong to a single user.
 */
const isolated = ['/usr/bin/python3', '-I', '-S'] as const

/** Runs the program on standard input. */
export const python: Argv = [...isolated, '-']

/** Runs the program in the next argument. */
export const pythonLine: Argv = [...isolated, '-c']
