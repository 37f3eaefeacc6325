// A perfect box: the ciphers without cryptography, for simulations. What is sealed stays legible, with a checksum behind it of everything that
// it depends on: the keys, the counter, the header, the content.
//
// It resists accidents and the tricks of a simulator: damage, truncation, replay, reordering, what was meant for others. It does not resist
// anybody who reads this file: every secret can be computed from what is public.
import type { Ciphers } from '../../core/channel/ciphers.js'
import type { ContactId, Digest, PublicKey, Tag } from '../../core/keys.js'

/** 16 bytes that only the two ends of a session know, for each direction. */
export interface BoxKeys {
  readonly tx: Uint8Array
  readonly rx: Uint8Array
}

/** A handshake that awaits its answer. */
export interface BoxBegun {
  readonly to: Uint8Array
  readonly message: Uint8Array
}

/** What a checksum is of: two of the same bytes for different purposes differ. */
const kinds = {
  bytes: 1, next: 2, ephemeral: 3, first: 4, answer: 5, initiator: 6, responder: 7, sealed: 8, mac: 9, mac1: 10, retry: 11, enclosed: 12, signature: 13, hash: 15, shared: 16,
} as const
type Kind = keyof typeof kinds

const headerBytes = 16
/** keys whose bytes are kept: more than any simulated world has */
const keysMost = 4096
const tagBytes = 16

const turned = (word: number, by: number): number => (word << by) | (word >>> (32 - by))

/** The finalizer of MurmurHash3: each bit of a word moves about half of its bits, and no two words become one. */
const stirred = (word: number): number => {
  const a = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35)
  return b ^ (b >>> 16)
}

// byte by byte: a view of them, of whatever kind, makes an engine take memory for so few
const wordAt = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)

const put = (bytes: Uint8Array, at: number, word: number): void => {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}

/** Four hashes of 32 bits that multiply and turn differently, in 16 bytes. Every step keeps different states different, and makes different states
 *  of different inputs: a single altered byte always shows, and anything else in all but one of some 2^64 times. Each part counts with its length. */
const checksum = (kind: Kind, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  let a = 0x9e3779b9 ^ kinds[kind]
  let b = 0x243f6a88
  let c = 0xb7e15162
  let d = 0x6a09e667
  for (const part of parts) {
    const fours = part.length >> 2
    const words = fours + (part.length & 3)
    // its length, whole words, single bytes; in one loop, since what a function inside changes an engine keeps in memory
    for (let i = -1; i < words; i++) {
      const word = i < 0 ? part.length : i < fours ? wordAt(part, 4 * i) : (part[3 * fours + i] ?? 0)
      a = turned(Math.imul(a ^ word, 0x9e3779b1), 13)
      b = turned(Math.imul(b ^ word, 0x85ebca77), 17)
      c = turned(Math.imul(c ^ word, 0xc2b2ae3d), 11)
      d = turned(Math.imul(d ^ word, 0x27d4eb2f), 19)
    }
  }
  const sum = new Uint8Array(16)
  put(sum, 0, stirred(a ^ turned(b, 7)))
  put(sum, 4, stirred(b ^ turned(c, 9)))
  put(sum, 8, stirred(c ^ turned(d, 13)))
  put(sum, 12, stirred(d))
  return sum
}

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  parts.reduce((at, part) => {
    all.set(part, at)
    return at + part.length
  }, 0)
  return all
}

/** 32 bytes, of which the second half follows from the first: two of different inputs differ as surely as the first halves do. */
const wide = (kind: Kind, ...parts: ReadonlyArray<Uint8Array>): Uint8Array => {
  const first = checksum(kind, ...parts)
  return joined(first, checksum(kind, first))
}

const same = (one: Uint8Array, other: Uint8Array): boolean => one.length === other.length && one.every((byte, i) => byte === other[i])

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))

const keys = new Map<string, Uint8Array>()

/** As `bytesOf`; a simulation has few keys, and asks for the bytes of each again and again. Nobody writes into them. */
const keyOf = (hex: string): Uint8Array => {
  const known = keys.get(hex)
  if (known !== undefined) return known
  const bytes = bytesOf(hex)
  if (keys.size < keysMost) keys.set(hex, bytes)
  return bytes
}

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const counted = (counter: number): Uint8Array => {
  const bytes = new Uint8Array(8)
  put(bytes, 0, counter)
  put(bytes, 4, Math.floor(counter / 2 ** 32))
  return bytes
}

/** `seals Bob` in hexadecimal digits, filled up with zeroes: what a trace shows is legible. */
const named = (use: 'seals' | 'signs', name: number | string): PublicKey => {
  const text = Buffer.from(`${use} ${name}`, 'utf8')
  if (text.length > 32) throw new RangeError(`${name}: a box has a name of at most 26 bytes`)
  return text.toString('hex').padEnd(64, '0') as PublicKey
}

const isKey = (key: Uint8Array): boolean => key.length === 32 && key.some((byte) => byte !== 0)

