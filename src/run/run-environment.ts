import { hostname, release, type, userInfo } from 'node:os'
import { relative } from 'node:path'
import type { RunEnvironment } from '../journal/journal.ts'
import { LocalShell } from '../shell/local.ts'

/** Git must not delay a run. */
const gitDeadlineMs = 5_000

type Variables = Readonly<Record<string, string | undefined>>

/**
 * Returns who makes this run, where and with what, except for the engine.
 * @param project the folder with the features
 * @param reports its changes are not changes of the project
 */
export async function runEnvironment(project: string, reports: string): Promise<RunEnvironment> {
  const job = ciJob(process.env)
  const features = await revisionOf(project, reports)
  return {
    user: userName(),
    host: hostname(),
    system: `${type()} ${release()}`,
    node: process.version,
    ...(job === undefined ? {} : { ciJob: job }),
    ...(features === undefined ? {} : { features }),
  }
}

/** Returns the address of the CI job that this process belongs to: of GitHub, GitLab or Jenkins. */
export function ciJob(env: Variables): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env
  const github = server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined
  return [github, env['CI_JOB_URL'], env['BUILD_URL']].find((url) => url !== undefined && /^https?:\/\//.test(url))
}

/** Users of containers often have no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? '?'}`
  }
}

/** Returns the commit of a work tree. Undefined outside one, and without git. */
async function revisionOf(project: string, reports: string): Promise<RunEnvironment['features']> {
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const argv = ['git', '--no-optional-locks', '-C', project, ...args] as const
    const result = await new LocalShell().try(argv, { deadlineMs: gitDeadlineMs }).catch(() => undefined)
    return result?.exitCode === 0 ? result.stdout.trim() : undefined
  }
  const commit = await git('rev-parse', 'HEAD')
  if (commit === undefined) return undefined
  const inside = relative(project, reports)
  const except = inside === '' || inside.startsWith('..') ? [] : [`:(exclude)${inside}`]
  const changes = await git('status', '--porcelain', '--', '.', ...except)
  return changes === undefined ? undefined : { commit, isDirty: changes !== '' }
}
