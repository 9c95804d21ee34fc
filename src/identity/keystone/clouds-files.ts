import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { InputError } from '../../errors.ts'
import { nearest } from '../../input/nearest.ts'
import { check } from '../../input/schema-check.ts'
import { readNamedFile } from '../../localhost/named-file.ts'
import { type CloudProfile, cloudProfile } from './cloud-profile.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where to look for a cloud. */
export interface CloudSearch {
  /** The name of the cloud in `clouds.yaml`. Default: `OS_CLOUD`. */
  readonly cloud?: string | undefined
  readonly environment?: Environment
  readonly directory?: string
  readonly home?: string
  /** Where the machine's own files are. */
  readonly systemDirectory?: string
}

const value = z.union([z.string(), z.number(), z.boolean()]).nullish()

/** Only the used keys are checked: files hold many others, for other programs. */
const cloudSchema = z.looseObject({
  profile: z.string().optional(),
  auth_type: z.string().optional(),
  auth: z.record(z.string(), z.unknown()).nullish(),
  verify: z.boolean().optional(),
  insecure: z.boolean().optional(),
  cacert: z.string().nullish(),
  cert: z.string().nullish(),
  key: z.string().nullish(),
})

const fileSchema = z.looseObject({ clouds: z.record(z.string(), z.unknown()).nullish() })

type CloudEntry = z.output<typeof cloudSchema>

const maxFileBytes = 8 * 2 ** 20

/**
 * Finds how to log in to a cloud, as OpenStack's own clients do: by its name in `clouds.yaml` and `secure.yaml`, or by
 * the `OS_…` variables. Secrets are in no message, not even those of a broken file.
 * @throws InputError that names the files, and the nearest name of a cloud
 */
export function findCloud(search: CloudSearch = {}): CloudProfile {
  const { environment = process.env } = search
  const name = search.cloud ?? (environment['OS_CLOUD'] || undefined)
  if (name !== undefined) return ofFiles(name, search)
  if (environment['OS_AUTH_URL']) return ofVariables(environment)
  throw new InputError('no cloud is named', {
    remedy: 'Add --cloud NAME with a name of clouds.yaml, or set the OS_… variables, e.g. with an openrc file.',
  })
}

function ofFiles(name: string, search: CloudSearch): CloudProfile {
  const { environment = process.env } = search
  const places = (base: string) => searchPlaces(base, search)
  const clouds = firstFile(places('clouds'), environment['OS_CLIENT_CONFIG_FILE'])
  if (clouds === undefined)
    throw new InputError(`cloud ${JSON.stringify(name)} is unknown: no clouds.yaml was found`, {
      remedy: `Write one of: ${places('clouds')
        .filter((path) => path.endsWith('.yaml'))
        .join(', ')}`,
    })
  const secure = firstFile(places('secure'), environment['OS_CLIENT_SECURE_FILE'])
  const entry = cloudIn(clouds, name)
  if (entry === undefined) throw unknownCloud(name, clouds)
  const hidden = secure === undefined ? undefined : cloudIn(secure, name)
  const from = `${clouds.path}: cloud ${name}`
  const { auth, verify, insecure, cacert, cert, key, ...others } = { ...entry, ...hidden }
  const values = { ...valuesIn(entry, from), ...(hidden && valuesIn(hidden, `${secure?.path}: cloud ${name}`)) }
  if (values['auth_url'] === undefined && others.profile !== undefined)
    throw new InputError(`${from}: profile ${JSON.stringify(others.profile)} is not supported`, {
      remedy: 'Write the auth_url of the cloud below auth.',
    })
  return cloudProfile({
    name,
    from,
    auth: values,
    authType: others.auth_type,
    caFile: fileOf(cacert, search),
    certFile: fileOf(cert, search),
    keyFile: fileOf(key, search),
    isVerified: verify !== false && insecure !== true,
  })
}

