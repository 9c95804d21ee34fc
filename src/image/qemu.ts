import type { Argv } from '../shell/shell.ts'

/**
 * The commands of qemu-img and qemu-io, and the parsers of their output. Everything that dr-drill knows about their
 * options is here. The caller decides where, as which user, and how many in one process.
 */

/** An image or disk as an argument: by its name, or by an explicit graph that overrides the names inside of it. */
export type Source = { readonly format: 'raw' | 'qcow2'; readonly path: string } | { readonly graph: Graph }

/** A qcow2 image, opened over exactly this parent. The parent opens its own by name. */
export interface Graph {
  readonly path: string
  /** A qcow2 image. */
  readonly parent: string
  /** The secret of an encrypted parent. */
  readonly parentSecret?: Secret
}

/** The secret of an encrypted image, in a file: every user can read a command line. */
export interface Secret {
  /** Its id in the command and in the names in images. */
  readonly id: string
  readonly file: string
}

export interface Parent {
  /** The name that is written into the image. */
  readonly name: string
}

/** Creates an empty image; with a parent, an overlay of it (which is opened). */
export function create(path: string, virtualSizeBytes: number, parent?: Parent): Argv {
  const backing = parent === undefined ? [] : ['-b', parent.name, '-F', 'qcow2']
  return ['qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, '--', path, `${virtualSizeBytes}`]
}

/**
 * Writes all of `source` to a new image at `path`; with a parent, only what `source` itself holds above its own parent,
 * which must have the same content.
 */
export function convertToImage(source: Source, path: string, parent?: Parent): Argv {
  const backing = parent === undefined ? [] : ['-B', parent.name, '-F', 'qcow2']
  return ['qemu-img', 'convert', ...opened(source), '-O', 'qcow2', ...backing, '--', named(source), path]
}

/**
 * Like `convertToImage`, into an existing, empty, encrypted image with that parent. Creating one costs QEMU a second
 * for key derivation, and fails on machines without precise processor times.
 */
export function convertToEncrypted(source: Source, path: string, secret: Secret, parent?: Parent): Argv {
  const backing = parent === undefined ? [] : ['-B', parent.name, '-F', 'qcow2']
  const target = ['--target-image-opts', '-n', ...backing, '--', named(source), encryptedImage(path, secret)]
  return ['qemu-img', 'convert', ...known(secret), ...opened(source), ...target]
}

/** Writes the data of an image into its parent, which it opens by name. */
export function commit(path: string, secret?: Secret): Argv {
  return ['qemu-img', 'commit', '-q', ...(secret === undefined ? ['-f', 'qcow2', path] : withSecret(path, secret))]
}

/** Gives an image another name for its parent, and opens neither parent. */
export function renameParent(path: string, parent: Parent, secret?: Secret): Argv {
  const image = secret === undefined ? ['-f', 'qcow2', path] : withSecret(path, secret)
  return ['qemu-img', 'rebase', '-q', '-u', '-F', 'qcow2', '-b', parent.name, ...image]
}

/** Reads an image into a sparse raw file, as a restore does: each link opens its parent by the name in its header. */
export function readOut(image: string, disk: string): Argv {
  return ['qemu-img', 'convert', '-p', '-f', 'qcow2', '-O', 'raw', '--', image, disk]
}

/** An image of a chain, and the id of its secret. */
export interface ChainLink {
  readonly path: string
  readonly secret?: string
}

/**
 * Reads a chain by the names in its images, and by an explicit graph of just these files, the image itself first. Exits
 * with 0 if both have the same content, and with 1 if they do not.
 */
export function compareByNames(links: readonly ChainLink[]): Argv {
  const image = ({ path, secret }: ChainLink) => ({
    driver: 'qcow2',
    ...(secret !== undefined && { 'encrypt.key-secret': secret }),
    file: { driver: 'file', filename: path },
  })
  const graph = links.reduceRight<object | null>((backing, link) => ({ ...image(link), backing }), null)
  const [top = { path: '' }] = links
  const named = top.secret === undefined ? top.path : `json:${JSON.stringify(image(top))}`
  const format = top.secret === undefined ? ['-f', 'qcow2'] : []
  return ['qemu-img', 'compare', '-p', '-U', ...format, '--', named, `json:${JSON.stringify(graph)}`]
}

/** Opens a whole chain, and prints what `parseChain` reads. */
export function describeChain(image: string): Argv {
  return ['qemu-img', 'info', '-f', 'qcow2', '--backing-chain', '--output=json', '--', image]
}

/** Describes one image. Succeeds without its parent, which is not opened. */
export function describeImage(image: string): Argv {
  return ['qemu-img', 'info', '-f', 'qcow2', '--output=json', '--', image]
}

/** A write to an image. `zero` and `discard` both read as zeroes afterwards, even over data of the parent. */
export type Write = { readonly offset: number; readonly lengthBytes: number } & (
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'pattern'; readonly byte: number }
  | { readonly kind: 'zero' }
  | { readonly kind: 'discard' }
)

