// How values lie in bytes: one `Field` for each kind of value says both how it is written and how it is read, so that the two cannot
// differ. Numbers are unsigned and big-endian; text is UTF-8 behind its length; what the core holds in hexadecimal digits travels as bytes.
// Writing fills a fresh array of exactly the size that was asked before; reading moves through a datagram, once, and never throws.
/* eslint-disable functional/immutable-data, functional/no-let, functional/no-loop-statements, no-restricted-syntax -- measured: every byte
   of every sealed datagram passes here, and only a fresh array and a fresh `Source`, which nobody else holds, change */
import { isLeft } from 'fp-ts/lib/Either.js'
import { decodeUtf8, isLongerThan, utf8Length, writeUtf8 } from '../utf8.js'

/** A datagram while it is read: `at` is the byte that comes next; after a failure the one at which it stopped. */
export interface Source {
  readonly bytes: Uint8Array
  at: number
  /** after a failure: what would have been right there */
  expected: string
}

export const failed = Symbol('failed')
export type Failed = typeof failed

/** Stops reading: at byte `at` there should have been something else. */
export const fail = (from: Source, at: number, expected: string): Failed => {
  from.at = at
  from.expected = expected
  return failed
}

export interface Field<A> {
  /** in bytes */
  readonly size: (value: A) => number
  /** Writes `size(value)` bytes from `at` on into a fresh array that has room for them, and says where they end. */
  readonly write: (value: A, to: Uint8Array, at: number) => number
  readonly read: (from: Source) => A | Failed
}

/** Where the next `count` bytes begin, which are passed over; -1, and failed, if there are fewer. */
const take = (from: Source, count: number): number => {
  const start = from.at
  if (count > from.bytes.length - start) {
    fail(from, from.bytes.length, `${start + count - from.bytes.length} or more bytes`)
    return -1
  }
  from.at = start + count
  return start
}

/** A whole number from 0 to below 256^bytes; of one outside only the low bytes are written. */
export const uint = (bytes: 1 | 2 | 4 | 6): Field<number> => ({
  size: () => bytes,
  write: (value, to, at) => {
    let rest = value
    for (let i = at + bytes - 1; i >= at; i--) {
      to[i] = rest
      rest = Math.floor(rest / 256)
    }
    return at + bytes
  },
  read: (from) => {
    const start = take(from, bytes)
    if (start < 0) return failed
    let value = 0
    for (let i = start; i < start + bytes; i++) value = value * 256 + (from.bytes[i] ?? 0)
    return value
  },
})

const half = uint(4)

/** 64 bits, bit 0 being the last byte's lowest. Nearly all are small, and 0 costs nothing. */
export const bits: Field<bigint> = {
  size: () => 8,
  write: (value, to, at) => {
    if (value === 0n) return at + 8
    half.write(Number(BigInt.asUintN(32, value >> 32n)), to, at)
    return half.write(Number(BigInt.asUintN(32, value)), to, at + 4)
  },
  read: (from) => {
    const high = half.read(from)
    const low = high === failed ? failed : half.read(from)
    if (high === failed || low === failed) return failed
    return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low)
  },
}

/** A datagram's buffer is its receiver's to use again. */
const copy = (bytes: Uint8Array, start: number, end: number): Uint8Array => {
  const fresh = new Uint8Array(end - start)
  if (end > start) fresh.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
  return fresh
}

/** At most `most` bytes behind their number. */
export const bytesUpTo = (most: number, length: Field<number>): Field<Uint8Array> => ({
  size: (value) => length.size(value.length) + value.length,
  write: (value, to, at) => {
    const start = length.write(value.length, to, at)
    to.set(value, start)
    return start + value.length
  },
  read: (from) => {
    const at = from.at
    const count = length.read(from)
    if (count === failed) return failed
    if (count > most) return fail(from, at, `at most ${most} bytes`)
    const start = take(from, count)
    return start < 0 ? failed : copy(from.bytes, start, start + count)
  },
})

/** Bytes of a set of numbers, ascending, with a bit for each. */
const bytesFor = (value: ReadonlyArray<number>): number => {
  const last = value.at(-1)
  return last === undefined ? 0 : (last >> 3) + 1
}

const mostOfText = 255

/** As many whole characters of a text as its length byte can count. */
const cut = (text: string): string => {
  if (!isLongerThan(text, mostOfText)) return text
  let end = 0
  let bytes = 0
  for (const character of text) {
    bytes += utf8Length(character)
    if (bytes > mostOfText) return text.slice(0, end)
    end += character.length
  }
  return text
}

/** A text of at most 255 bytes behind their number; of a longer one the characters that fit are written. */
export const text: Field<string> = {
  size: (value) => 1 + utf8Length(cut(value)),
  write: (value, to, at) => {
    const end = writeUtf8(cut(value), to, at + 1)
    to[at] = end - at - 1
    return end
  },
  read: (from) => {
    const at = take(from, 1)
    const start = at < 0 ? at : take(from, from.bytes[at] ?? 0)
    if (start < 0) return failed
    const decoded = decodeUtf8(from.bytes, start, from.at)
    return isLeft(decoded) ? fail(from, decoded.left.at, decoded.left.expected) : decoded.right
  },
}

