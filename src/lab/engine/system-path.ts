/** The folders of system programs, also for users whose PATH has no sbin. */
export const systemPath = '/usr/sbin:/usr/bin:/sbin:/bin'
