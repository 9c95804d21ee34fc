import { closingLine, type RunOverview } from '../report/run-overview.ts'

/** Returns the README of a pack: what it holds, and how to check it with `sha256sum` and `openssl` alone. */
export function packReadme(run: RunOverview): string {
  return `# Evidence of drill run ${run.run}

${closingLine(run)}. Exit code: ${run.exitCode ?? 'none, the run was killed'}. dr-drill ${run.version}, started ${run.startedAt}.

| file | holds |
|---|---|
| \`journal.ndjson\` | everything that happened in the run, one entry a line. All reports follow from it |
| \`index.html\`, \`summary.md\`, \`junit.xml\`, … | reports of the run |
| \`features/\` | the scenarios, and the scripts of exercises, as they were read for the run |
| \`dr-drill.config.yaml\`, \`topologies/\` | the configuration of the project when this pack was made |
| \`recordings/\` | the sessions of an exercise, for \`asciinema play\`. The journal has their SHA-256 |
| \`boot/\` | the consoles of the machines of the labs |
| \`redactions.json\` | how many secrets were replaced in the files above when this pack was made. Entries of the journal have their own, \`redacted\` |
| \`tools/digest.py\` | computes the content digest of a disk, to compare it with a digest in the journal |
| \`SHA256SUMS\` | the SHA-256 of each of these files |
| \`signatures/\` | two statements about \`SHA256SUMS\`, and who signed them |

## Check it with dr-drill

\`\`\`console
$ dr-drill evidence verify FILE --trust operator=operator.pem
\`\`\`

## Check it without dr-drill

Use a public key that its owner gave you. A key in \`signatures/\` proves only that the pack belongs to some key.

1. Compare the files with the manifest. Each line must end with OK:

   \`\`\`console
   $ sha256sum --check SHA256SUMS
   \`\`\`

2. Compare the manifest with the signed statement. This must print 1 or more:

   \`\`\`console
   $ grep -c "$(sha256sum SHA256SUMS | cut -c1-64)" signatures/drill.signed
   \`\`\`

3. Check the signature of the statement. KEY is the first part of the name of the signature. For an Ed25519 key:

   \`\`\`console
   $ openssl pkeyutl -verify -pubin -inkey operator.pem -rawin -in signatures/drill.signed -sigfile signatures/KEY.drill.sig
   \`\`\`

   For an ECDSA key:

   \`\`\`console
   $ openssl dgst -sha256 -verify operator.pem -signature signatures/KEY.drill.sig signatures/drill.signed
   \`\`\`

4. Read the statement: \`signatures/drill.signed\` is text. It names the outcome of each scenario, and the pack that precedes
   this one by its SHA-256.

5. If the signature has a timestamp, check it with certificates of the authority (tsa.pem), which it publishes:

   \`\`\`console
   $ openssl ts -verify -data signatures/KEY.drill.sig -in signatures/KEY.drill.tsr -CAfile tsa.pem
   \`\`\`

   This prints the time. The signature existed then, and so did all files:

   \`\`\`console
   $ openssl ts -reply -in signatures/KEY.drill.tsr -text
   \`\`\`

   If a certificate has expired since, add \`-attime SECONDS\` to the check, with that time in seconds since 1970.

With cosign, for each signer:

\`\`\`console
$ cosign verify-blob-attestation --key operator.pem --bundle signatures/KEY.test-result.sigstore.json \\
    --type https://in-toto.io/attestation/test-result/v0.1 --insecure-ignore-tlog SHA256SUMS
\`\`\`

\`test-result\` knows only passed, warned and failed. It counts scenarios that are unknown, or were not run, as failed.
`
}
