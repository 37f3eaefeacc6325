// The ciphers of everybody in a simulated world: perfect boxes, made once for all runs. The server and a member are told apart by a number.
import { box } from '../model/box.js'
import type { ContactId, PublicKey } from '../../core/index.js'

export type BoxCiphers = ReturnType<typeof box>

const made: BoxCiphers[] = []

/** A contact's id is the hash of its two keys, as it is in earnest. */
const boxed = (who: number): BoxCiphers => {
  const ciphers = box(`of ${who === 0 ? 'the server' : who}`)
  const idOf = (signs: PublicKey, seals: PublicKey): ContactId => ciphers.hash(new Uint8Array(Buffer.from(signs + seals, 'hex'))) as string as ContactId
  const { signs, seals } = ciphers.own
  return { ...ciphers, idOf, own: { id: idOf(signs, seals), signs, seals } }
}

export const boxFor = (who: number): BoxCiphers => (made[who] ??= boxed(who))
