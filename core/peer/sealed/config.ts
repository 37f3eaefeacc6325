// What a sealed peer is told when it begins: who it is, and which server it means. Its secrets stay outside: what they do comes in as
// functions.
import type { Ciphers } from '../../delivery/index.js'
import { limits } from '../../limits.js'
import type { Address } from '../../address.js'
import type { ContactId, Identity, PublicKey } from '../../keys.js'

export interface Config {
  /** this contact's public keys */
  readonly own: Identity
  /** of this peer, as classic members are told it: messages in clear come to the port above */
  readonly address: Address
  readonly server: Address
  /** whom the user named as the server; undefined: whoever is pinned, or there at first contact */
  readonly expected: ContactId | undefined
  /** whether another server than the pinned one is taken, and pinned instead: the user has said so */
  readonly acceptServer: boolean
  /** bytes of a classic relay at its longest: what an original reads */
  readonly maxRelayBytes: number
  /** the id of whoever holds these two keys */
  readonly idOf: (signs: PublicKey, seals: PublicKey) => ContactId
  /** what this contact's keys do for its messages */
  readonly ciphers: Ciphers
  /** this contact's signature of `proofOf` its sealing key at that server: 64 bytes in 128 hexadecimal digits */
  readonly prove: (server: ContactId) => string
  /** how many of a message's members, its initiator not counted, must have given a receipt, so that nothing has gone wrong */
  readonly require: Required
}

/** `majority`: more than half of them. A number above theirs is never reached. */
export type Required = 'all' | 'majority' | number

export const config = (asked: Omit<Config, 'maxRelayBytes' | 'require'> & Partial<Pick<Config, 'require'>>): Config => ({
  require: 'all', ...asked, maxRelayBytes: limits.classicDatagramBytes,
})
