/** One command of a restore. */
export interface RestoreAttempt {
  readonly part: string
  readonly where: string
  readonly command: string
  readonly user?: { readonly uid: number; readonly gid: number }
  readonly startedAt?: string
  readonly ended: string
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

/** An image of a chain as a node saw it. */
export interface PathLink {
  readonly path: string
  /** `image`, or the error. */
  readonly state: string
  readonly mountPath?: { readonly path: string; readonly state: string }
}

/** The evidence of a restore. Journals can be of another version, so every part can be missing. */
export interface RestoreEvidence {
  readonly attempts: readonly RestoreAttempt[]
  readonly links: readonly PathLink[]
  /** The node that was looked at after a failure, and its mount table. */
  readonly where?: string
  readonly mounts?: unknown
  readonly rest: Readonly<Record<string, unknown>>
}

type Fields = Readonly<Record<string, unknown>>

export function readEvidence(evidence: unknown): RestoreEvidence {
  const { attempts, observation, recordedDigest: _recorded, restoredDigest: _restored, ...rest } = fieldsOf(evidence)
  const { links, mounts, ...others } = fieldsOf(observation)
  return {
    attempts: listOf(attempts).map(readAttempt),
    links: listOf(links).map(readLink),
    ...(mounts === undefined ? {} : { mounts }),
    ...(typeof others['where'] === 'string' ? { where: others['where'] } : {}),
    rest: Object.keys(others).length > 0 ? { ...rest, observation: others } : rest,
  }
}

function readAttempt(value: unknown): RestoreAttempt {
  const { part, where, command, ended, exitCode, stdout, stderr } = fieldsOf(value)
  const { argv, script, user, startedAt, durationMs } = fieldsOf(command)
  const { uid, gid } = fieldsOf(user)
  return {
    part: String(part ?? 'command'),
    where: String(where ?? '?'),
    command: argv === undefined ? String(script ?? '?') : listOf(argv).map(quoted).join(' '),
    ...(typeof uid === 'number' && typeof gid === 'number' ? { user: { uid, gid } } : {}),
    ...(typeof startedAt === 'string' ? { startedAt } : {}),
    ended: String(ended ?? '?'),
    exitCode: typeof exitCode === 'number' ? exitCode : null,
    stdout: String(stdout ?? ''),
    stderr: String(stderr ?? ''),
    durationMs: typeof durationMs === 'number' ? durationMs : 0,
  }
}

function readLink(value: unknown): PathLink {
  const { path, state, mountPath } = fieldsOf(value)
  const mount = fieldsOf(mountPath)
  return {
    path: String(path ?? '?'),
    state: String(state ?? '?'),
    ...(mountPath === undefined ? {} : { mountPath: { path: String(mount['path']), state: String(mount['state']) } }),
  }
}

const quoted = (word: unknown): string =>
  /^[\w@%+=:,./-]+$/.test(String(word)) ? String(word) : `'${String(word).replaceAll("'", "'\\''")}'`

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
