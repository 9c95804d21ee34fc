/** Lines of fstab for an origin path, and what a boot makes of them. The tests of the model and of the real programs share it. */
export interface BootCase {
  readonly title: string
  readonly lines: readonly string[]
  readonly links?: Readonly<Record<string, string>>
  /** `kept` or `lost`, and the causes of the remarks, where `mount -a` mounts. */
  readonly mount: readonly string[]
  /** The same where systemd mounts. */
  readonly systemd: readonly string[]
}

/** Paths of a machine that tests may mount at. */
export const root = '/mnt'
export const local = `${root}/bG9jYWw=`
export const origin = `${root}/b3JpZ2lu`
/** A share, for the tests a folder: a real boot of a test needs no server. */
export const share = `${root}/server ${local} none bind,_netdev 0 0`
const nfs = (options: string) => `10.20.2.20:/replica ${local} nfs ${options} 0 0`
const line = (options: string, source = local, target = origin) => `${source} ${target} none ${options} 0 0`

const fine = ['kept']
const required = ['kept', 'required-by-boot']
const lost = (...causes: readonly string[]) => ['lost', ...causes]

/** A share that a test can mount. */
const mountable: readonly BootCase[] = [
  { title: 'no line', lines: [share], mount: lost(), systemd: lost() },
  { title: 'the line of the procedure', lines: [share, line('bind')], mount: fine, systemd: required },
  { title: 'our line', lines: [share, line('bind,_netdev,nofail')], mount: fine, systemd: fine },
  { title: 'a comment', lines: [share, `# ${line('bind')}`], mount: lost(), systemd: lost() },
  { title: 'noauto', lines: [share, line('bind,noauto')], mount: lost('on-request'), systemd: lost('on-request') },
  {
    title: 'auto after noauto',
    lines: [share, line('noauto,bind,nofail,auto')],
    mount: lost('on-request'),
    systemd: fine,
  },
  {
    title: 'noauto after auto',
    lines: [share, line('auto,bind,noauto')],
    mount: lost('on-request'),
    systemd: lost('on-request'),
  },
  { title: 'fail after nofail', lines: [share, line('bind,nofail,fail')], mount: fine, systemd: required },
  {
    title: 'an automount',
    lines: [share, line('bind,noauto,x-systemd.automount')],
    mount: lost('on-request'),
    systemd: ['kept', 'on-access'],
  },
  {
    title: 'a unit that wants it',
    lines: [share, line('bind,x-systemd.wanted-by=nova-compute.service')],
    mount: fine,
    systemd: ['kept', 'with-unit'],
  },
  {
    title: 'a unit that requires it',
    lines: [share, line('bind,noauto,x-systemd.required-by=a.service')],
    mount: lost('on-request'),
    systemd: ['kept', 'with-unit'],
  },
  {
    title: 'an automount in the old spelling, which ignores units that want it',
    lines: [share, line('bind,x-systemd.wanted-by=a.service,comment=systemd.automount')],
    mount: fine,
    systemd: ['kept', 'on-access'],
  },
  { title: 'a line end of Windows', lines: [share, `${line('bind,nofail')}\r`], mount: fine, systemd: fine },
  {
    title: 'a line end of Windows after noauto',
    lines: [share, `${local} ${origin} none bind,noauto\r`],
    mount: lost('on-request'),
    systemd: required,
  },
  {
    title: 'other dependencies',
    lines: [share, line('bind,nofail,x-systemd.after=a.service,x-systemd.requires=b.service')],
    mount: fine,
    systemd: fine,
  },
  { title: 'defaults,bind', lines: [share, line('defaults,bind,nofail')], mount: fine, systemd: fine },
  { title: 'rbind', lines: [share, line('rbind,nofail')], mount: fine, systemd: fine },
  {
    title: 'user and X-mount.mkdir',
    lines: [share, line('bind,user,X-mount.mkdir,nofail')],
    mount: fine,
    systemd: fine,
  },
  {
    title: 'read-only',
    lines: [share, line('bind,ro,nofail')],
    mount: ['kept', 'read-only'],
    systemd: ['kept', 'read-only'],
  },
  { title: 'another type', lines: [share, `${local} ${origin} ext4 bind,nofail 0 0`], mount: fine, systemd: fine },
  { title: 'a network type', lines: [share, `${local} ${origin} nfs bind 0 0`], mount: fine, systemd: fine },
  {
    title: 'the type bind without the option',
    lines: [share, `${local} ${origin} bind nofail 0 0`],
    mount: lost('no-bind'),
    systemd: lost('no-bind'),
  },
  { title: 'no option bind', lines: [share, line('nofail')], mount: lost('no-bind'), systemd: lost('no-bind') },
  { title: 'capital letters', lines: [share, line('BIND,nofail')], mount: lost('no-bind'), systemd: lost('no-bind') },
  {
    title: 'a type and no options',
    lines: [share, `${local} ${origin} none`],
    mount: lost('no-bind'),
    systemd: lost('no-bind'),
  },
  { title: 'two fields', lines: [share, `${local} ${origin}`], mount: lost(), systemd: lost('no-bind') },
  { title: 'four fields', lines: [share, `\t${local}\t ${origin} none bind,nofail`], mount: fine, systemd: fine },
  { title: 'words after the numbers', lines: [share, `${line('bind,nofail')} # ours`], mount: fine, systemd: fine },
  {
    title: 'a word in the place of a number',
    lines: [share, `${local} ${origin} none bind,nofail # ours`],
    mount: lost(),
    systemd: fine,
  },
  {
    title: 'slashes',
    lines: [share, line('bind,nofail', `${local}/`, `/${root}//b3JpZ2lu/`)],
    mount: fine,
    systemd: fine,
  },
  {
    title: 'dots',
    lines: [share, line('bind,nofail', local, `${root}/./other/../b3JpZ2lu`)],
    mount: fine,
    systemd: fine,
  },
  {
    title: 'escapes that are not needed',
    lines: [share, line('bind,nofail', `${root}/bG9jYWw\\075`)],
    mount: fine,
    systemd: lost('other-source'),
  },
  {
    title: 'quotation marks',
    lines: [share, line('bind,nofail', `"${local}"`)],
    mount: lost('other-source'),
    systemd: lost('other-source'),
  },
  {
    title: 'a mount point through a symbolic link',
    lines: [share, line('bind,nofail', local, `${root}/link/b3JpZ2lu`)],
    links: { [`${root}/link/b3JpZ2lu`]: origin },
    mount: fine,
    systemd: fine,
  },
  {
    title: 'a source through a symbolic link, for which systemd does not wait',
    lines: [share, line('bind,nofail', `${root}/link/bG9jYWw=`)],
    links: { [`${root}/link/bG9jYWw=`]: local },
    mount: fine,
    systemd: lost('too-early'),
  },
  {
    title: 'a source through a symbolic link and an option to wait for the share',
    lines: [share, line(`bind,nofail,x-systemd.requires-mounts-for=${local}`, `${root}/link/bG9jYWw=`)],
    links: { [`${root}/link/bG9jYWw=`]: local },
    mount: fine,
    systemd: fine,
  },
  {
    title: 'another source',
    lines: [share, line('bind', `${root}/other`)],
    mount: lost('other-source'),
    systemd: lost('other-source'),
  },
  {
    title: 'a folder of the share',
    lines: [share, line('bind', `${local}/sub`)],
    mount: lost('other-source'),
    systemd: lost('other-source'),
  },
  { title: 'the other way around', lines: [share, line('bind', origin, local)], mount: lost(), systemd: lost() },
  { title: 'a bind before the share', lines: [line('bind,nofail'), share], mount: lost('too-early'), systemd: fine },
  { title: 'two equal lines', lines: [share, line('bind,nofail'), line('bind,nofail')], mount: fine, systemd: fine },
  {
    title: 'noauto twice',
    lines: [share, line('bind,noauto'), line('bind,noauto')],
    mount: lost('on-request', 'on-request'),
    systemd: lost('on-request', 'ignored'),
  },
  {
    title: 'a line that mounts nothing, last',
    lines: [share, line('bind,nofail'), line('nofail', `${root}/other`)],
    mount: fine,
    systemd: fine,
  },
  {
    title: 'the share in a line that mounts nothing',
    lines: [share.replace('bind', 'rw'), line('bind,nofail')],
    mount: lost('share-on-request'),
    systemd: lost('share-on-request'),
  },
  {
    title: 'a source through a symbolic link that requires the share',
    lines: [share, line(`bind,nofail,x-systemd.requires=${local}`, `${root}/link/bG9jYWw=`)],
    links: { [`${root}/link/bG9jYWw=`]: local },
    mount: fine,
    systemd: fine,
  },
  {
    title: 'a source through a symbolic link that is bound when it is used',
    lines: [share, line('bind,x-systemd.automount', `${root}/link/bG9jYWw=`)],
    links: { [`${root}/link/bG9jYWw=`]: local },
    mount: fine,
    systemd: ['kept', 'on-access'],
  },
  {
    title: 'a folder with the share in it, rbind',
    lines: [share, line('rbind', root, `${root}/other`), line('bind,nofail', `${root}/other/bG9jYWw=`)],
    mount: fine,
    systemd: lost('other-source'),
  },
  {
    title: 'a folder with the share in it, bind',
    lines: [share, line('bind', root, `${root}/other`), line('bind,nofail', `${root}/other/bG9jYWw=`)],
    mount: lost('other-source'),
    systemd: lost('other-source'),
  },
  {
    title: 'another source first',
    lines: [share, line('bind', `${root}/other`), line('bind,nofail')],
    mount: fine,
    systemd: lost('other-source', 'ignored'),
  },
  {
    title: 'noauto first',
    lines: [share, line('bind,noauto'), line('bind,nofail')],
    mount: fine,
    systemd: lost('on-request', 'ignored'),
  },
  {
    title: 'another source last',
    lines: [share, line('bind,nofail'), line('bind', `${root}/other`)],
    mount: lost('hidden', 'other-source'),
    systemd: fine,
  },
  {
    title: 'a file system on top',
    lines: [share, line('bind,nofail'), `tmpfs ${origin} tmpfs nofail 0 0`],
    mount: lost('hidden', 'other-source'),
    systemd: fine,
  },
  {
    title: 'a file system above it, later',
    lines: [share, line('bind,nofail'), `tmpfs ${root} tmpfs nofail 0 0`],
    mount: lost('hidden'),
    systemd: fine,
  },
  {
    title: 'swap at the origin path',
    lines: [share, `${local} ${origin} swap bind 0 0`],
    mount: lost('on-request'),
    systemd: lost('on-request'),
  },
  {
    title: 'a bind of a bind',
    lines: [share, line('bind,nofail', local, `${root}/other`), line('bind,nofail', `${root}/other`)],
    mount: fine,
    systemd: fine,
  },
  { title: 'the share twice', lines: [share, share, line('bind,nofail')], mount: fine, systemd: fine },
]

