// Names made to share one hash, as somebody would who wants to slow a table down. A hash that eats its text from left to right forgets
// everything but a state of a few bytes: two different blocks of text that lead from one state to the same next one are found by chance
// (the birthday paradox: some 2^16 tries for 32 bits), and n such pairs, one after the other, make 2^n names with one hash.
//
//   start ──a1 or b1──> state 1 ──a2 or b2──> state 2 ── ... ──> one hash
import { table } from '../../core/index.js'
import { dice } from './report.js'

export interface Crowd {
  readonly crafted: ReadonlyArray<string>
  /** as many names of the same length that were drawn by chance */
  readonly ordinary: ReadonlyArray<string>
  /** different hashes among the crafted names: 1 if the attack worked */
  readonly hashes: number
}

const blockLength = 8
/** pairs that are looked for among so many blocks at most; a hash that hides its state from outside resists that long */
const tries = 1_000_000
const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'

const roll = dice(3)
const text = (length: number): string => Array.from({ length }, () => letters[roll(letters.length)]).join('')

/** A hash shows only a part of its state: two that go on alike whatever follows have all of it in common. */
const goOnAlike = (a: string, b: string): boolean => ['x', 'yz', '0123456'].every((rest) => table.hash(a + rest) === table.hash(b + rest))

const pair = (prefix: string): readonly [string, string] | undefined => {
  const met = new Map<number, string>()
  for (let i = 0; i < tries; i++) {
    const block = text(blockLength)
    const hash = table.hash(prefix + block)
    const other = met.get(hash)
    if (other !== undefined && other !== block && goOnAlike(prefix + block, prefix + other)) return [other, block]
    met.set(hash, block)
  }
  return undefined
}

/** 2^n names that share one hash, if the table's hash lets itself be attacked, and as many ordinary ones. */
export const crowd = (n: number): Crowd => {
  let crafted = ['']
  for (let i = 0; i < n; i++) {
    const [a, b] = pair(crafted[0] ?? '') ?? [text(blockLength), text(blockLength)]
    crafted = crafted.flatMap((name) => [name + a, name + b])
  }
  const ordinary = crafted.map(() => text(n * blockLength))
  return { crafted, ordinary, hashes: new Set(crafted.map(table.hash)).size }
}
