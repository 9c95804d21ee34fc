import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { derive } from './derive.ts'
import type { Attempt, ChainObservation, Evidence, ObservedLink } from './evidence.ts'
import type { ReasonKind } from './reason.ts'

const local = '/m/local'
const origin = '/m/origin'
const sound = (base: string): ObservedLink['mountPath'] => ({ path: base, state: 'directory', entries: 1 })

function linkAt(base: string, state = 'image', mountPath: Partial<ObservedLink['mountPath']> = {}): ObservedLink {
  return { path: `${base}/workload_1/image`, state, mountPath: { ...sound(base), ...mountPath } }
}

function attempt(facts: Partial<Attempt> = {}): Attempt {
  return { part: 'reading', where: 'compute', ended: 'exited', exitCode: 1, stdout: '', stderr: '', ...facts }
}

const sized = attempt({ part: 'sizing', where: 'appliance', exitCode: 0 })

function observed(links: readonly ObservedLink[], facts: Partial<ChainObservation> = {}): ChainObservation {
  return { where: 'compute', answered: true, links, mounts: '', ...facts }
}

function reasonFor(facts: Partial<Evidence>) {
  return derive({ attempts: [sized, attempt()], recordedDigest: 'recorded', ...facts })
}

describe('the reason of a restore whose tools succeeded', () => {
  const attempts = [sized, attempt({ exitCode: 0 })]

  it('is undefined with the recorded content', () => {
    assert.equal(reasonFor({ attempts, restoredDigest: 'recorded' }), undefined)
  })
  it('is wrong content with any other content, on the node that read it out', () => {
    assert.deepEqual(reasonFor({ attempts, restoredDigest: 'other' }), {
      kind: 'wrong content',
      node: 'compute',
      sentence: 'its content on compute differs from what was backed up',
    })
  })
  it('is unknown if the content was not digested', () => {
    assert.equal(reasonFor({ attempts })?.kind, 'unknown')
  })
})

describe('the reason of a restore whose chain was refused', () => {
  const refusal = { kind: 'unsafe image', path: '/m/local/x', sentence: '/m/local/x names a parent elsewhere' } as const
  it('is that of the refusal, whatever a look at its links shows', () => {
    const attempts = [attempt({ ended: 'not tried', exitCode: null, refusal })]
    const { kind, path } = refusal
    assert.deepEqual(reasonFor({ attempts, observation: observed([linkAt(local, 'ENOENT')]) }), {
      ...{ kind, path, node: 'compute' },
      sentence: '/m/local/x names a parent elsewhere on compute',
    })
  })
})

describe('the reason of a restore that was not tried, because one before it stalled', () => {
  it('is an unsafe image if a name in its chain leads out of the targets', () => {
    const attempts = [attempt({ ended: 'not tried', exitCode: null })]
    const links = [linkAt(local), { ...linkAt('/etc', 'outside the targets'), mountPath: { path: '/etc', state: '' } }]
    assert.deepEqual(reasonFor({ attempts, observation: observed(links) }), {
      kind: 'unsafe image',
      path: '/etc/workload_1/image',
      node: 'compute',
      sentence: '/etc/workload_1/image is outside of the targets, and was not opened on compute',
    })
  })
})

