// A body longer than a datagram travels in parts: at most 64 of at most 1024 bytes; a bitmap says which have arrived.
//
//     sender    partsOf(body, have)  ──parts──>  gather, gather, ...  whole        receiver
//                            have   <──bitmap──  assembly.have
//
// The same for replies (the next request carries the bitmap) and relays (the ack does). Parts may come in any order, twice, or not at all.
import { limits } from '../../limits.js'
import { joined } from './bytes.js'

/** Part `index` of `count` of a body; 0 <= index < count <= 64. A body of one part is whole. */
export interface Part {
  readonly index: number
  readonly count: number
  readonly bytes: Uint8Array
}

/** Whether it is a part of some body: each body has one way only of being cut into parts, 1024 bytes in each but the last, which is not
 *  empty, unless the body is. */
export const isPart = ({ index, count, bytes }: Part): boolean => {
  if (!Number.isInteger(count) || count > limits.partsPerBody) return false
  if (!Number.isInteger(index) || index < 0 || index >= count) return false
  if (index < count - 1) return bytes.length === limits.partBytes
  return bytes.length <= limits.partBytes && (bytes.length > 0 || count === 1)
}

const has = (have: bigint, index: number): boolean => ((have >> BigInt(index)) & 1n) === 1n

/** The parts of `body` that have not arrived: those whose bit is 0 in `have`. `undefined`: the body is longer than 64 parts. The parts are
 *  views of the body. */
export const partsOf = (body: Uint8Array, have: bigint): ReadonlyArray<Part> | undefined => {
  const count = Math.max(1, Math.ceil(body.length / limits.partBytes))
  if (count > limits.partsPerBody) return undefined
  if (count === 1) return has(have, 0) ? [] : [{ index: 0, count, bytes: body }]
  return Array.from({ length: count }, (_, index) => index)
    .filter((index) => !has(have, index))
    .map((index) => ({ index, count, bytes: body.subarray(index * limits.partBytes, (index + 1) * limits.partBytes) }))
}

/** What has arrived of one body. */
export interface Assembly {
  /** parts of the whole; 0 before the first one */
  readonly count: number
  /** bit i for part i */
  readonly have: bigint
  /** by index; empty before the first one */
  readonly pieces: ReadonlyArray<Uint8Array | undefined>
  /** bytes that have arrived */
  readonly bytes: number
}

export const nothing: Assembly = { count: 0, have: 0n, pieces: [], bytes: 0 }

interface Gathered {
  readonly assembly: Assembly
  /** the body, with the part that completes it and only then, so that it is acted upon once */
  readonly whole: Uint8Array | undefined
}

/** `assembly` with one part more. What is no part changes nothing, nor does one that has arrived, whatever its bytes, nor one of another
 *  `count`: a body never changes, so that such a part is not of this body, and what has arrived is worth more than what contradicts it. */
export const gather = (assembly: Assembly, part: Part): Gathered => {
  const { index, count, bytes } = part
  const isFirst = assembly.count === 0
  const isForeign = !isFirst && assembly.count !== count
  if (!isPart(part) || isForeign || has(assembly.have, index)) return { assembly, whole: undefined }
  // nearly always: nothing is put together
  if (isFirst && count === 1) return { assembly: { count, have: 1n, pieces: [bytes], bytes: bytes.length }, whole: bytes }
  const before = isFirst ? Array.from({ length: count }, () => undefined) : assembly.pieces
  const pieces = before.with(index, bytes)
  const arrived = pieces.filter((piece) => piece !== undefined)
  return {
    assembly: { count, have: assembly.have | (1n << BigInt(index)), pieces, bytes: assembly.bytes + bytes.length },
    whole: arrived.length < count ? undefined : count === 1 ? bytes : joined(arrived),
  }
}
