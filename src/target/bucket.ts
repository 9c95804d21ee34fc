import { InputError } from '../errors.ts'
import { isHost, parseShare, type Share } from './share.ts'

/** An S3 bucket as a target. The product mounts it with FUSE. */
export interface Bucket {
  /** The part that the mount path encodes: the bucket on AWS, `host[:port]/bucket` elsewhere. */
  readonly text: string
  readonly bucket: string
  /** `host[:port]`. Undefined on AWS. */
  readonly endpoint?: string
}

const schemes = /^(s3|https?):\/\//i

/**
 * Reads a share, or a bucket as a URL: `s3://bucket` on AWS, `https://s3.example:9000/bucket` elsewhere.
 * @throws InputError that names the share or bucket
 */
export function parseShareOrBucket(text: string): Share | Bucket {
  const [scheme, kind = ''] = schemes.exec(text) ?? []
  if (scheme === undefined) return parseShare(text)
  const rest = text.slice(scheme.length).replace(/\/$/, '')
  const bucket = bucketIn(rest)
  const isAws = kind.toLowerCase() === 's3'
  if (bucket !== undefined && (bucket.endpoint === undefined) === isAws) return bucket
  throw new InputError(`not a bucket: ${JSON.stringify(text)}`, {
    remedy: 'Write s3://BUCKET for a bucket on AWS, or https://HOST:PORT/BUCKET elsewhere.',
  })
}

/** The bucket that an encoded text means. Undefined if it means none. */
export function bucketIn(text: string): Bucket | undefined {
  const [, endpoint, bucket] = /^(?:([^/]+)\/)?([^/]+)$/.exec(text) ?? []
  if (bucket === undefined || !isBucketName(bucket)) return undefined
  if (endpoint === undefined) return { text, bucket }
  return isEndpoint(endpoint) ? { text, bucket, endpoint } : undefined
}

/** Without its port, as the Juju action that binds a bucket encodes it. Undefined for a bucket without a port. */
export function withoutPort({ bucket, endpoint }: Bucket): Bucket | undefined {
  const host = endpoint?.replace(/:\d+$/, '')
  return host === undefined || host === endpoint ? undefined : { text: `${host}/${bucket}`, bucket, endpoint: host }
}

/** Amazon's rules for names, with the underscores and capitals that other servers allow. */
const isBucketName = (name: string): boolean =>
  /^[a-z\d][\w.-]{1,61}[a-z\d]$/i.test(name) && !/^\d+(\.\d+){3}$/.test(name)

function isEndpoint(endpoint: string): boolean {
  const [, bracketed, plain, port = '1'] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d{1,5}))?$/.exec(endpoint) ?? []
  const isValidPort = Number(port) >= 1 && Number(port) <= 65_535
  return isValidPort && (bracketed === undefined ? plain !== undefined && isHost(plain) : isHost(`[${bracketed}]`))
}
