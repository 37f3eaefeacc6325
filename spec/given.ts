// The command lines of what is run by hand: campaigns, tortures, benches. What is wrong is told by a sentence, and ends the program with 64; `--help` shows
// what may be given.
import { Command } from 'commander'
import { exitCodes } from '../shell/cli/exitcodes.js'
import { wholeNumber } from '../shell/cli/whole.js'

const most = 999_999_999

/** A program that is run by hand. */
export const byHand = (about: string): Command =>
  new Command()
    .description(about)
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : exitCodes.usage.code))

/** The numbers that a program was given, or for each the usual one. */
export const numbersGiven = <N extends ReadonlyArray<readonly [name: string, usual: number]>>(about: string, ...names: N): { readonly [K in keyof N]: number } => {
  const program = names.reduce((so, [name, usual]) => so.argument(`[${name}]`, '', wholeNumber(0, most), usual), byHand(about))
  return program.parse().processedArgs as unknown as { readonly [K in keyof N]: number }
}

/** Any number of sizes, or the usual ones. */
export const sizesGiven = (about: string, ...usual: ReadonlyArray<number>): ReadonlyArray<number> => {
  const read = wholeNumber(1, most)
  const program = byHand(about).argument('[sizes...]', '', (text, before: ReadonlyArray<number> | undefined) => [...(before ?? []), read(text)])
  const [sizes] = program.parse().processedArgs as [ReadonlyArray<number> | undefined]
  return sizes ?? usual
}

/** One of these, or all. */
export const casesGiven = (about: string, ...cases: ReadonlyArray<string>): ReadonlyArray<string> => {
  const program = byHand(about)
  program.addArgument(program.createArgument('[case]', 'that one alone').choices(cases))
  const [one] = program.parse().processedArgs as [string | undefined]
  return one === undefined ? cases : [one]
}
