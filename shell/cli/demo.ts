// `peal demo [--fast] [--no-color] [--only classic|sealed]`: the demonstration, played by real programs and checked word by word. However it ends (in harmony,
// with a difference, by Ctrl-C, or because nobody reads it any more), it leaves no process and no file behind.
import { isatty } from 'node:tty'
import { constants } from 'node:os'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { assemble } from './demo/cast.js'
import { Difference } from './demo/difference.js'
import { play } from './demo/engine.js'
import { narrate, type Tally } from './demo/narrator.js'
import { page, type Look } from './demo/page.js'
import { parts } from './demo/script.js'
import { exitCodes } from './exitcodes.js'
import { failure, type Failure } from './failure.js'
import type { Part, Scene } from './demo/scene.js'

export interface DemoOptions {
  readonly fast: boolean
  readonly color: boolean
  /** one part and no other; undefined: all */
  readonly only: Part['name'] | undefined
}

/** columns: the widest line that is drawn over */
const widest = 80

/** Plays scenes on a stage of their own, and clears it. Throws a Difference, or what interrupted it. */
export const present = async (scenes: ReadonlyArray<Scene>, look: Look, interrupted: AbortSignal, opening = ''): Promise<Tally> => {
  const over = new AbortController()
  const signal = AbortSignal.any([interrupted, over.signal])
  const sheet = page(look, signal)
  const narrator = narrate(sheet)
  const cast = await assemble(signal)
  try {
    await narrator.opening(opening)
    const tally = await play(scenes, cast, narrator)
    narrator.closing(tally)
    return tally
  } finally {
    over.abort(new Error('the play is over'))
    sheet.rest()
    await cast.dismiss()
  }
}

/** Without colours nothing is animated either: then nobody wants an escape sequence. */
const lookFor = ({ fast, color }: DemoOptions, { stdout, env }: NodeJS.Process): Look => {
  const colours = isatty(stdout.fd) && color && env['TERM'] !== 'dumb' && (env['NO_COLOR'] ?? '') === ''
  return { output: stdout, fast, colours, animated: colours && stdout.columns >= widest }
}

type Ending = 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'

/** Aborted by a signal, or when standard output is closed, with a sentence; `code` is then what a shell would say of that signal. */
const interruption = (): { readonly signal: AbortSignal; readonly code: () => number } => {
  const controller = new AbortController()
  let by: Ending | undefined
  const end = (signal: Ending): void => {
    by ??= signal
    controller.abort(new Error(`ended by ${signal}`))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
  process.stdout.on('error', () => end('SIGPIPE'))
  return { signal: controller.signal, code: () => 128 + (by === undefined ? 0 : constants.signals[by]) }
}

/** The whole demonstration; the exit code, or what differed. */
export const demo = async (options: DemoOptions): Promise<Either<Failure, number>> => {
  const { signal, code } = interruption()
  try {
    const look = lookFor(options, process)
    for (const { name, opening, scenes } of parts) if (options.only === undefined || options.only === name) await present(scenes, look, signal, opening)
    narrate(page(look, signal)).farewell()
    return right(exitCodes.done.code)
  } catch (error) {
    if (signal.aborted) return right(code())
    if (error instanceof Difference) return left(failure(exitCodes.refused, error.message))
    throw error
  }
}
