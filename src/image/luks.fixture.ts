/** Creates an encrypted image. QEMU measures the time of key derivation, and sometimes fails on a busy machine. */
export function persistently(create: () => void): void {
  for (let tries = 1; ; tries++) {
    try {
      create()
      return
    } catch (error) {
      if (tries === 20) throw error
    }
  }
}
