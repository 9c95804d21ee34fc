/**
 * The command that starts this tool, for lines to paste. In a checkout the sources run as they are. In a guest, the program
 * that starts it names itself.
 */
export const invocation =
  process.env['DR_DRILL_PROGRAM'] ?? (import.meta.filename.endsWith('.ts') ? './drill' : 'npx dr-drill')
