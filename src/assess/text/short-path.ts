const longId =
  /(workload_|snapshot_|vm_id_|vm_res_id_|\/)([\da-f]{6})[\da-f]{2}(?:-[\da-f]{4}){3}-[\da-f]{12}(?:_[^/\s:]*)?/gi

/** Shortens the ids in paths of a target, so that a path fits a line: `workload_1f0a2b*`. A shell expands the rest. */
export function shortPaths(text: string): string {
  return text.replaceAll(longId, '$1$2*')
}
