import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { InputError } from '../errors.ts'
import { type Bucket, bucketIn, parseShareOrBucket, withoutPort } from './bucket.ts'
import { mountPathOf } from './mount-path.ts'
import { decodeMountPath, nameOfReading } from './origin.ts'

const base = '/var/trilio/triliovault-mounts'
const encoded = (text: string) => Buffer.from(text).toString('base64')

describe('an S3 bucket', () => {
  const rows: readonly (readonly [url: string, encodes: string, name: string])[] = [
    ['s3://trilio-backups', 'trilio-backups', 'the S3 bucket trilio-backups on AWS'],
    ['s3://trilio-backups/', 'trilio-backups', 'the S3 bucket trilio-backups on AWS'],
    ['https://s3.example:9000/b.1', 's3.example:9000/b.1', 'the S3 bucket b.1 on s3.example:9000'],
    ['http://10.0.0.5/Backups_1/', '10.0.0.5/Backups_1', 'the S3 bucket Backups_1 on 10.0.0.5'],
    ['HTTPS://[fd00::5]:9000/abc', '[fd00::5]:9000/abc', 'the S3 bucket abc on [fd00::5]:9000'],
  ]
  for (const [url, text, name] of rows)
    it(`is mounted by the encoding of the whole, whatever the path rule: ${url}`, () => {
      const bucket = parseShareOrBucket(url)
      for (const rule of ['share', 'export'] as const)
        assert.equal(mountPathOf(base, bucket, rule), `${base}/${encoded(text)}`)
      const [reading, ...others] = decodeMountPath(`${base}/${encoded(text)}`)?.candidates ?? []
      assert.ok(reading)
      assert.deepEqual([reading.rule, nameOfReading(reading), others], ['whole', name, []])
    })

  it('is wrong input without a name, or with what its scheme does not have', () => {
    for (const url of [
      's3://',
      's3://host/bucket',
      'https://bucket',
      'https://a b/bucket',
      's3://ab',
      'https://h:0/abc',
    ])
      assert.throws(() => parseShareOrBucket(url), InputError, url)
  })

  it('on AWS is recognized below a known base directory only: other folders may be named by chance', () => {
    assert.equal(decodeMountPath(`/srv/${encoded('backups1')}`), undefined)
    assert.equal(decodeMountPath(`/srv/${encoded('s3.example/backups')}`)?.candidates[0].rule, 'whole')
  })

  it('is not found in the encoding of a share or of an export', () => {
    for (const text of ['10.0.0.1:/backups', '/backups', 'a/b/c', 'bucket\n', 'ab', '-abc', 'abc-'])
      assert.notEqual(decodeMountPath(`${base}/${encoded(text)}`)?.candidates[0].rule, 'whole', text)
  })

  it('has another path without its port', () => {
    const paths = ['s3.example:9000/abc', '[fd00::5]:9000/abc', 's3.example/abc', 'abc'].map((text) => {
      const bucket = bucketIn(text) as Bucket
      return withoutPort(bucket)?.text
    })
    assert.deepEqual(paths, ['s3.example/abc', '[fd00::5]/abc', undefined, undefined])
  })
})
