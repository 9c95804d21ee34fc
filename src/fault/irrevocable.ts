/** The result of a fault that cannot be undone. */
export const irrevocable: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} }
