import type { Fault } from './fault.ts'

/** An NFS server loses its power and stays off; taken back, it is started again. */
export function serverOutage(server: string): Fault {
  return {
    name: 'server outage',
    subject: `server ${server}`,
    async inject(lab) {
      await lab.server(server).powerCut()
      return { [Symbol.asyncDispose]: () => lab.server(server).start() }
    },
    async observe(lab) {
      const watcher = lab.machines.find((machine) => machine.role !== 'server')
      if (watcher === undefined) return { tookEffect: false, facts: 'nobody is there to see it' }
      const connect = 'import socket, sys; socket.create_connection((sys.argv[1], 2049), 2)'
      const { exitCode } = await watcher.shell.try(['/usr/bin/python3', '-c', connect, lab.server(server).address])
      return { tookEffect: exitCode !== 0, facts: { where: watcher.where, connected: exitCode === 0 } }
    },
  }
}
