/** Makes an encrypted image: QEMU measures how long a key is to be stretched, and gives up now and then on a busy machine. */
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
