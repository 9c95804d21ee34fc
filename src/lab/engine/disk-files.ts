/** The files of a machine that are its disks, see containers/guest. */
export const diskFiles = ['root.cow', 'data'] as const
