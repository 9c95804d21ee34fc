import { pipeline } from 'node:stream/promises'
import { openEngine } from './engine/open-engine.ts'
import { findMachine } from './find-machine.ts'
import type { Ledger } from './ledger.ts'

/**
 * Connects standard input and output with the SSH server of a machine, until one of the sides ends: for `ProxyCommand`.
 * @throws InputError when there is no such machine, or more than one
 */
export async function relayToMachine(
  ledger: Ledger,
  name: string,
  place: { readonly run?: string; readonly lab?: string },
): Promise<void> {
  const { record, machine } = await findMachine(ledger, name, place)
  const engine = await openEngine(record.engine)
  const socket = await engine.connectTo(machine.hubId, machine.managementAddress, 22)
  const out = pipeline(socket, process.stdout)
  // ssh is done when it closes its side; whatever the machine would still say is for nobody.
  const into = pipeline(process.stdin, socket)
  await Promise.race([out, into]).catch(() => undefined)
  socket.destroy()
}
