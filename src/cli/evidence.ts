import { Command } from 'commander'
import { configName } from '../project/config-name.ts'
import type { CreateFlags } from './evidence-create.ts'
import type { SignFlags } from './evidence-sign.ts'
import { verifyCommand } from './evidence-verify.ts'
import { repeated } from './repeatable.ts'

/** `evidence`: packs that prove later what a run found. A verification loads no code that creates or signs packs. */
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
    .action(async (run: string | undefined, flags: CreateFlags) => {
      const { createEvidence } = await import('./evidence-create.ts')
      await createEvidence(run, flags)
    })
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
    .action(async (pack: string, flags: SignFlags) => {
      const { signEvidence } = await import('./evidence-sign.ts')
      await signEvidence(pack, flags)
    })
}
