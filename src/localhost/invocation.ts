/** How this tool is called where it is: in lines that are to be pasted. In a checkout its sources run as they are. */
export const invocation = import.meta.filename.endsWith('.ts') ? './drill' : 'npx dr-drill'
