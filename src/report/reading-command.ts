/** Programs that change nothing, whatever their arguments are. */
const readers = new Set(
  `cat cd clear cut date df diff dmesg du echo exit file findmnt free getent grep head history hostname id
  journalctl last less ls lsblk lsof man md5sum more mountpoint nproc printf ps pwd readlink realpath sha256sum sleep sort
  ss stat strings tail tree true uname uniq uptime w wc which who whoami zcat`.split(/\s+/),
)
/** Programs that change nothing without arguments, and with some. */
const mixed: Readonly<Record<string, RegExp>> = {
  ip: /^(?:-\S+ )*(?:a|addr|address|r|route|link|l)(?: show.*| list.*)?$/,
  mount: /^(?:-t \S+|-l|)$/,
  systemctl: /^(?:--\S+ )*(?:status|cat|show|is-active|is-enabled|list-units|list-unit-files)\b/,
  'qemu-img': /^(?:info|check(?!.* -r))\b/,
}

/**
 * True for a command line that changes nothing on its node, as far as its text shows. False if in doubt: with a redirection,
 * a substitution, or an unknown program.
 */
export function isReading(line: string): boolean {
  if (/[>`]|\$\(|<\(/.test(line)) return false
  return line.split(/\|\||&&|[;|\n]/).every((part) => isReadingPart(part.trim()))
}

function isReadingPart(text: string): boolean {
  const [, program = '', rest = ''] = /^(?:sudo (?:-n )?)?(\S*)\s*(.*)$/.exec(text) ?? []
  return (
    program === '' || readers.has(program) || (Object.hasOwn(mixed, program) && mixed[program]?.test(rest) === true)
  )
}
