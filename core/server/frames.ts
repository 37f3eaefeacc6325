// Between the server and its channel: a request frame is a command, an answer is one reply frame or more.
import { addressOf } from '../address.js'
import { memo } from '../memo.js'
import { encodeAnswer } from '../wire/sealed/answer.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import { partsOf } from '../wire/sealed/parts.js'
import { proofOf } from '../wire/sealed/proof.js'
import { sealedAnswer, type Outcome, type Response } from './reply.js'
import type { Ciphers } from '../channel/ciphers.js'
import type { Identity, PublicKey } from '../keys.js'
import type { Order } from '../wire/sealed/order.js'
import type { Reply, Request } from '../wire/sealed/index.js'
import type { Ask } from './command.js'

type Checks = Pick<Ciphers<unknown, unknown>, 'own' | 'idOf' | 'verify'>

/** Whose keys these are, if the Ed25519 key has signed that it belongs to the X25519 key, for this server. */
const identityOf = ({ own, idOf, verify }: Checks, seals: PublicKey, order: Order): Identity | undefined => {
  if (order._tag !== 'Register') return undefined
  const { signs, proof } = order
  return verify(signs, proofOf(seals, own.id), bytesOf(proof)) ? { id: idOf(signs, seals), signs, seals } : undefined
}

/** What a request frame of that key asks of the server. `place`: where it has shown that it receives. undefined: a register from elsewhere, which is
 *  sent again and then has shown it, or from where nobody can be reached (port 65535, whose port above is none). */
export const askOf = (checks: Checks, key: PublicKey, place: { readonly ip: string; readonly port: number } | undefined, request: Request): Ask | undefined => {
  const address = place === undefined ? undefined : addressOf(place)
  const { boot, seq, order } = request
  return address === undefined && order._tag === 'Register' ? undefined : { _tag: 'Ask', boot, seq, order, identity: identityOf(checks, key, order), address }
}

/** Most outcomes are one of a few constants, or were asked for before. */
const bodyOf = memo((outcome: Outcome) => encodeAnswer(sealedAnswer(outcome)))

/** The frames of an answer, without the parts that have arrived; none for what is not said to a key. */
export const repliesOf = (response: Response, have: bigint): ReadonlyArray<Reply> => {
  if (response._tag !== 'Answered') return []
  const { boot, seq, at, process, outcome } = response
  return (partsOf(bodyOf(outcome), have) ?? []).map((part) => ({ _tag: 'Reply', boot, seq, at, process, part }))
}
