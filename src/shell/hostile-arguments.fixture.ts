/** Arguments that reveal a mistake in quoting. */
export const hostileArguments: readonly string[] = [
  '',
  ' ',
  "it's",
  '"$HOME" `id` $(id) \\',
  '-n',
  '--',
  'a\nb\n',
  '\t\r\x1b[31m\x7f',
  '*?[a]{b,c}~!#;&|<>()',
  'Größe 測試 🙂 e\u0301',
  'EOF',
]
