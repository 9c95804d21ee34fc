/** Calls `work` for all elements, a limited number at a time. After an error no new call starts, and it is thrown. */
export async function eachOf<Element>(
  elements: readonly Element[],
  concurrency: number,
  work: (element: Element, index: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let hasFailed = false
  const worker = async () => {
    try {
      for (let index = next++; index < elements.length && !hasFailed; index = next++)
        await work(elements[index] as Element, index)
    } catch (error) {
      hasFailed = true
      throw error
    }
  }
  const results = await Promise.allSettled(Array.from({ length: Math.min(concurrency, elements.length) }, worker))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
