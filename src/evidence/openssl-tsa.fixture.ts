import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const configuration = `
[ tsa ]
default_tsa = own
[ own ]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = yes
ess_cert_id_alg = sha256
[ root ]
basicConstraints = critical,CA:TRUE
[ authority ]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[ website ]
extendedKeyUsage = critical,serverAuth
[ no_authority ]
basicConstraints = critical,CA:FALSE
`

/** A certificate to make: `name.pem` and `name.key`. */
export interface CertificateOrder {
  readonly name: string
  /** The certificate that signs it. Undefined for itself. */
  readonly by?: string
  readonly extensions: string
  readonly algorithm?: 'EC' | 'RSA'
  /** How long it is valid. Negative for one that has expired already. */
  readonly days?: number
}

/** A timestamp authority made by `openssl ts`, and the certificates of its folder. */
export class OpensslTsa implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'dr-drill-tsa-test-'))
  #serial = 1

  constructor() {
    writeFileSync(join(this.folder, 'tsa.cnf'), configuration)
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true })
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  certify({ name, by, extensions, algorithm = 'EC', days = 30 }: CertificateOrder): void {
    const parameters = algorithm === 'EC' ? ['-pkeyopt', 'ec_paramgen_curve:P-256'] : []
    this.openssl('genpkey', '-algorithm', algorithm, ...parameters, '-out', `${name}.key`)
    this.openssl('req', '-new', '-key', `${name}.key`, '-subj', `/O=Example/CN=${name}`, '-out', `${name}.csr`)
    const signer = by === undefined ? ['-key', `${name}.key`] : ['-CA', `${by}.pem`, '-CAkey', `${by}.key`]
    this.openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...signer,
      '-days',
      `${days}`,
      '-set_serial',
      `${this.#serial++}`,
      '-extfile',
      'tsa.cnf',
      '-extensions',
      extensions,
      '-out',
      `${name}.pem`,
    )
  }

  /** Returns the response to a request. */
  reply(query: Uint8Array, signer: string, ...more: readonly string[]): Buffer {
    writeFileSync(this.path('query.tsq'), query)
    writeFileSync(this.path('serial'), '01\n')
    const from = [
      '-config',
      'tsa.cnf',
      '-queryfile',
      'query.tsq',
      '-signer',
      `${signer}.pem`,
      '-inkey',
      `${signer}.key`,
    ]
    this.openssl('ts', '-reply', ...from, ...more, '-out', 'reply.tsr')
    return readFileSync(this.path('reply.tsr'))
  }

  /** Returns what a response would be if a certificate that is not for timestamps had signed it. */
  resigned(response: Uint8Array, signer: string): Buffer {
    writeFileSync(this.path('from.tsr'), response)
    this.openssl('ts', '-reply', '-in', 'from.tsr', '-token_out', '-out', 'from.der')
    this.openssl('cms', '-verify', '-noverify', '-inform', 'DER', '-in', 'from.der', '-binary', '-out', 'time.der')
    const type = ['-nodetach', '-binary', '-econtent_type', '1.2.840.113549.1.9.16.1.4']
    const by = ['-signer', `${signer}.pem`, '-inkey', `${signer}.key`]
    this.openssl('cms', '-sign', '-in', 'time.der', ...type, ...by, '-outform', 'DER', '-out', 'to.der')
    this.openssl('ts', '-reply', '-in', 'to.der', '-token_in', '-out', 'to.tsr')
    return readFileSync(this.path('to.tsr'))
  }

  openssl(...args: readonly string[]): string {
    const { status, stdout, stderr } = spawnSync('openssl', args, { cwd: this.folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`)
    return stdout
  }
}