/** A text of at most `most` bytes behind their number in four. A longer one cannot be written. */
export const textUpTo = (most: number): Field<string> => ({
  size: (value) => 4 + utf8Length(value),
  write: (value, to, at) => {
    const end = writeUtf8(value, to, at + 4)
    half.write(end - at - 4, to, at)
    return end
  },
  read: (from) => {
    const at = from.at
    const count = half.read(from)
    if (count === failed) return failed
    if (count > most) return fail(from, at, `a text of at most ${most} bytes`)
    const start = take(from, count)
    if (start < 0) return failed
    const decoded = decodeUtf8(from.bytes, start, from.at)
    return isLeft(decoded) ? fail(from, decoded.left.at, decoded.left.expected) : decoded.right
  },
})

/** A set of whole numbers below `most`, ascending: the number of bytes, and a bit for each, bit 0 being the first byte's lowest. */
export const places = (most: number): Field<ReadonlyArray<number>> => ({
  size: (value) => 1 + bytesFor(value),
  write: (value, to, at) => {
    to[at] = bytesFor(value)
    for (const place of value) to[at + 1 + (place >> 3)] = (to[at + 1 + (place >> 3)] ?? 0) | (1 << (place & 7))
    return at + 1 + bytesFor(value)
  },
  read: (from) => {
    const at = take(from, 1)
    const count = at < 0 ? 0 : (from.bytes[at] ?? 0)
    const start = at < 0 ? at : take(from, count)
    if (start < 0) return failed
    const value: number[] = []
    for (let place = 0; place < count * 8; place++) if (((from.bytes[start + (place >> 3)] ?? 0) >> (place & 7)) & 1) value.push(place)
    // one way only of writing a set: without zero bytes at its end
    return count === bytesFor(value) && (value.at(-1) ?? 0) < most ? value : fail(from, at, `a set of numbers below ${most}`)
  },
})

const digits = '0123456789abcdef'
const pairs = Array.from({ length: 256 }, (_, byte) => `${digits.charAt(byte >> 4)}${digits.charAt(byte & 15)}`)

/** What an ASCII digit stands for: 0 to 9 are 0x30 to 0x39, a to f 0x61 to 0x66. */
const nibble = (unit: number): number => (unit & 15) + (unit > 0x39 ? 9 : 0)

/** The ASCII digit of a number from 0 to 15. */
const unitOf = (value: number): number => value + (value < 10 ? 0x30 : 0x57)
const high = (byte = 0): number => unitOf(byte >> 4)
const low = (byte = 0): number => unitOf(byte & 15)

/** Four bytes at a time: put together of single pairs a text is a chain of them, which takes twice the time and six times the memory. */
const digitsOf = (bytes: Uint8Array, start: number, end: number): string => {
  let value = ''
  let i = start
  for (; i + 4 <= end; i += 4) {
    const [a, b, c, d] = [bytes[i], bytes[i + 1], bytes[i + 2], bytes[i + 3]]
    value += String.fromCharCode(high(a), low(a), high(b), low(b), high(c), low(c), high(d), low(d))
  }
  for (; i < end; i++) value += pairs[bytes[i] ?? 0] ?? ''
  return value
}

/** Writes the bytes of the first `2 * count` digits, and says where they end. */
const writeDigits = (value: string, count: number, to: Uint8Array, at: number): number => {
  const end = at + count
  for (let i = at, digit = 0; i < end; i++, digit += 2) to[i] = (nibble(value.charCodeAt(digit)) << 4) | nibble(value.charCodeAt(digit + 1))
  return end
}

/** Exactly `count` bytes, held as 2 * `count` lower-case hexadecimal digits. */
export const hex = (count: number): Field<string> => ({
  size: () => count,
  write: (value, to, at) => writeDigits(value, count, to, at),
  read: (from) => {
    const start = take(from, count)
    return start < 0 ? failed : digitsOf(from.bytes, start, start + count)
  },
})

/** The digits of any bytes, and the bytes of their digits. */
export const hexOf = (bytes: Uint8Array): string => digitsOf(bytes, 0, bytes.length)
export const bytesOf = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length / 2)
  writeDigits(text, bytes.length, bytes, 0)
  return bytes
}

/** Bit by bit, without carry, of two texts of equally many digits. */
export const xorOf = (one: string, other: string): string => {
  const bytes = bytesOf(one)
  for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] ?? 0) ^ ((nibble(other.charCodeAt(2 * i)) << 4) | nibble(other.charCodeAt(2 * i + 1)))
  return hexOf(bytes)
}

/** The bytes of one value, with zero bytes behind them up to a multiple of `unit`. */
export const encodeWith = <A>(field: Field<A>, value: A, unit = 1): Uint8Array => {
  const bytes = new Uint8Array(Math.ceil(field.size(value) / unit) * unit)
  field.write(value, bytes, 0)
  return bytes
}

/** One after another. */
export const joined = (pieces: ReadonlyArray<ArrayLike<number>>): Uint8Array => {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}
