// A contact's id as people read, compare and type it: base32 (RFC 4648, section 6) in lower case without padding, 52 characters. On a
// screen it stands in 13 groups of 4 with dashes. An id has one text in each form and every text at most one id: a slip never means
// the same, and is most often refused.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { Host, portFrom, showAddress, type Address } from './address.js'
import { ContactId } from './keys.js'

const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
/** 52 characters of 5 bits hold 256 bits and these, which are zero */
const spareBits = 4n
const characters = 52

/** The id in 52 characters. */
export const fingerprint = (id: ContactId): string =>
  (BigInt(`0x${id}`) << spareBits).toString(32).padStart(characters, '0').replace(/./g, (digit) => alphabet[parseInt(digit, 32)] ?? '')

/** The id in groups, for comparing: `abcd-efgh-...`, 64 characters. */
export const showFingerprint = (id: ContactId): string => fingerprint(id).replace(/.{4}(?=.)/g, '$&-')

const isFingerprint = (text: string): boolean => /^[a-z2-7]{52}$/.test(text) || /^[a-z2-7]{4}(-[a-z2-7]{4}){12}$/.test(text)

/** The id of either form; `undefined`: no fingerprint. */
export const fingerprintFrom = (text: string): ContactId | undefined => {
  if (!isFingerprint(text)) return undefined
  const bits = Array.from(text.replaceAll('-', '')).reduce((sum, character) => (sum << 5n) | BigInt(alphabet.indexOf(character)), 0n)
  const id = (bits >> spareBits).toString(16).padStart(64, '0')
  return bits % (1n << spareBits) === 0n && ContactId.is(id) ? id : undefined
}

/** Where a server is, and who it has to be; `undefined`: whoever is there at first contact. */
export interface ServerLine {
  readonly address: Address
  readonly id: ContactId | undefined
}

/** `192.0.2.7:22000#abcd...`, `[2001:db8::7]:22000`: what an operator hands to those who are to connect. */
export const serverLine = ({ address, id }: ServerLine): string => `${showAddress(address)}${id === undefined ? '' : `#${fingerprint(id)}`}`

/** What a server's line must be, in words. */
const serverRule = 'host:port or host:port#fingerprint, an IPv6 address in brackets, the port from 1 to 65534'

/** The server of a line, in which the fingerprint may have either form; otherwise a sentence that says what is wrong. */
export const serverFrom = (text: string): Either<string, ServerLine> => {
  const [, bracketed, plain, digits = '', mark, print = ''] = /^(?:\[([^\]]*)\]|([^:#[\]]*)):(\d+)(#(.*))?$/s.exec(text) ?? []
  const ip = bracketed ?? plain
  const port = portFrom(digits)
  if (!Host.is(ip) || port === undefined || (bracketed !== undefined && !ip.includes(':'))) return left(`"${text}" is no server: ${serverRule}`)
  const id = fingerprintFrom(print)
  if (mark !== undefined && id === undefined) return left(`"${print}" is no fingerprint: 52 letters a-z and digits 2-7, or 13 groups of 4 with dashes`)
  return right({ address: { ip, port }, id })
}
