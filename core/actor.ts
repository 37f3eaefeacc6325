// Who gives a command. The shell authenticates, the core decides who may do what.
import type { PublicKey } from './keys.js'

/** Somebody at a plain, unproven UDP source: the classic wire. `ip` and `port` as the socket names them. */
export interface Classic {
  readonly _tag: 'Classic'
  readonly ip: string
  readonly port: number
}

/** The session that a request came by, and which parts of its answer have arrived before. */
export interface Back {
  readonly via: number
  readonly have: bigint
}

/** Whoever holds this X25519 key, shown by a sealed record that opened. */
export interface Key {
  readonly _tag: 'Key'
  readonly key: PublicKey
  /** the way back; decides nothing */
  readonly back?: Back
}

/** Whoever runs the program: its prompt, its signals. */
export interface Operator {
  readonly _tag: 'Operator'
}

/** The program itself: time, and what the world reports (a closed port). */
export interface Self {
  readonly _tag: 'Self'
}

export type Actor = Classic | Key | Operator | Self

export const classic = (ip: string, port: number): Classic => ({ _tag: 'Classic', ip, port })
export const keyed = (key: PublicKey, back?: Back): Key => (back === undefined ? { _tag: 'Key', key } : { _tag: 'Key', key, back })
export const operator: Operator = { _tag: 'Operator' }
export const self: Self = { _tag: 'Self' }
