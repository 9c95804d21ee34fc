// The public API: what steps, the CLI and users import.
export * from './errors.ts'
export { clean } from './lab/clean.ts'
export { removeGuestImages } from './lab/engine/container/image.ts'
export { openEngine } from './lab/engine/open-engine.ts'
export { enterMachine } from './lab/enter.ts'
export { endKeptLab } from './lab/kept-lab.ts'
export { Ledger } from './lab/ledger.ts'
