// The secret keys of a peer or a server: made at first use from the system's randomness, kept in a private file, never changed.
//
// Making them writes the file with link(2), which fails where there is one: of two processes that make the pair of one name at once, one
// makes it and both have it.
//
// A peer's pair is locked while in use (`lock`), because a contact is one process: a second would take its messages. A server's is not:
// its file is only read after it is made, and two servers of one operator that share a key are told apart by their addresses. Whoever
// wants them told apart by their keys gives each `--identity NAME`.
import { join } from 'node:path'
import * as either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as taskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { PublicKey } from '../../core/index.js'
import { ciphers } from '../channel/ciphers.js'
import { newSecrets, type Secrets } from '../channel/secrets.js'
import { stateFolder } from '../places.js'
import { createPrivate, privateFolder, readPrivate, type Kind, type Trouble } from '../private.js'

/** Secrets as they are kept. */
export interface Kept {
  readonly secrets: Secrets
  /** where */
  readonly path: string
  /** just now: there was no file */
  readonly made: boolean
}

interface IdentityNameBrand { readonly IdentityName: unique symbol }

/** What the name of a pair of keys must be, in words. */
export const identityNameRule = '1 to 64 letters, digits, dashes or underscores, beginning with a letter or digit'

/** A plain file name without a dot: NAME.json and NAME.pins.json of two names are never one file. */
export const IdentityName = t.brand(t.string, (s): s is t.Branded<string, IdentityNameBrand> => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(s), 'IdentityName')
export type IdentityName = t.TypeOf<typeof IdentityName>

/** The names where none is given. */
export const usualNames = { peer: 'default' as IdentityName, server: 'server' as IdentityName } as const

/** Where the pairs of peers and those of servers are kept. */
export const identityFolder = (env: NodeJS.ProcessEnv, of: 'peer' | 'server'): string => join(stateFolder(env), of === 'peer' ? 'identities' : 'servers')

const keyBytes = 32

/** 32 bytes as 64 hexadecimal digits, which is what a public key looks like too. */
const Key = new t.Type<Uint8Array, string, unknown>(
  'Key',
  (u): u is Uint8Array => u instanceof Uint8Array && u.length === keyBytes,
  (u, context) => (PublicKey.is(u) ? t.success(new Uint8Array(Buffer.from(u, 'hex'))) : t.failure(u, context)),
  (bytes) => Buffer.from(bytes).toString('hex'),
)

const Pair = t.strict({ signing: Key, sealing: Key })
const Named = t.partial({ id: t.string })

/** Beside them stands whose they are, so that a digit that has changed makes nobody another one. A file of before that holds the keys alone. */
const Whole = new t.Type<Secrets, object, unknown>(
  'Whole',
  Pair.is,
  (u, context) =>
    pipe(
      Pair.validate(u, context),
      either.chain((secrets) => (Named.is(u) && (u.id === undefined || u.id === ciphers(secrets).own.id) ? t.success(secrets) : t.failure(u, context))),
    ),
  (secrets) => ({ ...Pair.encode(secrets), id: ciphers(secrets).own.id }),
)

const kind: Kind<Secrets> = { what: 'two secret keys, and whose they are', version: 1, codec: Whole }

/** The secrets called `name` in `folder`; made where there are none. Fails where the file is damaged, newer or exposed, and leaves it. */
export const keep = (folder: string, name: IdentityName): taskEither.TaskEither<Trouble, Kept> => {
  const file = `${name}.json`
  const kept = (secrets: Secrets, made: boolean): Kept => ({ secrets, path: join(folder, file), made })
  const make = (fresh: Secrets): taskEither.TaskEither<Trouble, Kept> =>
    pipe(
      createPrivate(folder, file, kind, fresh),
      taskEither.chain((made) => (made ? taskEither.right(kept(fresh, true)) : keep(folder, name))),
    )
  return pipe(
    privateFolder(folder),
    taskEither.chain(() => readPrivate(folder, file, kind)),
    taskEither.chain((found) => (found === undefined ? make(newSecrets()) : taskEither.right(kept(found, false)))),
  )
}
