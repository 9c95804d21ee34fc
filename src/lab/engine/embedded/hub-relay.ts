import { spawn } from 'node:child_process'
import type { Duplex } from 'node:stream'
import { killChild } from '../../../localhost/kill-child.ts'
import { runVariable } from '../engine.ts'
import { systemPath } from '../system-path.ts'
import type { GuestFiles } from './guest-files.ts'
import { relayCommand } from './namespace.ts'

/**
 * Opens a TCP connection from inside the hub, by `nc` in the hub's network.
 * @param run the run that the relay's process belongs to
 */
export function relay(hub: number, files: GuestFiles, address: string, port: number, run?: string): Duplex {
  const [program = '', ...args] = relayCommand(hub, files, address, port)
  // Only a descriptor beyond the standard ones can be one socket for both directions.
  const script = 'exec "$@" <&3 >&3 3>&-'
  const child = spawn('/bin/sh', ['-c', script, 'relay', program, ...args], {
    detached: true,
    env: { PATH: systemPath, ...(run === undefined ? {} : { [runVariable]: run }) },
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const socket = child.stdio[3] as Duplex
  // Without a listener, an error of a relay without a reader would end this process.
  socket.on('error', () => {})
  child.on('error', (error) => socket.destroy(error))
  socket.on('close', () => killChild(child, 'SIGKILL'))
  child.on('exit', () => socket.destroy())
  return socket
}
