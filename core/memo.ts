// A function whose results are kept beside its arguments, for as long as those are: the same argument is not worked out twice. Pure for whoever
// calls it, as long as the function is, and its arguments never change.

/** `f`, which works out each argument once; arguments are told apart by identity. */
export const memo = <A extends object, B>(f: (argument: A) => B): ((argument: A) => B) => {
  const known = new WeakMap<A, { readonly result: B }>()
  return (argument) => {
    const found = known.get(argument)
    if (found !== undefined) return found.result
    const result = f(argument)
    known.set(argument, { result })
    return result
  }
}
