import type { Argv } from './shell.ts'

/**
 * Python by itself: without modules from the folder that it runs in, which may be a share, from variables or from users. The
 * system's own: another one on somebody's path may be for him alone.
 */
const isolated = ['/usr/bin/python3', '-I', '-S'] as const

/** Runs a program on standard input. */
export const python: Argv = [...isolated, '-']

/** Runs the program that follows. */
export const pythonLine: Argv = [...isolated, '-c']
