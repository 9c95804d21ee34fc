/** The files that are the disks of a machine. See containers/guest. */
export const diskFiles = ['root.cow', 'data'] as const
