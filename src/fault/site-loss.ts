import type { Lab } from '../lab/lab.ts'
import { guard, programSucceeded, python } from '../shell/python.ts'
import type { Fault } from './fault.ts'
import { irrevocable } from './irrevocable.ts'

/** A site is lost: its nodes and the servers of its shares are removed, with their disks. */
export function siteLoss(siteName: string, watcher: string): Fault {
  let lost: readonly { readonly name: string; readonly address: string }[] = []
  return {
    name: 'site loss',
    subject: `site ${siteName}`,
    async inject(lab: Lab) {
      const { nodes, plan } = lab.site(siteName)
      const servers = new Set(plan.shares.map(({ share }) => lab.server(share.host)))
      lost = [...nodes, ...servers].map(({ name, address }) => ({ name, address }))
      await lab.remove(lost.map(({ name }) => name))
      return irrevocable
    },
    /** Observes from another site that no address of the lost one answers. */
    async observe(lab) {
      const script = `
import errno, socket, sys, threading
answers = dict.fromkeys(sys.argv[1:], 'nothing')
def ask(address, port):
    try:
        socket.create_connection((address, port), 1).close()
        answers[address] = port
    except OSError as error:
        # Any other error is one of this node.
        if error.errno not in (None, errno.ETIMEDOUT, errno.ECONNREFUSED, errno.ECONNRESET, errno.EHOSTUNREACH):
            answers[address] = error.strerror.replace(' ', '-')
threads = [threading.Thread(target=ask, args=(address, port)) for address in answers for port in (22, 2049)]
for thread in threads: thread.start()
for thread in threads: thread.join()
for address in answers: print(address, answers[address])
`
      const addresses = lost.map(({ address }) => address)
      const ask = await lab.machine(watcher).shell.try([...python, ...addresses], { stdin: guard + script })
      const { stdout } = programSucceeded(ask)
      const answers = Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split(' ')),
      )
      const dead = addresses.length > 0 && addresses.every((address) => answers[address] === 'nothing')
      return { tookEffect: dead, facts: answers }
    },
  }
}
