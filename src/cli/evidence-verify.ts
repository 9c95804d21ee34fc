import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { readAuthorities } from '../evidence/authority-file.ts'
import { readPack } from '../evidence/read-pack.ts'
import { readPublicKey } from '../evidence/signing-key.ts'
import type { PackCheck, PackSigner, TrustedKey } from '../evidence/verify-pack.ts'
import { repeated } from './repeatable.ts'

interface VerifyFlags {
  readonly trust?: readonly string[]
  readonly require?: readonly string[]
  readonly tsa?: readonly string[]
  readonly previous?: string
  readonly json?: true
}

/** `evidence verify`: checks a pack. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('verify a pack, offline')
    .argument('<pack>', 'file of the pack')
    .option('--trust <name=key>', 'public key of a signer that you trust, in PEM; repeatable', repeated)
    .option('--require <name>', 'trusted signer who must have signed; repeatable', repeated)
    .option(
      '--tsa <file>',
      'certificates of timestamp authorities that must have stamped the signatures, in PEM; repeatable',
      repeated,
    )
    .option('--previous <pack>', 'pack that this one must name as its predecessor')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Every byte of the pack is checked: files against the manifest, the manifest
against the signed statements, the statements against the journal. Nothing is
written to disk.

Examples:
  $ dr-drill evidence verify evidence.tar --trust operator=operator.pem
  $ dr-drill evidence verify may.tar --trust operator=operator.pem \\
      --trust approver=approver.pem --require approver --previous april.tar
  $ dr-drill evidence verify may.tar --trust operator=operator.pem --tsa tsa.pem

Exit codes: 0 verified, 1 altered or incomplete, 2 not a pack or wrong input,
3 consistent, but no trusted signer.`,
    )
    .action(async (path: string, flags: VerifyFlags) => {
      const trusted = (flags.trust ?? []).map(trustedKey)
      const required = flags.require ?? []
      const authorities = (flags.tsa ?? []).flatMap(readAuthorities)
      const stranger = required.find((name) => !trusted.some((one) => one.name === name))
      if (stranger !== undefined) throw new InputError(`--require ${stranger}: no --trust ${stranger}=KEY is given`)
      const [archive, { verifyPack }] = await Promise.all([readPack(path), import('../evidence/verify-pack.ts')])
      const found = await verifyPack(archive, path, trusted, { required, authorities })
      const check = flags.previous === undefined ? found : await withPrevious(found, path, flags.previous)
      if (flags.json === true) process.stdout.write(`${JSON.stringify(check)}\n`)
      else print(path, check)
      process.exitCode = { verified: 0, invalid: 1, consistent: 3 }[check.verdict]
    })
}

async function withPrevious(check: PackCheck, path: string, previous: string): Promise<PackCheck> {
  const { predecessorIn } = await import('../evidence/predecessor.ts')
  const { run, sha256 } = await predecessorIn(previous)
  if (check.predecessor?.sha256 === sha256) return check
  const named = check.predecessor === undefined ? 'none' : `run ${check.predecessor.run}, ${check.predecessor.sha256}`
  const sentence = `its predecessor is ${named}, and not run ${run}, ${sha256}`
  return { ...check, verdict: 'invalid', problems: [...check.problems, { kind: 'contradiction', path, sentence }] }
}

function print(
  path: string,
  { verdict, run, exitCode, counts, signers, problems, predecessor, isCut }: PackCheck,
): void {
  const lines = problems.map((one) => `✘ ${one.kind}: ${one.path}: ${one.sentence}`)
  const named = signers.flatMap(({ name }) => name ?? [])
  const unnamed = signers.flatMap(({ name, keyid }) =>
    name === undefined ? [`an unknown key (${keyid.slice(0, 16)})`] : [],
  )
  const who = [...named, ...unnamed].join(', ')
  const verdicts: Readonly<Record<PackCheck['verdict'], string>> = {
    verified: `✔ ${path} is verified. Signed by ${who}.`,
    consistent: `? ${path} is consistent, signer unknown. ${who === '' ? 'It has no signature.' : `Signed by ${who}.`}`,
    invalid: `✘ ${path} is not what was signed.`,
  }
  lines.push(verdicts[verdict])
  const outcomes = Object.entries(counts ?? {}).flatMap(([outcome, count]) =>
    count > 0 ? [`${count} ${outcome}`] : [],
  )
  lines.push(`  Run ${run}: ${outcomes.join(', ') || 'no scenario'}, exit code ${exitCode ?? 'none: it was killed'}`)
  for (const signer of signers) lines.push(...timestampLines(signer))
  if (isCut) lines.push('  Its journal is cut: the last line is incomplete.')
  lines.push(
    `  Previous pack: ${predecessor === undefined ? 'none' : `run ${predecessor.run}, SHA-256 ${predecessor.sha256}`}`,
  )
  process.stdout.write(`${lines.join('\n')}\n`)
}

function timestampLines({ name, keyid, timestamp }: PackSigner): readonly string[] {
  if (timestamp === undefined) return []
  const { at, authority, isTrusted } = timestamp
  const who = name ?? `the key ${keyid.slice(0, 16)}`
  return [`  Timestamp of ${who}: ${at}, by ${isTrusted ? '' : 'an authority that is not trusted, '}${authority}`]
}

function trustedKey(text: string): TrustedKey {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || path === undefined)
    throw new InputError(`--trust ${text}: must be NAME=FILE, e.g. operator=operator.pem`)
  return { name, key: readPublicKey(path) }
}
