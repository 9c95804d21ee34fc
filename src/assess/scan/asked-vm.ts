/** Whether a VM is the one that was asked for, by its id or name; all are if none was. */
export function isAskedVm(
  asked: string | undefined,
  vmId: string,
  names: Readonly<Record<string, string>> | undefined,
): boolean {
  return asked === undefined || asked === vmId || asked === names?.[vmId]
}