/** Secrets may be numbers. */
function valuesIn({ auth }: CloudEntry, from: string): Readonly<Record<string, string>> {
  const isSimple = (one: unknown): one is string | number | boolean | null | undefined => value.safeParse(one).success
  return Object.fromEntries(
    Object.entries(auth ?? {}).flatMap(([key, one]) => {
      if (!isSimple(one)) throw new InputError(`${from}: auth.${key}: must be a text`)
      return one === null || one === undefined ? [] : [[key, String(one)]]
    }),
  )
}

function ofVariables(environment: Environment): CloudProfile {
  const auth = Object.fromEntries(
    Object.entries(environment).flatMap(([key, text]) =>
      key.startsWith('OS_') && text ? [[key.slice(3).toLowerCase(), text]] : [],
    ),
  )
  return cloudProfile({
    name: hostOf(auth['auth_url']),
    from: 'the OS_… variables',
    auth,
    authType: auth['auth_type'],
    caFile: auth['cacert'],
    certFile: auth['cert'],
    keyFile: auth['key'],
    isVerified: !/^(1|true|yes|on)$/i.test(auth['insecure'] ?? ''),
  })
}

const hostOf = (url: string | undefined): string => URL.parse(url ?? '')?.hostname ?? 'cloud'

/** `~` is the home of the user, as in OpenStack's own clients. */
function fileOf(
  path: string | null | undefined,
  { directory = '.', home = homedir() }: CloudSearch,
): string | undefined {
  if (!path) return undefined
  return path.startsWith('~/') ? join(home, path.slice(2)) : resolve(directory, path)
}

function searchPlaces(base: string, search: CloudSearch): readonly string[] {
  const { directory = process.cwd(), home = homedir(), systemDirectory = '/etc' } = search
  return [directory, join(home, '.config/openstack'), join(systemDirectory, 'openstack')].flatMap((folder) =>
    ['yaml', 'yml', 'json'].map((ending) => join(folder, `${base}.${ending}`)),
  )
}

interface ReadFile {
  readonly path: string
  readonly clouds: Readonly<Record<string, unknown>>
}

/** @param wanted a file that must exist */
function firstFile(places: readonly string[], wanted: string | undefined): ReadFile | undefined {
  for (const path of wanted ? [wanted] : places) {
    const text = textOf(path, wanted !== undefined && wanted !== '')
    if (text !== undefined) return { path, clouds: check(fileSchema, parsed(text, path) ?? {}, path).clouds ?? {} }
  }
  return undefined
}

function textOf(path: string, mustExist: boolean): string | undefined {
  try {
    return readNamedFile({ what: 'the clouds in', path, maxBytes: maxFileBytes })
  } catch (error) {
    const code = ((error as Error).cause as NodeJS.ErrnoException | undefined)?.code
    // A file that cannot be read is not a missing one: it may define this cloud.
    if (!mustExist && (code === 'ENOENT' || code === 'ENOTDIR')) return undefined
    throw error
  }
}

/** Messages of the parser quote the lines of the file, so that they are not repeated. */
function parsed(text: string, path: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const [broken] = document.errors
  if (broken !== undefined)
    throw new InputError(`${path}:${lines.linePos(broken.pos[0]).line}: not valid YAML (${broken.code})`)
  try {
    return document.toJS()
  } catch {
    throw new InputError(`${path}: not valid YAML (aliases)`)
  }
}

function cloudIn({ path, clouds }: ReadFile, name: string): CloudEntry | undefined {
  if (!Object.hasOwn(clouds, name)) return undefined
  return check(cloudSchema, clouds[name] ?? {}, `${path}: cloud ${name}`)
}

function unknownCloud(name: string, { path, clouds }: ReadFile): InputError {
  const known = Object.keys(clouds)
  const meant = nearest(name, known)
  const did = meant === undefined ? '' : `: did you mean ${meant}?`
  return new InputError(`${path}: unknown cloud ${JSON.stringify(name)}${did}`, {
    remedy: known.length === 0 ? 'Add the cloud to this file.' : `Known clouds: ${known.slice(0, 20).join(', ')}.`,
  })
}
