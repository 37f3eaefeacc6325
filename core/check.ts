// Whether a value that comes from outside is what it should be, and where not, in words.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'

interface Kind {
  readonly _tag?: string
  /** of what is only marked as readonly */
  readonly type?: Kind
}

const kindOf = ({ _tag, type }: Kind): string | undefined => (_tag === 'ReadonlyType' && type !== undefined ? kindOf(type) : _tag)

/** A union and an intersection count the alternatives that they tried: these are nobody's fields. */
const isAlternative = (before: t.ContextEntry | undefined): boolean => {
  const kind = kindOf((before?.type ?? {}) as Kind)
  return kind === 'UnionType' || kind === 'IntersectionType'
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

/** All of them, as they stand; or which is wrong, and where. */
export const checkParts = <A>(codec: t.Type<A, unknown>, values: ReadonlyArray<unknown>): Either<string, ReadonlyArray<A>> => {
  const read = values.map((value) => check(codec, value))
  const wrong = read.findIndex(isLeft)
  const found = read[wrong]
  if (found !== undefined && isLeft(found)) return left(`part ${wrong + 1} of ${values.length}: ${found.left}`)
  return right(read.flatMap((part) => (isLeft(part) ? [] : [part.right])))
}
