import { watch } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { openEngine } from '../engine/open-engine.ts'
import { findMachine } from './find-machine.ts'
import type { Ledger } from './ledger.ts'

export interface RelayPlace {
  readonly run?: string
  readonly lab?: string
}

/** How often it is looked whether a lab is still there of which nothing was heard. */
const lookMs = 2_000

/**
 * Connects standard input and output with the SSH server of a machine, until one of the sides ends, or the lab: for
 * `ProxyCommand`. Nobody tells us when a lab is gone, and its network says nothing more.
 * @throws InputError when there is no such machine, or more than one
 */
export async function relayToMachine(ledger: Ledger, name: string, place: RelayPlace): Promise<void> {
  const { record, machine } = await findMachine(ledger, name, place)
  const engine = await openEngine(record.engine)
  const socket = await engine.connectTo(machine.hubId, machine.managementAddress, 22)
  await Promise.race([
    pipeline(socket, process.stdout),
    // ssh is done when it closes its side; whatever the machine would still say is for nobody.
    pipeline(process.stdin, socket),
    untilGone(ledger, name, place),
  ]).catch(() => undefined)
  socket.destroy()
}

function untilGone(ledger: Ledger, name: string, place: RelayPlace): Promise<void> {
  return new Promise((resolve) => {
    const look = () => void findMachine(ledger, name, place).catch(() => resolve())
    watch(ledger.folder, look).on('error', look)
    setInterval(look, lookMs)
  })
}
