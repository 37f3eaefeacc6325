// BLAKE2b (RFC 7693) of any length and with a key, which node:crypto does not offer. As the RFC has it, in BigInts: to compare with, not to use.

const mask = (1n << 64n) - 1n

/** RFC 7693, section 2.6: the fractional parts of the square roots of the first eight primes. */
const initial = [
  0x6a09e667f3bcc908n, 0xbb67ae8584caa73bn, 0x3c6ef372fe94f82bn, 0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n, 0x9b05688c2b3e6c1fn, 0x1f83d9abfb41bd6bn, 0x5be0cd19137e2179n,
] as const

/** Section 2.7: which word of the block each half-step takes; rounds 10 and 11 begin again. */
const schedule = [
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
  [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
  [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
  [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
  [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
  [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
  [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
  [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
  [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
] as const
const rounds = [...schedule, schedule[0], schedule[1]]

/** The four columns of the matrix, then its four diagonals. */
const lanes = [
  [0, 4, 8, 12], [1, 5, 9, 13], [2, 6, 10, 14], [3, 7, 11, 15],
  [0, 5, 10, 15], [1, 6, 11, 12], [2, 7, 8, 13], [3, 4, 9, 14],
] as const

const rotated = (word: bigint, by: bigint): bigint => ((word >> by) | (word << (64n - by))) & mask

/** Section 3.1 */
const mix = (v: BigUint64Array, [a, b, c, d]: readonly [number, number, number, number], x: bigint, y: bigint): void => {
  const at = (i: number): bigint => v[i] ?? 0n
  v[a] = at(a) + at(b) + x
  v[d] = rotated(at(d) ^ at(a), 32n)
  v[c] = at(c) + at(d)
  v[b] = rotated(at(b) ^ at(c), 24n)
  v[a] = at(a) + at(b) + y
  v[d] = rotated(at(d) ^ at(a), 16n)
  v[c] = at(c) + at(d)
  v[b] = rotated(at(b) ^ at(c), 63n)
}

/** Section 3.2: one block of 128 bytes; `count` bytes were taken in with it. */
const compress = (h: ReadonlyArray<bigint>, block: Uint8Array, count: number, isLast: boolean): ReadonlyArray<bigint> => {
  const view = new DataView(block.buffer, block.byteOffset, 128)
  const word = (i: number | undefined): bigint => view.getBigUint64(8 * (i ?? 0), true)
  const v = new BigUint64Array([...h, ...initial])
  v[12] = (v[12] ?? 0n) ^ BigInt(count)
  if (isLast) v[14] = (v[14] ?? 0n) ^ mask
  for (const order of rounds) lanes.forEach((lane, i) => mix(v, lane, word(order[2 * i]), word(order[2 * i + 1])))
  return h.map((it, i) => it ^ (v[i] ?? 0n) ^ (v[i + 8] ?? 0n))
}

/** `length` bytes, 1 to 64; `key` of 0 to 64. */
export const blake2b = (length: number, bytes: Uint8Array, key: Uint8Array = new Uint8Array(0)): Uint8Array => {
  const first = key.length > 0 ? Buffer.concat([key, new Uint8Array(128 - key.length)]) : key
  const input = Buffer.concat([first, bytes])
  const blocks = Math.max(1, Math.ceil(input.length / 128))
  const padded = new Uint8Array(128 * blocks)
  padded.set(input)
  let h: ReadonlyArray<bigint> = initial.map((word, i) => (i === 0 ? word ^ BigInt(0x01010000 ^ (key.length << 8) ^ length) : word))
  for (let i = 0; i < blocks; i += 1) {
    const isLast = i === blocks - 1
    h = compress(h, padded.subarray(128 * i, 128 * (i + 1)), isLast ? input.length : 128 * (i + 1), isLast)
  }
  return new Uint8Array(new BigUint64Array(h).buffer).slice(0, length)
}
