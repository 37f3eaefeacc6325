// What a peer is told when it begins.
import { limits } from '../limits.js'
import type { Address } from '../address.js'

export interface Config {
  /** where this peer is reached: commands and replies at `port`, relayed messages at `port` + 1 */
  readonly own: Address
  readonly server: Address
  /** whether the next line is wanted only when a message sent is home (a script), or at once (a person) */
  readonly paced: boolean
  /** bytes of a relayed message at its longest: what an original reads */
  readonly maxRelayBytes: number
}

export const config = (own: Address, server: Address, paced: boolean): Config => ({
  own,
  server,
  paced,
  maxRelayBytes: limits.classicDatagramBytes,
})
