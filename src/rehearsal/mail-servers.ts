import { InputError, MachineError } from '../errors.ts'
import { mailOutage } from '../fault/mail-outage.ts'
import { mailRefusal } from '../fault/mail-refusal.ts'
import { cloudFileOnAppliance } from '../lab/appliance/manager-files.ts'
import type { MailServer } from '../lab/site.ts'
import { toolInGuest } from '../lab/tool/tool-disk.ts'
import { planTopology } from '../lab/topology/topology.ts'
import { mails, type NotifiedUser, notifiedUsers, notifyExit } from '../verdict/observation/mail.ts'
import type { Faults } from './faults.ts'
import { delivered, lookIntoMailboxes } from './mailbox-look.ts'
import type { Scene } from './scene.ts'

/** When a mail server loses its power: before it accepts a mail, or once it has delivered it, but not confirmed it. */
export type MailMoment = { readonly mail: number; readonly isDelivered: boolean }

const deadlineMs = 600_000
const sender = 'dr@example.org'

/** The mail server of a lab, and the notification of users by `handover notify`, as a program on the appliance. */
export class MailServers {
  readonly #scene: Scene
  readonly #faults: Faults
  readonly #refusals = new Map<string, AsyncDisposable>()

  constructor(scene: Scene, faults: Faults) {
    this.#scene = scene
    this.#faults = faults
  }

