// `peal id [--as NAME]`: who this user is to others.
import { isLeft, left, right, type Either } from 'fp-ts/lib/Either.js'
import { fingerprint } from '../../core/index.js'
import { ciphers } from '../channel/ciphers.js'
import { identityFolder, keep, type IdentityName } from '../identity/secrets.js'
import { exitCodes } from './exitcodes.js'
import { keepFailure, type Failure } from './failure.js'
import { visible, visibleJson } from './visible.js'

export interface IdOptions {
  readonly as: IdentityName
  readonly json: boolean
}

/** Shows the pair of that name, made at first use; the exit code, or why it cannot be had. Locks nothing: it may be in use. */
export const id = async ({ as, json }: IdOptions): Promise<Either<Failure, number>> => {
  const kept = await keep(identityFolder(process.env, 'peer'), as)()
  if (isLeft(kept)) return left(keepFailure(kept.left))
  const { secrets, path, made } = kept.right
  const print = fingerprint(ciphers(secrets).own.id)
  const lines = [`name         ${as}`, `fingerprint  ${print}`, `kept in      ${visible(path)}${made ? ' (made now; keep a copy where nobody else reads it)' : ''}`]
  process.stdout.write(`${json ? visibleJson({ v: 1, name: as, fingerprint: print, file: path, made }) : lines.join('\n')}\n`)
  return right(exitCodes.done.code)
}
