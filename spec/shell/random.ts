// A small seeded generator (mulberry32) for tests that talk to real programs, where fast-check's shrinking would cost a run each.

export interface RandomGenerator {
  /** a whole number from 0, below `bound` */
  readonly below: (bound: number) => number
  readonly pick: <A>(all: ReadonlyArray<A>) => A
}

/** The same seed gives the same numbers. */
export const Random = (seed: number): RandomGenerator => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  const below = (bound: number): number => next() % bound
  return { below, pick: (all) => all[below(all.length)] as (typeof all)[number] }
}
