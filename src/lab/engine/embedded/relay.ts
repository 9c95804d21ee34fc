import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { runVariable } from '../engine.ts'
import { systemPath } from '../system-path.ts'
import type { GuestFiles } from './guest-files.ts'
import { relayCommand } from './namespace.ts'

/**
 * A TCP connection from inside the hub, as a stream: `nc` in the hub's network.
 * @param run the run that would be to blame if it were left
 */
export function relay(hub: number, files: GuestFiles, address: string, port: number, run?: string): Duplex {
  const [program = '', ...args] = relayCommand(hub, files, address, port)
  // One socket for both directions, which only a descriptor beyond the standard ones can be.
  const script = 'exec "$@" <&3 >&3 3>&-'
  const child = spawn('/bin/sh', ['-c', script, 'relay', program, ...args], {
    detached: true,
    env: { PATH: systemPath, ...(run === undefined ? {} : { [runVariable]: run }) },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const socket = child.stdio[3] as Duplex
  // Without a listener a relay that breaks while nobody reads would end the process.
  socket.on('error', () => {})
  child.on('error', (error) => socket.destroy(error))
  socket.on('close', () => child.kill('SIGKILL'))
  child.on('exit', () => socket.destroy())
  return socket
}
