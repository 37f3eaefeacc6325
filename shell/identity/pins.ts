// Whom a peer has met, from run to run: the pins of one pair of keys, in a private file beside it. Written only by the process that holds
// the pair (`lock`); writes follow each other in the order in which they were asked for.
import * as either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { pins } from '../../core/index.js'
import { privateFolder, readPrivate, replacePrivate, type Kind, type Trouble } from '../private.js'
import type { IdentityName } from './secrets.js'

const Pinned = new t.Type<pins.Pins, pins.Listed, unknown>(
  'Pins',
  (u): u is pins.Pins => typeof u === 'object' && u !== null && 'servers' in u && 'contacts' in u,
  (u, context) =>
    pipe(
      pins.Listed.validate(u, context),
      either.chain((listed) => {
        const found = pins.fromListed(listed)
        return found === undefined ? t.failure(u, context, 'something is pinned twice') : t.success(found)
      }),
    ),
  pins.listed,
)

const kind: Kind<pins.Pins> = { what: 'pinned keys', version: 1, codec: Pinned }

/** The pins of one pair of keys. */
export interface PinBook {
  /** as they were at the start */
  readonly pins: pins.Pins
  /** Replaces what is stored, behind every store asked for before; fails, leaving what was stored last, with the reason. */
  readonly store: (changed: pins.Pins) => taskEither.TaskEither<Trouble, void>
}

const book = (folder: string, file: string, found: pins.Pins): PinBook => {
  let last: Promise<unknown> = Promise.resolve()
  return {
    pins: found,
    store: (changed) => () => {
      const turn = last.then(replacePrivate(folder, file, kind, changed))
      last = turn
      return turn
    },
  }
}

/** The pins beside the pair `name` in `folder`; none where there is no file. Fails where it is damaged, newer or exposed, and leaves it. */
export const pinBook = (folder: string, name: IdentityName): taskEither.TaskEither<Trouble, PinBook> => {
  const file = `${name}.pins.json`
  return pipe(
    privateFolder(folder),
    taskEither.chain(() => readPrivate(folder, file, kind)),
    taskEither.map((found) => book(folder, file, found ?? pins.none)),
  )
}
