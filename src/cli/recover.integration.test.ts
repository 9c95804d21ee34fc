import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import type { NodeResult } from '../recovery/site/node-result.ts'
import type { RecoveryPlan } from '../recovery/site/recovery-plan.ts'
import { SiteHost } from './site-host.fixture.ts'

const isRoot = process.getuid?.() === 0

describe('the command recover', { skip: !isRoot && 'needs root, to mount' }, () => {
  let host: SiteHost
  beforeEach(async () => {
    host = await SiteHost.start()
  })
  afterEach(() => host[Symbol.asyncDispose]())

  it('shows the changes and makes none as a dry run, after a no, and without a terminal', async () => {
    const before = await host.state()
    const dry = await host.drill('recover', host.local, '--persist', '--dry-run', '--yes')
    assert.deepEqual([dry.code, dry.stderr], [1, ''])
    assert.match(dry.stdout, /mount --bind -- \S+ \S+/)
    const asked = await host.drillAtTerminal('n\n', 'recover', host.local, '--persist')
    assert.equal(asked.code, 1)
    assert.match(asked.stdout, /mount --bind [^]*Carry this out at this host\? \[y\/N\] [^]*Nothing was changed\./)
    const alone = await host.drill('recover', host.local, '--persist')
    assert.equal(alone.code, 2)
    assert.match(alone.stderr, /confirmation required, but standard input is not a terminal\n {2}Pass --yes/)
    assert.equal(await host.state(), before)
  })

  it('fails a check for empty mounts at both paths, and names what is expected there', async () => {
    const file = `${host.folder}/plan.json`
    assert.equal((await host.drill('recover', host.local, '--yes', '--verify', 'none')).code, 0)
    assert.equal((await host.drill('plan', host.local, '--out', file)).code, 0)
    await host.output('umount "$2" "$1"; mount -t tmpfs none "$1"; mount --bind "$1" "$2"')
    const { code, stdout } = await host.drill('check', '--plan', file)
    assert.equal(code, 1)
    assert.match(stdout, /missing \(image missing\) [^]*is\s+empty: not one of 2 expected images/)
    assert.match(stdout, /missing \(origin path empty\) [^]*\n✘ 2 paths missing/)
    assert.equal((await host.drill('plan', host.local)).code, 3)
  })

  it('shows what --undo would undo and undoes nothing as a dry run and after a no', async () => {
    const before = await host.state()
    assert.equal((await host.drill('recover', host.local, '--persist', '--yes')).code, 0)
    const done = await host.state()
    const shown = /localhost\s+remove the bind of\s[^]*\sfrom\s+\/etc\/fstab\s+unmount\s[^]*\s+# umount -- .*\s+remove/
    const dry = await host.drill('recover', host.local, '--undo', '--dry-run', '--yes')
    assert.equal(dry.code, 0)
    assert.match(dry.stdout, shown)
    assert.equal(await host.state(), done)
    const asked = await host.drillAtTerminal('n\n', 'recover', host.local, '--undo')
    assert.equal(asked.code, 1)
    assert.match(asked.stdout, shown)
    assert.equal(await host.state(), done)
    const undone = await host.drill('recover', host.local, '--undo', '--yes')
    assert.equal(undone.code, 0)
    assert.match(
      undone.stdout,
      /umount -- [^]*✔ localhost {2}undone {2}3 changes\n\n✔ All changes undone on 1 node\.\n$/,
    )
    assert.equal(await host.state(), before)
    const nothing = await host.drill('recover', host.local, '--undo')
    assert.equal(nothing.code, 0)
    assert.match(
      nothing.stdout.replaceAll(/\s+/g, ' '),
      /^✔ Nothing to undo at this host: no change is on record on this machine, and 1 node has no trace of one\. $/,
    )
  })

  it('does not report that nothing is left where hosts cannot be looked at, or have changes of another record', async () => {
    const inventory = `${host.folder}/site.yaml`
    const far = '{ name: far, address: 127.0.0.1, port: 1, user: operator }'
    const near = '{ name: near, address: local, service: host }'
    writeFileSync(inventory, `sites: [{ name: a, nodes: [${near}, ${far}] }]`)
    const undo = ['recover', host.local, '-i', inventory, '--undo', '--yes']
    const refused = await host.drill(...undo)
    assert.equal(refused.code, 3, refused.stdout)
    assert.match(
      refused.stdout.replaceAll(/\s+/g, ' '),
      /a\/far unknown: no change is on record for it, and it cannot be looked at: .* \? Nothing to undo at a: no change is on record on this machine\. 1 node unknown\./,
    )
    const json = JSON.parse((await host.drill(...undo, '--json')).stdout)
    assert.deepEqual(
      json.results.map(({ where, state }: NodeResult) => [where, state]),
      [['a/far', 'unknown']],
    )
    await host.drill('recover', host.local, '--persist', '--yes', '--records', `${host.folder}/others`)
    const elsewhere = await host.drill('recover', host.local, '--undo', '--yes')
    assert.equal(elsewhere.code, 3)
    assert.match(
      elsewhere.stdout.replaceAll(/\s+/g, ' '),
      /localhost unknown: \/etc\/fstab has lines of a recovery; a target is bound to \S+, and no record on this machine has it/,
    )
  })

  it('prints one JSON object with --json, also as a dry run', async () => {
    const { plan } = JSON.parse((await host.drill('recover', host.local, '--dry-run', '--json')).stdout)
    assert.deepEqual(
      plan.nodes[0].actions.map(({ kind }: { kind: string }) => kind),
      ['make-directory', 'bind'],
    )
    const { code, stderr } = await host.drill('plan', host.local, '--script', '--json')
    assert.equal(code, 2)
    assert.match(stderr, /cannot be used with option/)
  })

  it('refuses to rebase images of more than one owner without --user', async () => {
    await host.output('chown 1000 "$1"/*/snapshot_1/*/*/*')
    const before = await host.state()
    const how = ['--strategy', 'rebase', '--verify', 'none', '--yes']
    const { code, stderr } = await host.drill('recover', host.local, ...how)
    assert.equal(code, 2)
    assert.match(stderr, /images are owned by root, or by more than one user\n {2}Pass --user UID:GID/)
    assert.equal(await host.state(), before)
  })

  it('fails if a bind cannot be kept over reboots, and has nothing to do if a link leads to the share', async () => {
    await host.output(': >/etc/fstab')
    const before = await host.state()
    const refused = await host.drill('recover', host.local, '--persist', '--yes')
    assert.equal(refused.code, 1)
    assert.match(
      refused.stdout,
      /✘ localhost {2}failed [^]*the bind cannot be kept over reboots: fstab does not mount\s+\//,
    )
    assert.equal(await host.state(), before)
    await host.output('ln -s "$1" "$2"')
    const linked = await host.drill('plan', host.local, '--persist')
    assert.equal(linked.code, 0, linked.stdout)
    assert.match(linked.stdout, /✔ Nothing to do: every origin path leads to its data on every node\. recover/)
  })

  it('carries out a saved plan only if nothing has changed, on the host or in the inventory', async () => {
    const [file, inventory] = [`${host.folder}/plan.json`, `${host.folder}/site.yaml`]
    const site = (mountedBy: string) =>
      writeFileSync(
        inventory,
        `sites: [{ name: a, mountedBy: ${mountedBy}, nodes: [{ name: here, address: local, service: host }] }]`,
      )
    const recoverAsPlanned = () => host.drill('recover', '-i', inventory, '--plan', file, '--yes')
    site('product')
    const before = await host.state()
    const made = await host.drill('plan', host.local, '-i', inventory, '--out', file)
    assert.equal(made.code, 1)
    assert.match(made.stdout, /refused: the product mounts\s+\S+\s+on\s+demand/)
    site('fstab')
    const other = await recoverAsPlanned()
    assert.equal(other.code, 2)
    assert.match(other.stderr, /the plan no longer holds:\n.*not in the plan: bind /s)
    assert.equal(await host.state(), before)
    await host.drill('plan', host.local, '-i', inventory, '--out', file)
    await host.output('mkdir "$2"; : >"$2/file"')
    const moved = await recoverAsPlanned()
    assert.equal(moved.code, 2)
    assert.match(moved.stderr, /the plan no longer holds:\n.*origin: was .*missing.*, is .*directory/)
    await host.output('rm -r "$2"')
    const { code, stdout } = await recoverAsPlanned()
    assert.equal(code, 0)
    assert.match(stdout, /✔ a\/here {2}recovered {2}\d+ chains? read\n/)
  })

  it('takes the options of a saved plan, and refuses others', async () => {
    await host.output('chown 1000:1000 "$1"/*/snapshot_1/*/*/*')
    const file = `${host.folder}/plan.json`
    const made = await host.drill('plan', host.local, '--user', '65534:65534', '--service', 'host', '--out', file)
    assert.equal(made.code, 1, made.stderr)
    const before = await host.state()
    const other = await host.drill('recover', '--plan', file, '--user', '1000:1000', '--yes')
    assert.deepEqual([other.code, await host.state()], [2, before])
    assert.match(other.stderr, /--user 1000:1000: the plan was made with 65534:65534/)
    const { code, stdout, stderr } = await host.drill('recover', '--plan', file, '--yes')
    assert.equal(code, 0, stderr)
    assert.match(stdout, /✔ localhost {2}recovered {2}\d+ chains? read\n/)
    assert.equal((await host.drill('check', '--plan', file)).code, 0)
    const tampered = readFileSync(file, 'utf8').replaceAll('65534', '1000')
    writeFileSync(file, tampered)
    assert.match((await host.drill('recover', '--plan', file, '--yes')).stderr, /was modified after it was created/)
  })

  it('refuses a plan that was edited, though its digest is right, and one of another node', async () => {
    const file = `${host.folder}/plan.json`
    await host.drill('plan', host.local, '--out', file)
    const before = await host.state()
    const edit = (change: (plan: RecoveryPlan) => unknown) => {
      const saved = JSON.parse(readFileSync(file, 'utf8'))
      const plan = change(saved.plan)
      const digest = createHash('sha256').update(JSON.stringify(plan)).digest('hex')
      writeFileSync(`${file}.edited`, JSON.stringify({ ...saved, digest, plan }))
    }
    const { local, origin } = host
    edit((plan) => ({
      ...plan,
      nodes: plan.nodes.map((node) => ({ ...node, actions: [...node.actions, { kind: 'persist', local, origin }] })),
    }))
    const more = await host.drill('recover', '--plan', `${file}.edited`, '--yes')
    assert.equal(more.code, 2)
    assert.match(more.stderr, /localhost: in the plan, and would not be done: keep the bind of .* it is not what this/)
    edit((plan) => JSON.parse(JSON.stringify(plan).replaceAll('"localhost"', '"elsewhere"')))
    for (const command of ['recover', 'check']) {
      const other = await host.drill(command, '--plan', `${file}.edited`, ...(command === 'recover' ? ['--yes'] : []))
      assert.equal(other.code, 2, command)
      assert.match(other.stderr, /the plan has the node elsewhere, which the site "this host" does not have/)
    }
    assert.equal(await host.state(), before)
  })

  it('refuses to check by a plan that was edited to lack an origin path of its images', async () => {
    const file = `${host.folder}/plan.json`
    assert.equal((await host.drill('recover', host.local, '--yes', '--verify', 'none')).code, 0)
    assert.equal((await host.drill('plan', host.local, '--out', file)).code, 0)
    assert.equal((await host.drill('check', '--plan', file)).code, 0)
    const saved = JSON.parse(readFileSync(file, 'utf8'))
    const withoutPairs = ({ state, ...node }: RecoveryPlan['nodes'][number]) => ({
      ...node,
      actions: [],
      state: { ...state, pairs: [], found: state.found.filter(({ path }) => path === host.local) },
    })
    const plan = { ...saved.plan, needs: [], nodes: saved.plan.nodes.map(withoutPairs) }
    const digest = createHash('sha256').update(JSON.stringify(plan)).digest('hex')
    writeFileSync(file, JSON.stringify({ ...saved, digest, plan }))
    const { code, stdout, stderr } = await host.drill('check', '--plan', file)
    assert.equal(code, 2, stdout)
    assert.match(stderr, new RegExp(`the plan lacks the origin path ${host.origin}, which its image ${host.local}/`))
  })

  it('makes no directory in a base directory that the product does not have, unless it is allowed', async () => {
    const base = `${host.folder}/spool`
    await host.output(`for image in "$1"/*/snapshot_2/*/*/*; do
      name=$(qemu-img info "$image" | sed -n 's/^backing file: //p')
      qemu-img rebase -u -F qcow2 -b "${base}/\${name#"\${2%/*}"/}" "$image"; done`)
    const how = ['recover', host.local, '--service', 'host', '--verify', 'all', '--yes']
    const refused = await host.drill(...how)
    assert.equal(refused.code, 1)
    assert.match(
      refused.stdout.replaceAll(/\s+/g, ' '),
      /spool is not a base directory of the product [^]* pass --allow-base/,
    )
    assert.equal(await host.output(`ls -d ${base} || :`), '')
    const allowed = await host.drill(...how, '--allow-base', `${base}/`)
    assert.equal(allowed.code, 0, allowed.stdout)
    await host.drill('recover', host.local, '--undo', '--yes')
    assert.equal(await host.output(`ls -d ${base} || :`), '')
  })

  it('does not ask if nothing would be changed, reports why, and restores', async () => {
    await host.output('mkdir "$2"; mount --bind "$1" "$2"')
    const done = await host.state()
    const { code, stdout, stderr } = await host.drill('recover', host.local)
    assert.equal(code, 0, stderr)
    assert.match(stdout, /Nothing to do: every origin path leads [^]*\n✔ localhost {2}recovered {2}\d+ chains? read\n/)
    assert.equal(await host.state(), done)
    await host.output('umount "$2"; : >"$2/file"')
    const refused = await host.drill('recover', host.local)
    assert.equal(refused.code, 1, refused.stderr)
    assert.match(refused.stdout, /Nothing would be changed: refused on 1 node\.\n\n✘ localhost {2}failed/)
  })

  it('prints systemd units, and the reason instead of a refused one', async () => {
    const { code, stdout } = await host.drill('plan', host.local, '--units')
    assert.equal(code, 1)
    assert.match(stdout, /^# \/etc\/systemd\/system\/(\S+)\.service\n[^]*\n# \/etc\/systemd\/system\/\1\.timer\n/)
    await host.output('mkdir "$2"; : >"$2/file"')
    const refused = await host.drill('plan', host.local, '--units')
    assert.match(refused.stdout, /^# refused: localhost: .* is not empty/)
    assert.doesNotMatch(refused.stdout, /ExecStart/)
  })
})
