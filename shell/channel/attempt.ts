// The libraries throw what is an answer here: that something was not sealed so.

/** What `f` gives, or `undefined` where it throws. Nobody reads the error's stack, and collecting it takes longer than opening a datagram. */
export const attempt = <A>(f: () => A): A | undefined => {
  const limit = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  try {
    return f()
  } catch {
    return undefined
  } finally {
    Error.stackTraceLimit = limit
  }
}
