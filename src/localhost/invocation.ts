/** The command that starts this tool, for lines to paste. In a checkout the sources run as they are. */
export const invocation = import.meta.filename.endsWith('.ts') ? './drill' : 'npx dr-drill'