describe('the reason of a restore that failed', () => {
  const image = linkAt(local)
  const cases: readonly [seen: string, links: readonly ObservedLink[], kind: ReasonKind, path?: string][] = [
    ['sound links', [image, linkAt(origin)], 'unknown', ''],
    ['no origin path', [image, linkAt(origin, 'ENOENT', { state: 'ENOENT' })], 'origin path missing', origin],
    ['an empty origin path', [image, linkAt(origin, 'ENOENT', { entries: 0 })], 'origin path empty', origin],
    [
      'a file at the origin path',
      [image, linkAt(origin, 'ENOTDIR', { state: 'ENOTDIR' })],
      'origin path not a directory',
      origin,
    ],
    [
      'a symbolic link to itself there',
      [image, linkAt(origin, 'ELOOP', { state: 'ELOOP' })],
      'origin path not a directory',
      origin,
    ],
    ['no parent', [image, linkAt(origin, 'ENOENT')], 'parent missing', linkAt(origin).path],
    ['no image', [linkAt(local, 'ENOENT')], 'image missing', image.path],
    // The image is at the local path, so its reason cannot be an origin path.
    ['no image, and no share either', [linkAt(local, 'ENOENT', { state: 'ENOENT' })], 'image missing', image.path],
    ['a parent that is not qcow2', [image, linkAt(origin, 'not qcow2')], 'not qcow2', linkAt(origin).path],
    ['a parent that is not a file', [image, linkAt(origin, 'not a file')], 'not qcow2', linkAt(origin).path],
    ['EACCES', [image, linkAt(origin, 'EACCES')], 'permission denied', linkAt(origin).path],
    ['EPERM', [image, linkAt(origin, 'EPERM')], 'permission denied', linkAt(origin).path],
    ['a closed origin path', [image, linkAt(origin, 'ENOENT', { state: 'EACCES' })], 'permission denied', origin],
    ['EIO', [image, linkAt(origin, 'EIO')], 'not answering', linkAt(origin).path],
    ['ESTALE', [image, linkAt(origin, 'ESTALE')], 'stale handle', linkAt(origin).path],
    ['ENOTCONN', [image, linkAt(origin, 'ENOTCONN')], 'not connected', linkAt(origin).path],
    ['ECONNABORTED', [image, linkAt(origin, 'ECONNABORTED')], 'not connected', linkAt(origin).path],
    ['ENOLCK', [image, linkAt(origin, 'ENOLCK')], 'locked', linkAt(origin).path],
    ['EAGAIN', [image, linkAt(origin, 'EAGAIN')], 'locked', linkAt(origin).path],
    ['a file that appeared later', [image, linkAt(origin, 'not visible yet')], 'not visible yet', linkAt(origin).path],
    ['EACCES by modes', [image, { ...linkAt(origin, 'EACCES'), modesPermit: false }], 'permission denied'],
    ['EACCES although modes permit', [image, { ...linkAt(origin, 'EACCES'), modesPermit: true }], 'denied by policy'],
    ['EPERM although modes permit', [image, { ...linkAt(origin, 'EPERM'), modesPermit: true }], 'denied by policy'],
    ['a mount without its process', [image, linkAt(origin, 'ENOENT', { state: 'ENOTCONN' })], 'not connected', origin],
    ['a denied folder that can be passed', [image, linkAt(origin, 'not qcow2', { state: 'EACCES' })], 'not qcow2'],
    ['ETIMEDOUT', [linkAt(local, 'ETIMEDOUT')], 'not answering', image.path],
    ['a stale mount', [image, linkAt(origin, 'ENOENT', { state: 'ESTALE' })], 'stale handle', origin],
    ['EHOSTUNREACH', [image, linkAt(origin, 'EHOSTUNREACH')], 'not answering', linkAt(origin).path],
    ['ECONNREFUSED', [image, linkAt(origin, 'ECONNREFUSED')], 'not answering', linkAt(origin).path],
    ['EHOSTDOWN', [image, linkAt(origin, 'EHOSTDOWN')], 'not answering', linkAt(origin).path],
    ['a path that the chain has already', [image, linkAt(origin), linkAt(origin)], 'cycle', linkAt(origin).path],
    [
      'a file that the chain has already by another path',
      [
        { ...image, file: '1:2' },
        { ...linkAt(origin), file: '1:2' },
      ],
      'cycle',
      linkAt(origin).path,
    ],
    [
      'a defect beside a cycle',
      [linkAt(local, 'EIO'), linkAt(origin), linkAt(origin)],
      'not answering',
      linkAt(local).path,
    ],
    ['an error that proves nothing', [image, linkAt(origin, 'ELOOP')], 'unknown', linkAt(origin).path],
    ['the first of two that are bad', [linkAt(local, 'EIO'), linkAt(origin, 'ENOENT')], 'not answering', image.path],
  ]
  for (const [seen, links, kind, path = links.at(-1)?.path] of cases)
    it(`is ${kind} for ${seen}`, () => {
      const reason = reasonFor({ observation: observed(links) })
      assert.deepEqual([reason?.kind, reason?.path ?? '', reason?.node], [kind, path, 'compute'])
      assert.match(reason?.sentence ?? '', / on compute$|on compute and /)
    })

  it('is unknown with nothing but standard error, whatever its text', () => {
    const stderr = `qemu-img: Could not open '${origin}/x': No such file or directory`
    const reason = reasonFor({ attempts: [sized, attempt({ stderr })] })
    assert.deepEqual([reason?.kind, reason?.path], ['unknown', undefined])
    assert.ok(reason?.sentence.includes(stderr), reason?.sentence)
  })
  it('is unknown if only another node was observed', () => {
    const links = [image, linkAt(origin, 'ENOENT', { state: 'ENOENT' })]
    assert.equal(reasonFor({ observation: observed(links, { where: 'appliance' }) })?.kind, 'unknown')
  })
  it('names the node of the part that failed', () => {
    const attempts = [attempt({ part: 'sizing', where: 'appliance' })]
    const observation = observed([linkAt(local, 'ENOENT')], { where: 'appliance' })
    assert.equal(reasonFor({ attempts, observation })?.node, 'appliance')
  })
  it('is not answering if looking timed out', () => {
    assert.equal(reasonFor({ observation: observed([], { answered: false }) })?.kind, 'not answering')
  })
  it('is not undefined for a matching digest if a part failed', () => {
    assert.equal(reasonFor({ restoredDigest: 'recorded', observation: observed([image]) })?.kind, 'unknown')
  })
})

describe('the reason of a restore without progress', () => {
  for (const ended of ['stalled', 'not tried'] as const) {
    const attempts = [sized, attempt({ ended, exitCode: null })]
    it(`is not answering if it was ${ended}, although its links look sound now`, () => {
      assert.equal(reasonFor({ attempts, observation: observed([linkAt(local)]) })?.kind, 'not answering')
    })
    it(`is a cycle if it was ${ended} and its chain has one`, () => {
      const links = [linkAt(local), linkAt(origin), linkAt(origin)]
      assert.equal(reasonFor({ attempts, observation: observed(links) })?.kind, 'cycle')
    })
    it(`is the defect of a link if it was ${ended}`, () => {
      const observation = observed([linkAt(local), linkAt(origin, 'ENOENT', { state: 'ENOENT' })])
      assert.equal(reasonFor({ attempts, observation })?.kind, 'origin path missing')
    })
    it(`is unknown if it was ${ended} and nothing was observed`, () => {
      assert.equal(reasonFor({ attempts })?.kind, 'unknown')
    })
  }
})
