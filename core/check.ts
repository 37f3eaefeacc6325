// Whether a value that comes from outside is what it should be, and where not, in words.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'

/** A union and an intersection name the alternatives that they tried: nobody's field. */
const isAlternative = (before: t.ContextEntry | undefined): boolean => {
  const { _tag } = (before?.type ?? {}) as { readonly _tag?: string }
  return _tag === 'UnionType' || _tag === 'IntersectionType'
}

const reason = ({ context }: t.ValidationError): string => {
  const path = context.filter(({ key }, i) => key !== '' && !isAlternative(context[i - 1])).map(({ key }) => key)
  return `${path.length === 0 ? 'it' : path.join('.')} is not ${context.at(-1)?.type.name ?? 'right'}`
}

/** The value, as it stands; or the first thing that is wrong with it. (Asked first, since decoding makes a result of each field: measured, five
 *  times as long.) */
export const check = <A>(codec: t.Type<A, unknown>, value: unknown): Either<string, A> => {
  if (codec.is(value)) return right(value)
  const decoded = codec.decode(value)
  return isLeft(decoded) ? left(decoded.left[0] === undefined ? `it is not ${codec.name}` : reason(decoded.left[0])) : decoded
}
