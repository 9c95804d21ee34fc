import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * How to reach a host by TCP, for `SshOptions.connect`.
 * The promise rejects with the socket's error, or the reason of `signal` when it is aborted first.
 */
export function tcpConnector(host: string, port = 22): (signal: AbortSignal) => Promise<Socket> {
  return async (signal) => {
    const socket = connect({ host, port, noDelay: true })
    try {
      await once(socket, 'connect', { signal })
      return socket
    } catch (reason) {
      socket.destroy()
      throw reason
    }
  }
}
