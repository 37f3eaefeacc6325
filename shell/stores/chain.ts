// What binds the batches of a journal together: each carries a sum over itself and over the sum before it. One that is altered, lost, doubled or out of
// place breaks the chain there, and nothing behind it is believed.
import { createHash } from 'node:crypto'

/** SHA-256 in lower-case hexadecimal digits. The chain begins with the digest of the first state. */
export type Sum = string

/** A batch as a journal holds it. */
export interface Row {
  /** the ledger's position behind its last record */
  readonly position: number
  /** by which its records are folded */
  readonly rules: number
  readonly sum: Sum
  /** a JSON array of records, in UTF-8 */
  readonly text: Uint8Array
}

export const sumOf = (before: Sum, position: number, rules: number, text: string | Uint8Array): Sum =>
  createHash('sha256').update(`${before} ${position} ${rules}\n`).update(text).digest('hex')

export const isSum = (value: unknown): value is Sum => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
