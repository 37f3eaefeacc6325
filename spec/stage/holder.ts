// A program that makes or finds the pair of keys NAME in a folder and locks it until its standard input ends: `holder.js FOLDER NAME`.
// It says `held ID` or why it cannot.
import { isLeft } from 'fp-ts/lib/Either.js'
import { lock } from '../../shell/identity/lock.js'
import { ciphers } from '../../shell/channel/ciphers.js'
import { keep, type IdentityName } from '../../shell/identity/secrets.js'

const [, , folder = '', name = ''] = process.argv
const kept = await keep(folder, name as IdentityName)()
if (isLeft(kept)) throw new Error(kept.left.sentence)
const held = await lock(folder, name as IdentityName, kept.right)()
console.log(isLeft(held) ? `${held.left._tag}: ${held.left.sentence}` : `held ${ciphers(kept.right.secrets).own.id}`)
if (!isLeft(held)) process.stdin.resume()
