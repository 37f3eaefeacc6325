// Which record counters were opened already: the anti-replay window of RFC 6479, as a value. The counters are in blocks of 32; the newest block
// is held apart, so that records in order, nearly all of them, cost one number.
import { limits } from '../limits.js'

export interface Window {
  /** the block of the highest counter opened; -1 at first */
  readonly block: number
  /** a bit for each counter of that block */
  readonly newest: number
  /** the blocks below it, nearest first */
  readonly older: ReadonlyArray<number>
}

export const fresh: Window = { block: -1, newest: 0, older: [] }

const blockBits = 32
/** Counters behind the newest block that are still told apart: 254 blocks, 8,128 counters. */
const blocks = limits.replayWindow / blockBits

const blockOf = (counter: number): number => Math.floor(counter / blockBits)
const bitOf = (counter: number): number => (1 << (counter % blockBits)) >>> 0

/** The bits of the block `back` blocks below the newest. */
const bitsAt = ({ newest, older }: Window, back: number): number => (back === 0 ? newest : (older[back - 1] ?? 0))

/** Whether a record of that counter may be opened: it was not, and it is not too old to be known. */
export const isFresh = (window: Window, counter: number): boolean => {
  const back = window.block - blockOf(counter)
  return back < 0 || (back <= blocks && (bitsAt(window, back) & bitOf(counter)) === 0)
}

const empties = (count: number): ReadonlyArray<number> => Array.from({ length: Math.min(count, blocks) }, () => 0)

/** The window after a record of that counter was opened; `isFresh` before. */
export const marked = (window: Window, counter: number): Window => {
  const block = blockOf(counter)
  const back = window.block - block
  if (back === 0) return { block, newest: (window.newest | bitOf(counter)) >>> 0, older: window.older }
  if (back > 0) return { ...window, older: older(window, back).with(back - 1, (bitsAt(window, back) | bitOf(counter)) >>> 0) }
  // joined by `concat`: measured, spreading hundreds of numbers takes ten times as long, once in 32 records
  const behind = window.block < 0 ? [] : empties(-back - 1).concat(window.newest, window.older)
  return { block, newest: bitOf(counter), older: behind.slice(0, blocks) }
}

/** The older blocks, at least `count` of them. */
const older = (window: Window, count: number): ReadonlyArray<number> =>
  window.older.length >= count ? window.older : [...window.older, ...empties(count - window.older.length)]

/** The highest counter opened, or -1. */
export const highest = ({ block, newest }: Window): number => (block < 0 ? -1 : block * blockBits + 31 - Math.clz32(newest))
