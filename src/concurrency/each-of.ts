/** Works on all elements, on at most so many at a time. The first error ends it, when what is under way has ended. */
export async function eachOf<Element>(
  elements: readonly Element[],
  concurrency: number,
  work: (element: Element, nth: number) => Promise<void>,
): Promise<void> {
  let next = 0
  let isOver = false
  const lane = async () => {
    try {
      for (let nth = next++; nth < elements.length && !isOver; nth = next++) await work(elements[nth] as Element, nth)
    } finally {
      isOver ||= next < elements.length
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: Math.min(concurrency, elements.length) }, lane))
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}
