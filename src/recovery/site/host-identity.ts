import { createHash } from 'node:crypto'
import { answerFunction, answerIn, answersIn } from '../../shell/answers.ts'
import { noResult } from '../../shell/host-objects.ts'
import type { Shell } from '../../shell/shell.ts'

/** Prints what a host keeps permanently, the best that it has. Names are reused, also for machines of a lab. */
const look = `${answerFunction}
for file in /etc/machine-id /var/lib/dbus/machine-id /sys/class/dmi/id/product_uuid; do
  if [ -s "$file" ] && id=$(cat "$file") && [ "$id" != uninitialized ]; then answer id "$id"; exit; fi
done
answer name "$(uname -n)"
for file in /etc/ssh/ssh_host_*_key.pub; do
  if [ -r "$file" ]; then while read -r line; do answer id "$line"; done <"$file"; fi
done`

/** Distinguishes a host from another one of the same name. @throws ShellError, CommandError if it does not answer */
export async function hostIdentity(shell: Shell): Promise<string> {
  const { stdout } = await shell.run({ script: look })
  const ids = answersIn(stdout).flatMap(({ name, value }) => (name === 'id' ? [value] : []))
  const best = ids.length > 0 ? ids : [answerIn(stdout, 'name') ?? '']
  if (best.includes('')) throw noResult(shell.where, stdout)
  return createHash('sha256')
    .update(best.map((line) => `${line}\n`).join(''))
    .digest('hex')
    .slice(0, 16)
}
