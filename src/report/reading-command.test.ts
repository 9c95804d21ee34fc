import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isReading } from './reading-command.ts'

describe('a command that changes nothing', () => {
  for (const line of [
    'findmnt -t nfs,nfs4; cat /etc/fstab',
    'sudo cat /etc/fstab | grep -v "^#" | sort',
    'mount',
    'mount -t nfs4',
    'ip a',
    'systemctl status tvault-object-store',
    'sudo qemu-img info /x',
  ])
    it(`is: ${line}`, () => assert.ok(isReading(line)))
  for (const line of [
    'mount --bind a b',
    'mount -a',
    'cat > /etc/fstab',
    'echo $(umount /x)',
    'ls; sudo umount /x',
    'sudo sh -s',
    'ip link set eth0 down',
    'systemctl restart x',
    'sudo qemu-img check -r all /x',
    'cat x && vi /etc/fstab',
    'constructor',
  ])
    it(`is not: ${line}`, () => assert.ok(!isReading(line)))
})
