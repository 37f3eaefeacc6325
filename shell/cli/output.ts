// Long output, line by line as it is made: nothing is made before the last of it was taken, so that a journal of any length passes through a little
// memory. Whoever has seen enough (`| head`) ends it quietly.
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { exitCodes } from './exitcodes.js'
import { failure, type Failure } from './failure.js'
import type { Writable } from 'node:stream'

/** Lines, and at their end why they end early, if they do. */
export type Lines = Generator<string, Either<Failure, void>>

/** Resolves when the text is taken, or to why it is not. */
const taken = (to: Writable, text: string): Promise<Error | null | undefined> => new Promise((resolve) => to.write(text, resolve))

/** Writes the lines; the exit code, or why they ended early. */
export const print = async (lines: Lines, to: Writable): Promise<Either<Failure, number>> => {
  // a stream tells a failure twice: to whoever wrote, and as an event, which would end the program
  to.on('error', () => undefined)
  for (let end = false; !end; ) {
    let text = ''
    let next = lines.next()
    for (; next.done !== true; next = lines.next()) {
      text += `${next.value}\n`
      if (text.length >= limits.outputCharacters) break
    }
    const error = text === '' ? undefined : await taken(to, text)
    if (error instanceof Error) {
      lines.return(right(undefined))
      return (error as NodeJS.ErrnoException).code === 'EPIPE' ? right(exitCodes.done.code) : left(failure(exitCodes.disk, `standard output: ${error.message}`))
    }
    if (next.done === true) {
      if (next.value._tag === 'Left') return next.value
      end = true
    }
  }
  return right(exitCodes.done.code)
}
