import { execFileSync, spawn } from 'node:child_process'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type Seed, secretPayload } from '../image/damage.fixture.ts'
import { type SilentField, withoutSilentChanges } from '../image/silent-fields.fixture.ts'

/**
 * Compares the content with that before the damage, and reads all of it where that could not show an error. For an image
 * without a raw file, the content is not read.
 */
const judge = `
out=$1; shift
while IFS= read -r name && IFS= read -r raw; do
  set -- --object secret,id=s,data=${secretPayload}
  timeout 20 qemu-img info "$@" --image-opts "$name" >/dev/null 2>&1; info=$?
  timeout 20 qemu-img check "$@" --image-opts "$name" >/dev/null 2>&1; checked=$?
  content=unread
  if [ -n "$raw" ]; then
    said=$(timeout 20 qemu-img compare "$@" --image-opts "$name" "driver=raw,file.filename=$raw" 2>&1); compared=$?
    case "$compared $said" in
      *'size mismatch'*|'1 '*)
        if timeout 20 qemu-img convert "$@" --image-opts "$name" -O raw "$out" >/dev/null 2>&1; then content=other
        else content=unreadable; fi; rm -f "$out";;
      '0 '*) content=same;;
      *) content=unreadable;;
    esac
  fi
  echo "$info $checked $content"
done`

/** What QEMU finds in an image. */
export interface Truth {
  /** The exit code of `qemu-img info`. */
  readonly info: number
  readonly check: number
  readonly content: 'same' | 'other' | 'unreadable' | 'unread'
}

/** A damaged image. */
export interface Suspect {
  readonly path: string
  readonly seed: Seed
  /** A file with the content before the damage. Undefined if the content is not to be read. */
  readonly raw?: string
}

/** What `qemu-img info`, `check` and `convert` find in damaged images. */
export async function truthAbout(folder: string, images: readonly Suspect[]): Promise<readonly Truth[]> {
  const half = Math.ceil(images.length / 2)
  const parts = [images.slice(0, half), images.slice(half)].filter(({ length }) => length > 0)
  const truths = parts.map((part, nth) => truthAboutPart(join(folder, `out-${nth}`), part))
  return (await Promise.all(truths)).flat()
}

async function truthAboutPart(out: string, images: readonly Suspect[]): Promise<readonly Truth[]> {
  const process = spawn('sh', ['-c', judge, 'sh', out], { stdio: ['pipe', 'pipe', 'inherit'] })
  process.stdin.end(images.map(({ path, seed, raw = '' }) => `${optionsOf(seed, path)}\n${raw}\n`).join(''))
  const lines = (await text(process.stdout)).trimEnd().split('\n')
  if (lines.length !== images.length) throw new Error(`${lines.length} results for ${images.length} images`)
  return lines.map((line) => {
    const [info = '', check = '', content = ''] = line.split(' ')
    return { info: Number(info), check: Number(check), content: content as Truth['content'] }
  })
}

const optionsOf = ({ isEncrypted }: Seed, path: string): string =>
  `driver=qcow2,${isEncrypted ? 'encrypt.key-secret=s,' : ''}file.filename=${path}`

/** A damaged image, and the image before the damage. */
export interface Damaged extends Suspect {
  readonly bytes: Buffer
  readonly original: Buffer
}

/**
 * For each image, the changed fields that nothing contradicts, if QEMU reads the content before the damage once only they
 * have their first values again. Otherwise none: then they do not explain what it reads.
 */
export async function explain(
  folder: string,
  images: readonly Damaged[],
): Promise<readonly (readonly SilentField[])[]> {
  const changes = images.map(({ original, bytes }) => withoutSilentChanges(original, bytes))
  const repaired = images.flatMap((image, nth) => {
    const { fields, bytes } = changes[nth] ?? { fields: [], bytes: image.bytes }
    if (fields.length === 0) return []
    const path = join(folder, `repaired-${nth}`)
    writeFileSync(path, bytes)
    return [{ ...image, path, fields }]
  })
  const truths = await truthAbout(folder, repaired)
  for (const { path } of repaired) rmSync(path)
  const explained = new Map<Damaged['bytes'], readonly SilentField[]>()
  for (const [nth, { bytes, fields }] of repaired.entries())
    if (truths[nth]?.content === 'same') explained.set(bytes, fields)
  return images.map(({ bytes }) => explained.get(bytes) ?? [])
}

/** Writes the content of a seed to a file, and returns the file. */
export function readSeedOut(seed: Seed, raw: string): string {
  const object = ['--object', `secret,id=s,data=${secretPayload}`]
  execFileSync('qemu-img', ['convert', ...object, '--image-opts', optionsOf(seed, seed.path), '-O', 'raw', raw])
  return raw
}