/** Noise message 1 in its lengths: the ephemeral's public half (32), the initiator's static key (32) and a checksum (16), the payload (12) and
 *  another (16), both of everything and of the key to which it is addressed. */
const firstOf = (to: Uint8Array, from: Uint8Array, ephemeral: Uint8Array, payload: Uint8Array): Uint8Array => {
  const half = wide('ephemeral', ephemeral)
  const [forKey, forPayload] = [checksum('first', to, half, from), checksum('first', to, half, from, payload)]
  return joined(half, from, forKey, payload, forPayload)
}

/** A session is between two keys and of two messages. */
const sessionOf = (to: Uint8Array, first: Uint8Array, half: Uint8Array): { readonly tag: Uint8Array; readonly initiator: BoxKeys } => ({
  tag: checksum('answer', to, first, half),
  initiator: { tx: checksum('initiator', to, first, half), rx: checksum('responder', to, first, half) },
})

const accept = (own: Uint8Array, message: Uint8Array, ephemeral: Uint8Array): ReturnType<Ciphers<BoxBegun, BoxKeys>['accept']> => {
  if (message.length !== 108) return undefined
  const [half, from, payload] = [message.subarray(0, 32), message.subarray(32, 64), new Uint8Array(message.subarray(80, 92))]
  if (!isKey(from) || !same(message.subarray(64, 80), checksum('first', own, half, from))) return undefined
  if (!same(message.subarray(92), checksum('first', own, half, from, payload))) return undefined
  const answered = wide('ephemeral', ephemeral)
  const { tag, initiator } = sessionOf(own, message, answered)
  return { from: hexOf(from) as PublicKey, payload, answer: joined(answered, tag), keys: { tx: initiator.rx, rx: initiator.tx } }
}

const finish: Ciphers<BoxBegun, BoxKeys>['finish'] = ({ to, message }, answer) => {
  const { tag, initiator } = sessionOf(to, message, answer.subarray(0, 32))
  return same(answer.subarray(32), tag) ? initiator : undefined
}

const seal: Ciphers<BoxBegun, BoxKeys>['seal'] = ({ tx }, counter, header, plain) =>
  joined(header, plain, checksum('sealed', tx, counted(counter), header, plain))

const open: Ciphers<BoxBegun, BoxKeys>['open'] = ({ rx }, counter, datagram) => {
  const end = datagram.length - tagBytes
  if (end < headerBytes) return undefined
  const [header, plain] = [datagram.subarray(0, headerBytes), new Uint8Array(datagram.subarray(headerBytes, end))]
  return same(datagram.subarray(end), checksum('sealed', rx, counted(counter), header, plain)) ? plain : undefined
}

const disclose: Ciphers<BoxBegun, BoxKeys>['disclose'] = (key, nonce, sealed, associated) => {
  if (sealed.length < tagBytes) return undefined
  const plain = new Uint8Array(sealed.subarray(0, sealed.length - tagBytes))
  return same(sealed.subarray(plain.length), checksum('enclosed', key, nonce, plain, associated)) ? plain : undefined
}

/** 64 bytes */
const signature = (by: Uint8Array, bytes: Uint8Array): Uint8Array => {
  const half = wide('signature', by, bytes)
  return joined(half, wide('signature', half))
}

/** A hash of both keys, as it is with real ciphers: whoever has no more than a hash finds the same. */
const idOf = (signs: PublicKey, seals: PublicKey): ContactId => hexOf(wide('hash', bytesOf(signs + seals))) as ContactId

/** The ciphers of whoever has that name, of at most 26 bytes. Two boxes of one name are one. */
export const box = (name: number | string): Ciphers<BoxBegun, BoxKeys> => {
  const [signs, seals] = [named('signs', name), named('seals', name)]
  const own = { signs: bytesOf(signs), seals: bytesOf(seals) }
  return {
    own: { id: idOf(signs, seals), signs, seals },
    draw: (seed) => ({ bytes: wide('bytes', seed), next: wide('next', seed) }),
    begin: (to, payload, ephemeral) => {
      const key = bytesOf(to)
      if (!isKey(key)) return undefined
      const message = firstOf(key, own.seals, ephemeral, payload)
      return { message, begun: { to: key, message } }
    },
    accept: (message, ephemeral) => accept(own.seals, message, ephemeral),
    finish,
    seal,
    open,
    mac: (key, bytes) => checksum('mac', key, bytes),
    hash: (bytes) => hexOf(wide('hash', bytes)) as Digest,
    share: (with_, bytes) => hexOf(checksum('shared', ...(seals < with_ ? [keyOf(seals), keyOf(with_)] : [keyOf(with_), keyOf(seals)]), bytes)) as Tag,
    label: (label, key) => wide(label, keyOf(key)),
    enclose: (key, nonce, plain, associated) => joined(plain, checksum('enclosed', key, nonce, plain, associated)),
    disclose,
    sign: (bytes) => signature(own.signs, bytes),
    verify: (by, bytes, given) => same(given, signature(keyOf(by), bytes)),
    idOf,
  }
}
