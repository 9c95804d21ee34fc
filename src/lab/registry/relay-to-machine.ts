import { watch } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { openEngine } from '../engine/open-engine.ts'
import { findMachine, type MachinePlace } from './find-machine.ts'
import type { Ledger } from './ledger.ts'

const pollMs = 2_000

/**
 * Connects standard input and output with the SSH server of a machine, for `ProxyCommand`. Returns when a side closes, or
 * when the lab is gone from the ledger: the network of a lab that ended closes no connection.
 *
 * @throws InputError if there is no such machine, or more than one
 */
export async function relayToMachine(ledger: Ledger, name: string, place: MachinePlace): Promise<void> {
  const { record, machine } = await findMachine(ledger, name, place)
  const engine = await openEngine(record.engine)
  const socket = await engine.connectTo(machine.hubId, machine.managementAddress, 22)
  await Promise.race([
    pipeline(socket, process.stdout),
    // When ssh has closed its side, it reads no further output of the machine.
    pipeline(process.stdin, socket),
    untilGone(ledger, name, place),
  ]).catch(() => undefined)
  socket.destroy()
}

function untilGone(ledger: Ledger, name: string, place: MachinePlace): Promise<void> {
  return new Promise((resolve) => {
    const check = () => void findMachine(ledger, name, place).catch(() => resolve())
    watch(ledger.folder, check).on('error', check)
    setInterval(check, pollMs)
  })
}
