import { escapeField } from './fields.ts'

/** What a bind connects. */
export interface Bind {
  readonly local: string
  readonly origin: string
}

/** The line of the documented procedure. */
export function bindLine({ local, origin }: Bind): string {
  return `${escapeField(local)} ${escapeField(origin)} none bind 0 0`
}

/**
 * The line that keeps a bind. It waits for the network, as the share does, and a host boots without it. If systemd mounts, it
 * waits for the local path too. The line of the documented procedure becomes a unit that the boot requires.
 * @param isSystemd true if systemd mounts what fstab lists
 */
export function keptLine(bind: Bind, isSystemd: boolean): string {
  const local = escapeField(bind.local)
  // A comma would end the option.
  const after = isSystemd && !local.includes(',') ? `,x-systemd.requires-mounts-for=${local}` : ''
  return `${local} ${escapeField(bind.origin)} none bind,_netdev,nofail${after} 0 0`
}

/** A bind with a character for each byte of its paths, as the text of fstab has them. */
export function bindAsBytes({ local, origin }: Bind): Bind {
  const bytes = (path: string) => Buffer.from(path).toString('latin1')
  return { local: bytes(local), origin: bytes(origin) }
}
