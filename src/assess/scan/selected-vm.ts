/** True if a VM is the selected one, by id or name, or if none is selected. */
export function isSelectedVm(
  selected: string | undefined,
  vmId: string,
  names: Readonly<Record<string, string>> | undefined,
): boolean {
  return selected === undefined || selected === vmId || selected === names?.[vmId]
}
