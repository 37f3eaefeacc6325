// Chance, as a value: a seed comes in from outside, and every number drawn gives the seed that follows. For what has to be spread, not for
// what has to be secret: whoever sees one number can tell the next.

/** A whole number, 0 .. 2^32 - 1. */
export type Seed = number

/** Steele, Lea & Flood, "Fast Splittable Pseudorandom Number Generators" (OOPSLA 2014), in 32 bits: a Weyl sequence, each of its numbers mixed.
 *  The mixer is the one of two rounds of C. Wellons' hash-prospector, [16 21f0aaad 15 735a2d97 15]: a bijection of 32-bit numbers. */
const mixed = (weyl: number): number => {
  const once = Math.imul(weyl ^ (weyl >>> 16), 0x21f0aaad)
  const twice = Math.imul(once ^ (once >>> 15), 0x735a2d97)
  return (twice ^ (twice >>> 15)) >>> 0
}

/** A number, 0 <= value < 1, and the seed that follows. Its period is 2^32. */
export const next = (seed: Seed): { readonly value: number; readonly seed: Seed } => {
  const weyl = (seed + 0x9e3779b9) >>> 0
  return { value: mixed(weyl) / 2 ** 32, seed: weyl }
}
