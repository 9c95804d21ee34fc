import { headerSecrets } from './header-secrets.ts'

/** How many secrets were replaced, by kind. */
export type RedactionCounts = Readonly<Record<string, number>>

export interface Redacted<T> {
  readonly value: T
  /** Undefined if nothing was replaced. */
  readonly counts?: RedactionCounts
}

/** A kind of secret. Its text is the group `secret`, or one of the groups of `value`. */
interface SecretPattern {
  readonly kind: string
  readonly pattern: RegExp
}

const value = String.raw`(?:\\"(?<escaped>[^"\\\n]{1,4096})\\"|"(?<double>(?:[^"\\\n]|\\.){1,4096})"|'(?<single>[^'\n]{1,4096})'|(?<bare>[^\s"'<>,;&|)}\]\\][^\s"'<>,;&|)}\]\\]{0,4095}))`
const assigned = (names: string, flags = 'gi'): RegExp =>
  new RegExp(String.raw`(?<before>(?:${names})\\*["']?\s{0,4}[=:]\s{0,4})${value}`, flags)

const patterns: readonly SecretPattern[] = [
  {
    kind: 'authorization header',
    pattern:
      /(?<before>\b(?:proxy-)?authorization\\*["']?\s{0,4}[:=]\s{0,4}\\*["']?(?:(?:basic|bearer|digest|negotiate)\s{1,4})?)(?<secret>[^\s"'\\][^\r\n"'\\]{0,8191})/gi,
  },
  {
    kind: 'authorization header',
    pattern: /(?<before>\b(?:set-)?cookie:\s{0,4})(?<secret>[^\s"'\\][^\r\n"'\\]{0,8191})/gi,
  },
  { kind: 'token', pattern: /(?<before>\bbearer\s{1,4})(?<secret>[\w.~+/=-]{16,8192})/gi },
  {
    kind: 'password in a URL',
    pattern: /(?<before>\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/?#:@'"<>]{0,256}:)(?<secret>[^\s/?#'"<>]{1,1024})(?=@)/gi,
  },
  { kind: 'password', pattern: /(?<before><(?:password|passphrase|secret|token)>)(?<secret>[^<\s]{1,4096})/gi },
  {
    kind: 'password',
    pattern: new RegExp(
      String.raw`(?<before>--[\w-]{0,40}(?:password|passphrase|secret|token|api-key)[=\s]\s{0,3})${value}`,
      'gi',
    ),
  },
  { kind: 'password', pattern: new RegExp(String.raw`(?<before>\bsshpass\s{1,4}-p\s{0,4})${value}`, 'g') },
  {
    kind: 'password',
    pattern:
      /(?<before>\bcurl\b[^\n]{0,1000}?\s(?:-u|--user)[=\s]{0,4}["']?[^\s:"']{1,256}:)(?<secret>[^\s"']{1,1024})/g,
  },
  { kind: 'password', pattern: /(?<before>\bsecret,[^\s"']{0,200}?\bdata=)(?<secret>[^\s,"']{1,4096})/g },
  { kind: 'password', pattern: assigned('password|passwd|passphrase') },
  { kind: 'secret', pattern: assigned('secret') },
  { kind: 'token', pattern: assigned('token|api[_-]?key') },
  // Tokens that are known by their form: Keystone's, those of GitHub, GitLab and Slack, and JSON web tokens.
  {
    kind: 'token',
    pattern:
      /(?<secret>\bgAAAAA[\w-]{40,4096}={0,2}|\bgh[pousr]_[A-Za-z0-9]{36,255}|\bgithub_pat_\w{40,255}|\bglpat-[\w-]{20,255}|\bxox[abprs]-[\w-]{10,255}|\beyJ[\w-]{10,4096}\.eyJ[\w-]{10,8192}\.[\w-]{10,4096})/g,
  },
]

/** Text without any of these has no secret that a pattern could find. */
const hints =
  /PRIVATE KEY|:\/\/[^\s/]{0,256}@|passw|passphrase|secret|token|api[_-]?key|authorization|cookie|bearer|sshpass|curl|gAAAAA|gh[pousr]_|github_pat|glpat-|xox|eyJ/i

/** Keys of objects whose text is a secret. */
const secretKey = /(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key|authorization)$/i
/** Values that are none: variables, placeholders, and words of a language. */
const harmless = /^(?:\$|\[redacted-|%|\*+$|(?:null|none|true|false|undefined)$)/i
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const maxRemembered = 1000

/**
 * Replaces secrets in what is recorded: private keys, passwords, tokens, and the headers that carry them. Each secret has a
 * number of its own in its placeholder, so that equal ones stay equal, and others differ. A secret that was found once is
 * also replaced where it stands alone later.
 */
export class Redactor {
  readonly #numbers = new Map<string, number>()
  readonly #remembered = new Map<string, string>()

  readonly #lastNumber: number

  /**
   * @param known secrets by themselves, such as values of the environment
   * @param lastNumber the highest number of a placeholder in what was redacted before
   */
  constructor(known: readonly string[] = [], lastNumber = 0) {
    this.#lastNumber = lastNumber
    for (const secret of known) this.#remembered.set(secret, 'secret of the environment')
  }

  /** Returns a value of JSON without its secrets. It is the same object if it has none. */
  redact<T>(value: T): Redacted<T> {
    const counts = new Map<string, number>()
    const redacted = this.#deep(value, counts) as T
    return counts.size === 0 ? { value } : { value: redacted, counts: Object.fromEntries(counts) }
  }

  #deep(value: unknown, counts: Map<string, number>): unknown {
    if (typeof value === 'string') return this.#text(value, counts)
    if (Array.isArray(value)) return this.#list(value, counts)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const redacted = entries.map(([key, one]) => [key, this.#field(key, one, counts)] as const)
    return redacted.every(([, one], nth) => one === entries[nth]?.[1]) ? value : Object.fromEntries(redacted)
  }

  #field(key: string, value: unknown, counts: Map<string, number>): unknown {
    if (typeof value !== 'string' || !secretKey.test(key) || isHarmless(value, key)) return this.#deep(value, counts)
    return this.#replace(kindOf(key), value, counts)
  }

  /** In a list of arguments, the value of an option follows it. */
  #list(list: readonly unknown[], counts: Map<string, number>): unknown {
    const redacted = list.map((one, nth) => {
      const before = list[nth - 1]
      const isValue = typeof before === 'string' && /^--?[\w-]+$/.test(before) && secretKey.test(before)
      return isValue && typeof one === 'string' && !isHarmless(one, before)
        ? this.#replace(kindOf(before), one, counts)
        : this.#deep(one, counts)
    })
    return redacted.every((one, nth) => one === list[nth]) ? list : redacted
  }

  #text(text: string, counts: Map<string, number>): string {
    const withoutPatterns = hints.test(text) ? this.#byPatterns(this.#privateKeys(text, counts), counts) : text
    return this.#byMemory(withoutPatterns, counts)
  }

  #byPatterns(text: string, counts: Map<string, number>): string {
    return patterns.reduce(
      (before, { kind, pattern }) =>
        before.replaceAll(pattern, (match, ...rest) => {
          const groups = rest.at(-1) as Readonly<Record<string, string | undefined>>
          const secret = groups.secret ?? groups.escaped ?? groups.double ?? groups.single ?? groups.bare ?? ''
          if (isHarmless(secret, groups.before ?? '')) return match
          const start = (groups.before ?? '').length
          const at = match.indexOf(secret, start)
          return match.slice(0, at) + this.#replace(kind, secret, counts) + match.slice(at + secret.length)
        }),
      text,
    )
  }

  /** Replaces private keys in PEM, also one whose beginning or end was cut off. */
  #privateKeys(text: string, counts: Map<string, number>): string {
    const marks = [...text.matchAll(/-----(?<which>BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g)]
    const parts: string[] = []
    let end = 0
    for (const [nth, mark] of marks.entries()) {
      if (mark.index < end) continue
      const isBegin = mark.groups?.which === 'BEGIN'
      const next = marks[nth + 1]
      const from = isBegin ? mark.index : startOfKey(text, mark.index, end)
      const closing = isBegin && next?.groups?.which === 'END' ? next : undefined
      const to = isBegin
        ? closing === undefined
          ? endOfKey(text, mark.index + mark[0].length)
          : closing.index + closing[0].length
        : mark.index + mark[0].length
      parts.push(text.slice(end, from), this.#replace('private key', text.slice(from, to), counts))
      end = to
    }
    return marks.length === 0 ? text : parts.join('') + text.slice(end)
  }

  #byMemory(text: string, counts: Map<string, number>): string {
    let rest = text
    for (const [secret, kind] of this.#remembered) {
      if (!rest.includes(secret)) continue
      rest = rest.replaceAll(secret, () => this.#replace(kind, secret, counts))
    }
    return rest
  }

  #replace(kind: string, secret: string, counts: Map<string, number>): string {
    const number = this.#numbers.get(secret) ?? this.#lastNumber + this.#numbers.size + 1
    this.#numbers.set(secret, number)
    if (isRemarkable(secret) && this.#remembered.size < maxRemembered && !this.#remembered.has(secret))
      this.#remembered.set(secret, kind)
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return `[redacted-${kind.replaceAll(' ', '-')}-${number}]`
  }
}

/** Replaces secrets in lines that arrive one by one. */
export class LineRedactor {
  readonly #redactor: Redactor
  #isInKey = false

  constructor(known: readonly string[] = []) {
    this.#redactor = new Redactor(known)
  }

  /** Returns a line without its secrets. */
  redact(line: string): string {
    const wasInKey = this.#isInKey
    const begin = line.lastIndexOf('-----BEGIN ')
    const end = line.lastIndexOf('-----END ')
    if (line.includes('PRIVATE KEY')) this.#isInKey = begin > end
    if (wasInKey && (end < 0 || begin < 0)) return this.#redactor.redact({ privateKey: line }).value.privateKey
    return this.#redactor.redact(line).value
  }
}

/** Returns the secrets in an environment: the values of variables whose names say so, and tokens in headers. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(environment).flatMap(([name, text = '']) =>
    secretKey.test(name) && !isWord(text) ? [text] : headerSecrets(name, text),
  )
}

/** True for a text that may be a word of something else: replacing it everywhere would make a journal unreadable. */
const isWord = (text: string): boolean => text.length < 8 || (text.length < 12 && /^[A-Za-z]+$/.test(text))

/** `2 × password, 1 × private key` */
export function redactionText(counts: RedactionCounts): string {
  return Object.entries(counts)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(', ')
}

/** True for a secret that cannot be a word of something else. */
const isRemarkable = (secret: string): boolean =>
  secret.length >= 12 && /\d/.test(secret) && /[A-Za-z]/.test(secret) && !/\s/.test(secret) && !uuid.test(secret)

/** Secrets of a key manager have UUIDs, which are no secrets. */
const isHarmless = (text: string, name: string): boolean =>
  text === '' || harmless.test(text) || (uuid.test(text) && /secret/i.test(name))

function kindOf(name: string): string {
  if (/private[_-]?key$/i.test(name)) return 'private key'
  if (/authorization$/i.test(name)) return 'authorization header'
  if (/(?:token|key)$/i.test(name)) return 'token'
  return /secret$/i.test(name) ? 'secret' : 'password'
}

const isOfKey = (character: string): boolean => /[A-Za-z0-9+/=\s\\]/.test(character)

/** Returns where the content of a key begins that ends at `at`. */
function startOfKey(text: string, at: number, limit: number): number {
  let start = at
  while (start > limit && isOfKey(text[start - 1] ?? '')) start--
  return start
}

/** Returns where the content of a key ends that has no last line. */
function endOfKey(text: string, at: number): number {
  let end = at
  while (end < text.length && isOfKey(text[end] ?? '')) end++
  return end
}
