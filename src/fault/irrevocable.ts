/** What a fault gives that cannot be taken back. */
export const irrevocable: AsyncDisposable = { [Symbol.asyncDispose]: async () => {} }
