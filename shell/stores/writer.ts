// The main thread's side of the one that writes the journal: orders go over, answers come back in the same order. One that dies, or cannot be
// understood, has left nobody knows what.
import { Worker } from 'node:worker_threads'
import { isLeft, left, right, toError, type Either } from 'fp-ts/lib/Either.js'
import { unwritten } from './failures.js'
import type { Sum } from './chain.js'
import type { Begin } from './scribe.js'
import type { Unwritten } from './store.js'

export type Order =
  | { readonly _tag: 'Append'; readonly position: number; readonly text: string }
  | { readonly _tag: 'SumAt'; readonly position: number }
  | { readonly _tag: 'Turn' }
  | { readonly _tag: 'Close' }

/** Each of these as `Scribe` has it; they may be called before the one before is answered. */
export interface Writer {
  readonly append: (position: number, text: string) => Promise<Either<Unwritten, void>>
  readonly sumAt: (position: number) => Promise<Either<Unwritten, Sum>>
  readonly turn: () => Promise<Either<Unwritten, void>>
  /** Ends the thread, also where it fails. */
  readonly close: () => Promise<Either<Unwritten, void>>
}

export type OpenWriter = (begin: Begin) => Promise<Either<Unwritten, Writer>>

type Answer = Either<Unwritten, never>

/** Opens a writer in a thread of its own. */
export const threaded: OpenWriter = async (begin) => {
  const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: begin })
  const waiting: ((answer: Answer) => void)[] = []
  let lost: Answer | undefined
  const lose = (why: string): void => {
    lost ??= left(unwritten('Broken', `${begin.folder}: ${why}`))
    for (const tell of waiting.splice(0)) tell(lost)
  }
  worker.on('message', (answer: Answer) => waiting.shift()?.(answer))
  worker.on('messageerror', () => lose('what writes the journal cannot be understood'))
  worker.on('error', (error) => lose(`what writes the journal has died: ${toError(error).message}`))
  worker.on('exit', () => lose('what writes the journal has ended'))
  const answered = (): Promise<Answer> => (lost === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(lost))
  const order = (asked: Order): Promise<Answer> => {
    if (lost === undefined) worker.postMessage(asked)
    return answered()
  }
  const begun = await answered()
  if (isLeft(begun)) return begun
  return right({
    append: (position, text) => order({ _tag: 'Append', position, text }),
    sumAt: (position) => order({ _tag: 'SumAt', position }),
    turn: () => order({ _tag: 'Turn' }),
    close: async () => {
      const closed = await order({ _tag: 'Close' })
      await worker.terminate()
      return closed
    },
  })
}
