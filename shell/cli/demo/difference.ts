// Something is not as the script says it should be: what it was about, what was expected, and what came instead. It ends the
// demonstration, so it is thrown; nothing that was started outlives it.
import { isDeepStrictEqual } from 'node:util'
import { visible } from '../visible.js'

export class Difference extends Error {
  constructor(about: string, expected: string, got: string) {
    const lines = got.split('\n').map(visible).join('\n            ')
    super(`not as it should be: ${about}\n  expected  ${expected}\n  got       ${lines}`)
    this.name = 'Difference'
  }
}

/** Throws unless the two are the same, all the way down. */
export const same = (about: string, expected: unknown, got: unknown): void => {
  if (!isDeepStrictEqual(expected, got)) throw new Difference(about, JSON.stringify(expected), JSON.stringify(got))
}
