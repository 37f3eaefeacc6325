// Saved files, and the writes that are not finished.
import { isLeft } from 'fp-ts/lib/Either.js'
import { folder } from './files.js'
import type { Actor, server } from '../core/index.js'

export interface Archive {
  readonly write: (effect: Extract<server.Effect, { readonly _tag: 'WriteFile' }>, by: Actor) => void
  /** kept when nothing is being written */
  readonly finished: () => Promise<unknown>
}

/** Writes into the folder `path`, which exists; whoever asked is told with `respond`. */
export const openArchive = (
  path: string,
  respond: (by: Actor, response: server.Response) => void,
  trouble: (what: string, error: Error) => void,
): Archive => {
  const saves = folder(path)
  const writing = new Set<Promise<void>>()
  return {
    finished: () => Promise.all(writing),
    write: ({ name, content, written, failed }, by) => {
      const answered = saves.write(name, content)().then((outcome) => {
        if (isLeft(outcome)) trouble(`save ${name}`, outcome.left)
        respond(by, isLeft(outcome) ? failed : written)
        writing.delete(answered)
      })
      writing.add(answered)
    },
  }
}
