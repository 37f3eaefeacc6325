// Fields made of fields: records, one of several, many, perhaps one. What is built is built once, here, from what the fields have read.
/* eslint-disable functional/immutable-data, functional/no-let, functional/no-loop-statements -- measured: every sealed datagram passes here,
   and only a fresh object, which nobody else holds, changes */
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { malformed, type Malformed } from '../malformed.js'
import { fail, failed, uint, type Field, type Source } from './bytes.js'

const byte = uint(1)

/** Only those values of a field for which `is` holds: reading is the one way into a brand. */
export const only = <A, B extends A>(field: Field<A>, is: (value: A) => value is B, expected: string): Field<B> => ({
  size: field.size,
  write: field.write,
  read: (from) => {
    const at = from.at
    const value = field.read(from)
    if (value === failed) return failed
    return is(value) ? value : fail(from, at, expected)
  },
})

/** Takes no bytes. */
export const always = <A>(value: A): Field<A> => ({ size: () => 0, write: (_, _to, at) => at, read: () => value })

const keysOf = <A extends object>(value: A): ReadonlyArray<keyof A> => Object.keys(value) as unknown as ReadonlyArray<keyof A>

/** The fields of an object, in the order in which they stand in `fields`. */
export const record = <A extends object>(fields: { readonly [K in keyof A]: Field<A[K]> }): Field<A> => {
  const keys = keysOf<{ readonly [K in keyof A]: Field<A[K]> }>(fields)
  return {
    size: (value) => {
      let bytes = 0
      for (const key of keys) bytes += fields[key].size(value[key])
      return bytes
    },
    write: (value, to, at) => {
      let next = at
      for (const key of keys) next = fields[key].write(value[key], to, next)
      return next
    },
    read: (from) => {
      const built: Partial<A> = {}
      for (const key of keys) {
        const value = fields[key].read(from)
        if (value === failed) return failed
        built[key] = value
      }
      return built as A
    },
  }
}

/** One of several words, each a byte. */
export const oneOf = <A extends string>(codes: { readonly [K in A]: number }, expected: string): Field<A> => {
  const words = new Map<number, A>(keysOf(codes).map((word) => [codes[word], word]))
  return {
    size: () => 1,
    write: (value, to, at) => byte.write(codes[value], to, at),
    read: (from) => {
      const at = from.at
      const code = byte.read(from)
      return code === failed ? failed : words.get(code) ?? fail(from, at, expected)
    },
  }
}

type Tagged = { readonly _tag: string }
type Of<A extends Tagged, K> = Extract<A, { readonly _tag: K }>

/** One of several shapes: a byte that says which, and its fields. */
export const union = <A extends Tagged>(
  cases: { readonly [K in A['_tag']]: readonly [code: number, field: Field<Of<A, K>>] },
  expected: string,
): Field<A> => {
  type Case = readonly [code: number, field: Field<A>]
  const caseOf = cases as unknown as { readonly [K in A['_tag']]: Case }
  const byTag = (value: A): Case => caseOf[value._tag as A['_tag']]
  const byCode = new Map<number, Field<A>>(Object.values<Case>(caseOf))
  return {
    size: (value) => 1 + byTag(value)[1].size(value),
    write: (value, to, at) => {
      const [code, field] = byTag(value)
      return field.write(value, to, byte.write(code, to, at))
    },
    read: (from) => {
      const at = from.at
      const code = byte.read(from)
      if (code === failed) return failed
      return byCode.get(code)?.read(from) ?? fail(from, at, expected)
    },
  }
}

/** A byte 0 for nothing, or a byte 1 and something. */
export const perhaps = <A>(field: Field<A>): Field<A | undefined> => ({
  size: (value) => (value === undefined ? 1 : 1 + field.size(value)),
  write: (value, to, at) => (value === undefined ? byte.write(0, to, at) : field.write(value, to, byte.write(1, to, at))),
  read: (from) => {
    const at = from.at
    const flag = byte.read(from)
    if (flag === failed) return failed
    if (flag > 1) return fail(from, at, '0 or 1')
    return flag === 0 ? undefined : field.read(from)
  },
})

/** As `perhaps`, of what is JSON. */
export const orNull = <A>(field: Field<A>): Field<A | null> => {
  const inner = perhaps(field)
  return {
    size: (value) => inner.size(value ?? undefined),
    write: (value, to, at) => inner.write(value ?? undefined, to, at),
    read: (from) => inner.read(from) ?? null,
  }
}

/** Their number, and so many. Grows with what is there, whatever number is said. */
const several = <A>(field: Field<A>, count: Field<number>, most: number): Field<ReadonlyArray<A>> => ({
  size: (values) => values.reduce((bytes, value) => bytes + field.size(value), count.size(values.length)),
  write: (values, to, at) => values.reduce((next, value) => field.write(value, to, next), count.write(values.length, to, at)),
  read: (from) => {
    const at = from.at
    const total = count.read(from)
    if (total === failed) return failed
    if (total > most) return fail(from, at, `at most ${most}`)
    const values = []
    for (let i = 0; i < total; i++) {
      const value = field.read(from)
      if (value === failed) return failed
      values.push(value)
    }
    return values
  },
})

/** Their number in two bytes, and so many. */
export const many = <A>(field: Field<A>): Field<ReadonlyArray<A>> => several(field, uint(2), 0xffff)

/** Their number in a byte, and so many, at most `most`. */
export const few = <A>(field: Field<A>, most: number): Field<ReadonlyArray<A>> => several(field, byte, most)

const stopped = ({ at, expected }: Source): Either<Malformed, never> => left(malformed(at, expected))

/** The first byte from `start` on that is not 0, or the end. */
const zerosEnd = (bytes: Uint8Array, start: number): number => {
  let at = start
  while (at < bytes.length && bytes[at] === 0) at++
  return at
}

/** The one value that `encodeWith(field, value, unit)` writes as these bytes. */
export const decodeWith = <A>(field: Field<A>, bytes: Uint8Array, unit = 1): Either<Malformed, A> => {
  const from: Source = { bytes, at: 0, expected: '' }
  const value = field.read(from)
  if (value === failed) return stopped(from)
  const end = Math.ceil(from.at / unit) * unit
  if (bytes.length !== end) return left(malformed(Math.min(end, bytes.length), bytes.length > end ? 'the end' : 'zero bytes'))
  const zeros = zerosEnd(bytes, from.at)
  return zeros === end ? right(value) : left(malformed(zeros, 'zero bytes'))
}
