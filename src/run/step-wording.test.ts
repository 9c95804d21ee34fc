import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nearestWording } from './step-wording.ts'

const wordings = [
  'site {string} is lost',
  '{site} backs up to the share {share}',
  'workload {string} of {int} VM(s) with {int} disk(s)( each) has a full snapshot and {int} incremental snapshot(s)',
  'every/the restore has the content that was backed up',
  'the/every origin path{whichOrigin} is bound{toShare} on {nodes}{inFstab}',
  '{nodes} is rebooted',
]

describe('the wording nearest to a step', () => {
  const rows: readonly [string, string | undefined][] = [
    ['site "primary" was lost', wordings[0]],
    ['the site "primary" is lost', wordings[0]],
    ['site "primary" writes backups to the share "10.10.2.20:/upstream"', wordings[1]],
    ['workload "web" of 2 VMs with 1 disk has a full and 3 incremental snapshots', wordings[2]],
    ['every restore has the content that was backuped', wordings[3]],
    ['the origin path is boud on every node', wordings[4]],
    ['the origin path is bound on every node and keept in fstab', wordings[4]],
    ['every node is reboted', wordings[5]],
    ['every node reboots', undefined],
    ['pigs fly', undefined],
  ]
  for (const [text, wording] of rows)
    it(`of "${text}" is ${wording === undefined ? 'none' : `"${wording}"`}`, () =>
      assert.equal(nearestWording(text, wordings), wording))
})