/** Lines with a share of a server. */
const remote: readonly BootCase[] = [
  {
    title: 'a share that is in no line',
    lines: [line('bind,nofail')],
    mount: lost('share-absent'),
    systemd: lost('share-absent'),
  },
  {
    title: 'a share with noauto',
    lines: [nfs('noauto'), line('bind,nofail')],
    mount: lost('share-on-request'),
    systemd: fine,
  },
  {
    title: 'a share that is a comment',
    lines: [`#${nfs('soft')}`, line('bind')],
    mount: lost('share-absent'),
    systemd: lost('share-absent'),
  },
  {
    title: 'a share in the background',
    lines: [nfs('soft,bg'), line('bind,nofail')],
    mount: ['kept', 'share-in-background'],
    systemd: fine,
  },
  {
    title: 'a share that is mounted when it is used',
    lines: [nfs('noauto,x-systemd.automount'), line('bind,nofail')],
    mount: lost('share-on-request'),
    systemd: fine,
  },
  {
    title: 'a share below a later mount',
    lines: [nfs('soft'), line('bind,nofail'), `tmpfs ${local} tmpfs nofail 0 0`],
    mount: lost('share-hidden'),
    systemd: fine,
  },
  {
    title: 'a mount between the share and the bind',
    lines: [nfs('soft'), `tmpfs ${root} tmpfs nofail 0 0`, line('bind,nofail')],
    mount: lost('share-hidden'),
    systemd: fine,
  },
  {
    title: 'a share with blanks that are not escaped',
    lines: [`h:/a of b ${local} nfs soft 0 0`, line('bind,nofail')],
    mount: lost('share-absent'),
    systemd: lost('share-absent'),
  },
]

export const bootCases: readonly BootCase[] = [...mountable, ...remote]
export { mountable as mountableCases }