  /** Brings up a mail server. */
  async add(name: string): Promise<void> {
    await this.#scene.perform(['mail server', name], () =>
      this.#scene.bringUp((taken) => planTopology({ services: [{ name, kind: 'mail' }] }, name, taken)),
    )
  }

  /** The address of a user of the site that restores are made on. @throws InputError for a user without an address */
  addressOf(user: string): string {
    const { plan } = this.#scene.site
    const found = plan.cloud?.people.users.find(({ name }) => name === user)
    if (found?.email === undefined) throw new InputError(`site ${plan.name} has no user "${user}" with a mail address`)
    return found.email
  }

  /** Lets the server refuse mail to an address. */
  async refuse(address: string): Promise<void> {
    this.#refusals.set(address, await this.#faults.inject(mailRefusal(this.#server.plan.name, address)))
  }

  /** Lets the server accept mail to an address again. */
  async accept(address: string): Promise<void> {
    const refusal = this.#refusals.get(address)
    if (refusal === undefined) throw new InputError(`the mail server does not refuse mail to ${address}`)
    this.#refusals.delete(address)
    await refusal[Symbol.asyncDispose]()
  }

  /** Cuts the power of the server. */
  async cutPower(): Promise<void> {
    await this.#ca()
    await this.#faults.inject(mailOutage(this.#server.plan.name))
  }

  /** Starts the server again, and records what is in the mailboxes. */
  async start(): Promise<void> {
    const { machine } = this.#server
    await machine.start()
    await machine.shell.run({ script: 'rm -f /etc/dr-drill-mail/hold; /usr/lib/dr-drill/mail restart' })
    await this.look()
  }

  /** Records what is in the mailboxes. */
  async look(): Promise<void> {
    const { machine, plan } = this.#server
    mails.record(this.#scene.drill.journal, plan.name, await lookIntoMailboxes(machine))
  }

  /**
   * Assesses everything that the appliance has mounted, with its content, as the product's user, and notifies the owners of
   * workloads. Records how that ended, and what is in the mailboxes.
   */
  async notify(): Promise<void> {
    await this.#assess()
    await this.#notify([])
    await this.look()
  }

  /** Notifies the owners again, from the same assessment, with more options. */
  async notifyAgain(options: readonly string[] = []): Promise<void> {
    await this.#notify(options)
    await this.look()
  }

  /** Does the same as `notify` with a server that is off. The mailboxes cannot be read. */
  async notifyWithoutServer(): Promise<void> {
    await this.#assess()
    await this.#notify([])
  }

  /** Notifies the owners, and cuts the power of the server at a moment. */
  async notifyUntil({ mail, isDelivered }: MailMoment): Promise<void> {
    const { machine } = this.#server
    await this.#assess()
    const run = machine.shell.run.bind(machine.shell)
    await run({ script: 'echo "$1" >/etc/dr-drill-mail/hold; /usr/lib/dr-drill/mail restart', args: [`${mail}`] })
    const isOver = new AbortController()
    const notifying = this.#notify([]).finally(() => isOver.abort())
    try {
      const wait = 'until [ -e /run/dr-drill/mail/held ]; do sleep 0.1; done'
      await run({ script: wait }, { signal: isOver.signal, deadlineMs })
      // The answer of the server does not leave it any more, but the mail is delivered.
      const deliver = `
tc qdisc replace dev vec0 root netem delay 600s limit 100000
: >/run/dr-drill/mail/release
until [ "$(find /srv/mail -path '*/new/*' -type f | wc -l)" -ge "$1" ]; do sleep 0.1; done
${delivered}`
      if (isDelivered) await run({ script: deliver, args: [`${mail}`] }, { deadlineMs: 60_000 })
      else await run({ script: delivered.replace(' /var/spool/smtpd/incoming', '') }, { deadlineMs: 60_000 })
      await run(['sync'])
      await this.cutPower()
    } finally {
      await notifying
    }
  }

  get #server(): MailServer {
    return this.#scene.lab.mailServer()
  }

  async #assess(): Promise<void> {
    const { appliance, plan } = this.#scene.site
    const paths = plan.shares.map(({ mountPath }) => mountPath)
    const assess = { script: assessing, args: [`${plan.user.uid}`, `${plan.user.gid}`, ...paths] }
    await this.#scene.drill.during('hand over', () => appliance.shell.run(assess, { deadlineMs }))
  }

  async #notify(options: readonly string[]): Promise<void> {
    const { drill, site } = this.#scene
    const { plan, user, password } = this.#server
    const { shell } = site.appliance
    const { stdout: ca } = await this.#ca()
    await shell.run({ script: 'umask 077; mkdir -p /run/notices; printf %s "$1" >/run/notices/ca.pem', args: [ca] })
    await shell.run(['sh', '-c', 'umask 077; cat >/run/notices/password'], { stdin: password })
    const args = [`smtp://${user}@${plan.address}`, sender, ...options]
    const { exitCode, stdout, stderr } = await drill.during('hand over', () =>
      shell.try({ script: notifying, args }, { deadlineMs }),
    )
    if (exitCode === null || !stdout.startsWith('{'))
      throw new MachineError('notify-on-appliance', `${site.appliance.where}: ${stdout}\n${stderr}`)
    const { deliveries, unreachable } = JSON.parse(stdout) as NotifyLine
    const users = [
      ...deliveries.map(({ user, state }) => ({ user, state })),
      ...unreachable.map(({ user, userId }) => ({ user: user ?? userId ?? '', state: 'cannot be notified' })),
    ]
    notifyExit.record(drill.journal, plan.name, exitCode)
    notifiedUsers.record(drill.journal, plan.name, users)
  }

  /** The certificate of the authority that the server made at its first boot. Known from then on, also if the server is off. */
  async #ca(): Promise<{ readonly stdout: string }> {
    const { machine, plan } = this.#server
    const known = this.#authorities.get(plan.name)
    if (known !== undefined) return { stdout: known }
    const { stdout } = await machine.shell.run(['cat', '/etc/dr-drill-mail/ca.pem'])
    this.#authorities.set(plan.name, stdout)
    return { stdout }
  }

  readonly #authorities = new Map<string, string>()
}

interface NotifyLine {
  readonly deliveries: readonly NotifiedUser[]
  readonly unreachable: readonly { readonly user?: string; readonly userId?: string }[]
}

// Findings of the assessment are no failure here: what does not restore is what the mails state.
const assessing = `
user=$1 group=$2
shift 2
install -d -m 700 -o "$user" -g "$group" /run/assessment
code=0
setpriv --reuid "$user" --regid "$group" --clear-groups ${toolInGuest} assess "$@" --depth content --json \\
  >/run/assessment/a.ndjson || code=$?
[ $code != 2 ]
`

const notifying = `
smtp=$1 from=$2
shift 2
exec ${toolInGuest} handover notify --from-assessment /run/assessment/a.ndjson --cloud-file ${cloudFileOnAppliance} \\
  --smtp "$smtp" --smtp-password-file /run/notices/password --ca /run/notices/ca.pem --from "$from" \\
  --ledger /var/lib/dr-drill/notices.ndjson --answer-within 20s --yes --json "$@"
`
