// Names that share one value of the table's hash, as an attacker would make them. FNV-1a over 32 bits is not meant to resist: two blocks
// that take the same inner state to the same inner state can be exchanged anywhere, so n pairs of blocks make 2^n colliding names.
// The pairs are found by the birthday paradox, some 2^17 blocks each.

/** The inner state of FNV-1a after `text`, begun at `state`. */
const fnv = (state: number, text: string): number =>
  Array.from(text).reduce((h, character) => Math.imul(h ^ character.charCodeAt(0), 0x01000193), state)

const digits = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** The n-th block of five letters. */
const block = (n: number): string => [0, 1, 2, 3, 4].map((place) => digits[Math.floor(n / 62 ** place) % 62] ?? '').join('')

/** Two blocks that lead from `state` to one and the same state. */
const pairFrom = (state: number): readonly [string, string, number] => {
  const seen = new Map<number, string>()
  for (let n = 0; ; n++) {
    const candidate = block(n * 7919)
    const reached = fnv(state, candidate)
    const other = seen.get(reached)
    if (other !== undefined && other !== candidate) return [other, candidate, reached]
    seen.set(reached, candidate)
  }
}

/** `count` names, all with one hash; a power of two at least. */
export const collidingNames = (count: number): ReadonlyArray<string> => {
  let names: ReadonlyArray<string> = ['']
  for (let state = 0x811c9dc5; names.length < count; ) {
    const [one, other, reached] = pairFrom(state)
    names = names.flatMap((name) => [name + one, name + other])
    state = reached
  }
  return names.slice(0, count)
}
