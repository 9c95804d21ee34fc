import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/**
 * Returns a function that connects to a host by TCP, for `SshOptions.connect`.
 * It throws the socket's error, or the reason of `signal`.
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