/** Makes several writes to an image. Exits with non-zero if one fails. File names have no blanks. */
export function write(target: Source, writes: readonly Write[]): Argv {
  const commands = writes.map((one) => {
    const range = `${one.offset} ${one.lengthBytes}`
    if (one.kind === 'file') return `write -q -s ${one.path} ${range}`
    if (one.kind === 'pattern') return `write -q -P ${one.byte} ${range}`
    return `write -q -z ${one.kind === 'discard' ? '-u ' : ''}${range}`
  })
  const secret = 'graph' in target && target.graph.parentSecret ? known(target.graph.parentSecret) : []
  return [
    'qemu-io',
    ...secret,
    ...opened(target),
    '-d',
    'unmap',
    ...commands.flatMap((command) => ['-c', command]),
    named(target),
  ]
}

/** One link of a chain as `describeChain` prints it, the image itself first. */
export interface Link {
  readonly name: string
  readonly virtualSizeBytes: number
  /** The name in the header. */
  readonly backingName?: string
}

/**
 * Reads the output of `describeChain`.
 * @throws SyntaxError or TypeError for other output
 */
export function parseChain(stdout: string): readonly Link[] {
  const links: unknown = JSON.parse(stdout)
  if (!Array.isArray(links)) throw new TypeError('qemu-img did not print a list')
  return links.map((link) => {
    const { filename, 'virtual-size': size, 'backing-filename': backing } = link as Record<string, unknown>
    if (typeof filename !== 'string' || typeof size !== 'number') throw new TypeError('qemu-img described no image')
    return { name: filename, virtualSizeBytes: size, ...(typeof backing === 'string' && { backingName: backing }) }
  })
}

/** A name that starts with `json:` states its format itself. */
function opened(source: Source): readonly string[] {
  return 'graph' in source ? [] : ['-f', source.format]
}

function named(source: Source): string {
  if (!('graph' in source)) return source.path
  const file = (filename: string) => ({ driver: 'file', filename })
  const { path, parent, parentSecret } = source.graph
  const key = parentSecret && { 'encrypt.key-secret': parentSecret.id }
  return `json:${JSON.stringify({ driver: 'qcow2', file: file(path), backing: { driver: 'qcow2', ...key, file: file(parent) } })}`
}

function known({ id, file }: Secret): readonly string[] {
  return ['--object', `secret,id=${id},file=${doubled(file)}`]
}

/** An encrypted image as an argument. */
function withSecret(path: string, secret: Secret): readonly string[] {
  return [...known(secret), '--image-opts', encryptedImage(path, secret)]
}

function encryptedImage(path: string, { id }: Secret): string {
  return `driver=qcow2,encrypt.key-secret=${id},file.driver=file,file.filename=${doubled(path)}`
}

/** In QEMU's lists of options a comma is written twice. */
function doubled(text: string): string {
  return text.replaceAll(',', ',,')
}
