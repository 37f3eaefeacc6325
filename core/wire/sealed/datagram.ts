// The five datagrams of the sealed wire, each told by its first byte, which no UTF-8 text begins with. Numbers are big-endian; three zero bytes
// follow the first one. The layouts are WireGuard's (Donenfeld, NDSS 2017, section 5.4) with the hash and the key sizes of ours.
//
//   0xF8 hello     zero 3 · sender 4 · Noise message 1: 108 · mac1 16 · mac2 16                148
//   0xF9 welcome   zero 3 · sender 4 · receiver 4 · Noise message 2: 48 · mac1 16 · mac2 16      92
//   0xFA retry     zero 3 · receiver 4 · nonce 24 · sealed cookie 32                             64
//   0xFB record    zero 3 · receiver 4 · counter 8 · ciphertext · tag 16                         32 and a frame
//   0xFC who       zero 3 · zero 144                                                             148
//        whois     one 1 · zero 2 · signs 32 · seals 32 · signature 64                           132
import { limits } from '../../limits.js'
import { joined } from './bytes.js'

export const types = { hello: 0xf8, welcome: 0xf9, retry: 0xfa, record: 0xfb, who: 0xfc } as const

/** bytes of the datagrams that have one length only, and where their fields stand */
export const sizes = { hello: 148, welcome: 92, retry: 64, who: 148, whois: 132, header: 16, tag: 16, mac: 16, nonce: 24, message1: 108, message2: 48 } as const

/** A datagram whose shape is right; nothing in it is proven. Byte runs are views of the datagram. */
export type Datagram =
  | { readonly _tag: 'Hello'; readonly sender: number; readonly message: Uint8Array; readonly covered: Uint8Array; readonly mac1: Uint8Array; readonly before: Uint8Array; readonly mac2: Uint8Array }
  | { readonly _tag: 'Welcome'; readonly sender: number; readonly receiver: number; readonly message: Uint8Array; readonly covered: Uint8Array; readonly mac1: Uint8Array }
  | { readonly _tag: 'Retry'; readonly receiver: number; readonly nonce: Uint8Array; readonly cookie: Uint8Array }
  | { readonly _tag: 'Record'; readonly receiver: number; readonly counter: number; readonly whole: Uint8Array }
  | { readonly _tag: 'Who' }
  | { readonly _tag: 'Whois'; readonly signs: Uint8Array; readonly seals: Uint8Array; readonly signature: Uint8Array }

/** Whether this is for the sealed wire at all. */
export const isSealed = (bytes: Uint8Array): boolean => (bytes[0] ?? 0) >= types.hello && (bytes[0] ?? 0) <= types.who

const u32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0

/** 2^53 and above is more than any session may count. */
const counterAt = (bytes: Uint8Array, at: number): number => u32At(bytes, at) * 0x1_0000_0000 + u32At(bytes, at + 4)

const isReserved = (bytes: Uint8Array, second: number): boolean => bytes[1] === second && bytes[2] === 0 && bytes[3] === 0

const record = (bytes: Uint8Array): Datagram | undefined => {
  const counter = counterAt(bytes, 8)
  const isWhole = bytes.length > sizes.header + sizes.tag && bytes.length % 16 === 0 && bytes.length <= limits.sealedDatagramBytes
  return isWhole && Number.isSafeInteger(counter) ? { _tag: 'Record', receiver: u32At(bytes, 4), counter, whole: bytes } : undefined
}

const hello = (bytes: Uint8Array): Datagram => ({
  _tag: 'Hello',
  sender: u32At(bytes, 4),
  message: bytes.subarray(8, 116),
  covered: bytes.subarray(0, 116),
  mac1: bytes.subarray(116, 132),
  before: bytes.subarray(0, 132),
  mac2: bytes.subarray(132, 148),
})

const welcome = (bytes: Uint8Array): Datagram => ({
  _tag: 'Welcome',
  sender: u32At(bytes, 4),
  receiver: u32At(bytes, 8),
  message: bytes.subarray(12, 60),
  covered: bytes.subarray(0, 60),
  mac1: bytes.subarray(60, 76),
})

export const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

/** The datagram in these bytes, or undefined: not one of ours. */
export const decodeDatagram = (bytes: Uint8Array): Datagram | undefined => {
  const isAnswer = bytes[0] === types.who && bytes[1] === 1
  if (!isReserved(bytes, isAnswer ? 1 : 0)) return undefined
  if (bytes[0] === types.record) return record(bytes)
  if (bytes[0] === types.hello && bytes.length === sizes.hello) return hello(bytes)
  if (bytes[0] === types.welcome && bytes.length === sizes.welcome) return isZero(bytes.subarray(76)) ? welcome(bytes) : undefined
  if (bytes[0] === types.retry && bytes.length === sizes.retry) return { _tag: 'Retry', receiver: u32At(bytes, 4), nonce: bytes.subarray(8, 32), cookie: bytes.subarray(32) }
  if (isAnswer && bytes.length === sizes.whois) return { _tag: 'Whois', signs: bytes.subarray(4, 36), seals: bytes.subarray(36, 68), signature: bytes.subarray(68) }
  return bytes[0] === types.who && bytes.length === sizes.who && isZero(bytes.subarray(1)) ? { _tag: 'Who' } : undefined
}

const u32 = (value: number): ReadonlyArray<number> => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]

/** A hello without its macs: 116 bytes, which mac1 covers; mac2 covers these and mac1. */
export const helloBody = (sender: number, message: Uint8Array): Uint8Array => joined([[types.hello, 0, 0, 0], u32(sender), message])

/** A welcome without its macs: 60 bytes. mac2 is not used: zero. */
export const welcomeBody = (sender: number, receiver: number, message: Uint8Array): Uint8Array =>
  joined([[types.welcome, 0, 0, 0], u32(sender), u32(receiver), message])

export const retry = (receiver: number, nonce: Uint8Array, cookie: Uint8Array): Uint8Array => joined([[types.retry, 0, 0, 0], u32(receiver), nonce, cookie])

/** The 16 bytes before a record's ciphertext, which are authenticated with it. */
export const recordHeader = (receiver: number, counter: number): Uint8Array => {
  const high = Math.floor(counter / 0x1_0000_0000)
  return Uint8Array.of(
    types.record, 0, 0, 0,
    receiver >>> 24, (receiver >>> 16) & 0xff, (receiver >>> 8) & 0xff, receiver & 0xff,
    high >>> 24, (high >>> 16) & 0xff, (high >>> 8) & 0xff, high & 0xff,
    (counter >>> 24) & 0xff, (counter >>> 16) & 0xff, (counter >>> 8) & 0xff, counter & 0xff,
  )
}

/** The question; as long as a hello, so that no answer is longer than it. */
export const who: Uint8Array = joined([[types.who], Array.from({ length: sizes.who - 1 }, () => 0)])

export const whois = (signs: Uint8Array, seals: Uint8Array, signature: Uint8Array): Uint8Array => joined([[types.who, 1, 0, 0], signs, seals, signature])
