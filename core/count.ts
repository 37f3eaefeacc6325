// Numbers that count something.
import * as t from 'io-ts'

/** A whole number >= 0 that is exact. */
export const Count = t.refinement(t.number, (n) => Number.isSafeInteger(n) && n >= 0, 'Count')
