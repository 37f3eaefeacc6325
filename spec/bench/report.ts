// What a bench prints, and the little arithmetic behind it: medians, so that one interrupted round does not count, with the extremes
// beside them, so that it shows.
import { cpus } from 'node:os'

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = Float64Array.from(values).sort()
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** `0.81 (0.78..0.84)` */
export const spread = (values: ReadonlyArray<number>, digits = 2): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}..${Math.max(...values).toFixed(digits)})`

/** A table with a title, the first column to the left and the others to the right. */
export const print = (title: string, head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): void => {
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map((row) => row[column]?.length ?? 0)))
  const line = (cells: ReadonlyArray<string>): string =>
    cells.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')
  console.log([`\n${title} (Node ${process.versions.node}, ${cpus().length} cores)`, line(head), ...rows.map(line)].join('\n'))
}

/** A generator of whole numbers below `n` (mulberry32): the same ones in every run. */
export const dice = (seed: number) => {
  let state = seed
  return (n: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * n)
  }
}

/** A copy in an order of chance (Fisher and Yates). */
export const shuffled = <A>(values: ReadonlyArray<A>, roll: (n: number) => number): ReadonlyArray<A> => {
  const copy = [...values]
  for (let i = copy.length - 1; i > 0; i--) {
    const j = roll(i + 1)
    ;[copy[i], copy[j]] = [copy[j] as A, copy[i] as A]
  }
  return copy
}
