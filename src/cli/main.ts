import { listenToSignals } from '../run/interrupts.ts'

// Signals are heard while the program is still loading.
listenToSignals()
const [{ buildProgram }, { runProgram }] = await Promise.all([import('./program.ts'), import('./run-program.ts')])
await runProgram(buildProgram())
