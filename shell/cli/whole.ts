// How a command line's numbers are read.
import { InvalidArgumentError } from 'commander'

/** Reads a whole number from `least` to `most`, of at most nine digits. Throws InvalidArgumentError, which commander tells. */
export const wholeNumber =
  (least: number, most: number) =>
  (text: string): number => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN
    if (value >= least && value <= most) return value
    throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`)
  }
