import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Command } from 'commander'
import { InputError } from '../errors.ts'
import { createPack } from '../evidence/create-pack.ts'
import { sha256 } from '../evidence/manifest.ts'
import type { PackFile } from '../evidence/pack-archive.ts'
import { predecessorIn, readPack } from '../evidence/pack-file.ts'
import { redactJournal } from '../evidence/redact-journal.ts'
import { filesIn, redactFiles, reportFiles } from '../evidence/run-files.ts'
import { signPack } from '../evidence/sign-pack.ts'
import { readSigningKey } from '../evidence/signing-key.ts'
import { writingFailed } from '../journal/journal-file.ts'
import { writeWhole } from '../localhost/write-whole.ts'
import { configName } from '../project/config.ts'
import { readConfig } from '../project/project.ts'
import { cutText } from '../report/cut-journal.ts'
import { findRun } from '../run/find-run.ts'
import { redactionText } from '../text/redact.ts'
import { verifyCommand } from './evidence-verify.ts'
import { repeated } from './repeatable.ts'
import { stampOf, type TimestampFlags } from './timestamp-option.ts'

/** `evidence`: packs that prove later what a run found. */
export function evidenceCommand(): Command {
  return new Command('evidence')
    .addCommand(createCommand())
    .addCommand(signCommand())
    .addCommand(verifyCommand())
    .addHelpText(
      'after',
      `
A pack is one tar archive with the journal, the reports, the features and the
configuration of a run, and signed statements about them. Its README.md explains
how to check it with sha256sum and openssl alone.

Examples:
  $ dr-drill evidence create -o evidence.tar --key operator.key
  $ dr-drill evidence verify evidence.tar --trust operator=operator.pem

Exit codes: those of each subcommand.`,
    )
}

interface CreateFlags extends TimestampFlags {
  readonly output: string
  readonly key?: readonly string[]
  readonly previous?: string
  readonly config?: string
}

function createCommand(): Command {
  return new Command('create')
    .description('pack the evidence of a run')
    .argument('[run]', 'id, folder or journal of a run (default: the last run)')
    .requiredOption('-o, --output <file>', 'file for the pack; it must not exist')
    .option('-k, --key <file>', 'private key that signs the pack, Ed25519 or ECDSA P-256, in PEM; repeatable', repeated)
    .option('--previous <pack>', 'pack of the previous run, which this one names by its digest')
    .option('--timestamp <url>', 'timestamp authority (RFC 3161) for each signature (default: timestampAuthority)')
    .option('--no-timestamp', 'add no timestamp, even if the configuration names an authority')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
Reports in the pack are made from the journal, and not copied. The passphrase of
an encrypted key is read from DR_DRILL_KEY_PASSPHRASE. A timestamp authority
receives the digest of each signature, and nothing else.

Examples:
  $ openssl genpkey -algorithm ed25519 -out operator.key
  $ openssl pkey -in operator.key -pubout -out operator.pem
  $ dr-drill evidence create -o evidence.tar --key operator.key
  $ dr-drill evidence create -o may.tar -k operator.key --previous april.tar
  $ dr-drill evidence create -o may.tar -k operator.key \\
      --timestamp http://tsa.example

Exit codes: 0 pack written, 2 wrong input, 3 not writable, or no timestamp.`,
    )
    .action(async (text: string | undefined, flags: CreateFlags) => {
      const config = readConfig(process.cwd(), flags.config)
      const run = findRun(text, resolve(config.reports))
      if (existsSync(flags.output)) throw new InputError(`${flags.output} exists. A pack is never overwritten.`)
      const keys = (flags.key ?? []).map((path) => readSigningKey(path))
      const stamp = stampOf(flags, config.timestampAuthority, keys.length > 0)
      const predecessor = flags.previous === undefined ? undefined : await predecessorIn(flags.previous)
      const {
        entries,
        torn,
        content: journal,
        counts: inJournal,
      } = redactJournal(readRunJournal(run.journal), run.journal)
      const cut = cutText(entries, torn)
      if (cut !== undefined) process.stderr.write(`${run.journal}: ${cut}\n`)
      const { files: own, counts: inFiles } = redactFiles([
        ...filesIn(join(run.folder, 'boot'), 'boot'),
        ...configurationFiles(flags.config ?? configName, config.topologies.folder),
      ])
      const counts = { ...(inJournal && { 'journal.ndjson': inJournal }), ...inFiles }
      const replaced = Buffer.from(`${JSON.stringify(counts, undefined, 2)}\n`)
      const files = [...(await reportFiles(entries)), ...own, { path: 'redactions.json', content: replaced }]
      const pack = await createPack({
        entries,
        journal,
        files,
        keys,
        ...(predecessor && { predecessor }),
        ...(stamp && { stamp }),
      })
      writePack(flags.output, pack)
      const signed =
        keys.length === 0 ? 'It has no signature. To add one: dr-drill evidence sign' : `Signatures: ${keys.length}.`
      for (const [path, kinds] of Object.entries(counts))
        process.stdout.write(`${path}: secrets were replaced: ${redactionText(kinds)}\n`)
      process.stdout.write(`${flags.output}: ${pack.length} bytes, SHA-256 ${sha256(pack)}\n${signed}\n`)
    })
}

interface SignFlags extends TimestampFlags {
  readonly config?: string
  readonly key: readonly string[]
}

function signCommand(): Command {
  return new Command('sign')
    .description('add a signature to a pack')
    .argument('<pack>', 'file of the pack')
    .requiredOption('-k, --key <file>', 'private key, Ed25519 or ECDSA P-256, in PEM; repeatable', repeated)
    .option('--timestamp <url>', 'timestamp authority (RFC 3161) for each new signature (default: timestampAuthority)')
    .option('--no-timestamp', 'add no timestamp, even if the configuration names an authority')
    .option('--config <file>', `configuration file (default: ${configName})`)
    .addHelpText(
      'after',
      `
The pack is checked first. A pack that was altered is not signed.

Examples:
  $ dr-drill evidence sign evidence.tar --key approver.key

Exit codes: 0 signed, 2 wrong input or an altered pack, 3 not writable, or no
timestamp.`,
    )
    .action(async (path: string, flags: SignFlags) => {
      const keys = flags.key.map((one) => readSigningKey(one))
      const stamp = stampOf(flags, readConfig(process.cwd(), flags.config).timestampAuthority, true)
      const pack = await signPack(readPack(path), path, keys, stamp)
      writePack(path, pack)
      process.stdout.write(`${path}: signed. SHA-256 ${sha256(pack)}\n`)
    })
}

function readRunJournal(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new InputError(`cannot read the journal ${path}: ${(cause as Error).message}`, { cause })
  }
}

function writePack(path: string, pack: Uint8Array): void {
  try {
    writeWhole(path, pack)
  } catch (error) {
    throw writingFailed(path, error)
  }
}

function configurationFiles(config: string, topologies: string): readonly PackFile[] {
  const own = existsSync(config) ? [{ path: configName, content: readFileSync(config) }] : []
  return [...own, ...filesIn(topologies, 'topologies')]
}
