import { quoteWord } from '../shell/quote.ts'
import type { Share } from '../target/share.ts'
import type { Fault } from './fault.ts'

/** A server exports a share read-only, as a server of replicas does. Mounts stay, and every write fails. */
export function readOnlyShare({ text, host, path }: Share): Fault {
  /** Changes the option of the export, and has the server read it. */
  const exporting = (from: string, to: string) => ({
    script: `perl -pi -e 's/\\(${from},/(${to},/ if index($_, "$ENV{SHARE} ") == 0' /etc/exports
exportfs -ra`,
  })
  const env = { SHARE: path }
  return {
    name: 'read-only share',
    subject: `share ${text}`,
    async inject(lab) {
      const { shell } = lab.server(host)
      await shell.run(exporting('rw', 'ro'), { env })
      return {
        [Symbol.asyncDispose]: async () => {
          await shell.run(exporting('ro', 'rw'), { env })
        },
      }
    },
    async observe(lab) {
      const { shell } = lab.server(host)
      const { stdout } = await shell.run({ script: `exportfs -s | grep -F -- ${quoteWord(`${path} `)} || :` })
      return { tookEffect: /[(,]ro[,)]/.test(stdout), facts: { exported: stdout.trim() } }
    },
  }
}
