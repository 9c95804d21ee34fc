/** True if a VM is the selected one, by id or name, or if none is selected. */
export function isAskedVm(
  asked: string | undefined,
  vmId: string,
  names: Readonly<Record<string, string>> | undefined,
): boolean {
  return asked === undefined || asked === vmId || asked === names?.[vmId]
}
