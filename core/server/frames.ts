// Between the server and its channel: a frame is a command, an answer is one frame or more. What needs the server's secret is done here: what an order
// is judged by is found out before it becomes a command, and a grant is signed when it is told.
import { addressOf } from '../address.js'
import { memo } from '../memo.js'
import { encodeAnswer } from '../wire/sealed/answer.js'
import { bytesOf } from '../wire/sealed/bytes.js'
import { sum } from '../wire/sealed/envelope.js'
import { grantBytes, receiptBytes, type Settling } from '../wire/sealed/grant.js'
import { partsOf } from '../wire/sealed/parts.js'
import { proofOf } from '../wire/sealed/proof.js'
import { encodeRing } from '../wire/sealed/ring.js'
import { liveIn } from './leases.js'
import { sealedAnswer, type Outcome, type Response } from './reply.js'
import { keyedBy, membersOf, type State } from './state.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import type { Ciphers } from '../channel/ciphers.js'
import type { Identity, PublicKey, Tag } from '../keys.js'
import type { Order } from '../wire/sealed/order.js'
import type { Reply, Request, RingTold } from '../wire/sealed/index.js'
import type { Ask } from './command.js'

type Checks = Pick<Ciphers<unknown, unknown>, 'own' | 'idOf' | 'verify' | 'hash' | 'share'>

/** Whose keys these are, if the Ed25519 key has signed that it belongs to the X25519 key, for this server. */
const identityOf = ({ own, idOf, verify }: Checks, seals: PublicKey, order: Order): Identity | undefined => {
  if (order._tag !== 'Register') return undefined
  const { signs, proof } = order
  return verify(signs, proofOf(seals, own.id), bytesOf(proof)) ? { id: idOf(signs, seals), signs, seals } : undefined
}

/** Whether the tag is the sum of the receipts that those members make for the server. `undefined`: the message is not ongoing, or the key's contact is
 *  not on its list, or has had the answer: then nothing is worked out for it, which for a large ring takes milliseconds. */
const isProven = ({ hash, share }: Checks, state: State, key: PublicKey, { boot, seq, order }: Request): boolean | undefined => {
  if (order._tag !== 'ImComplete') return undefined
  const [live, by] = [liveIn(state, order.im), keyedBy(state, key)]
  if (live === undefined || by === undefined || !table.has(by.lists, live.list.name)) return undefined
  if (boot !== by.bound.boot || seq <= (by.bound.last?.seq ?? -1)) return undefined
  const members = membersOf(live.list)
  const g = hash(grantBytes(live.granted.grant))
  const receipts = (places: ReadonlyArray<number>, status: Settling): ReadonlyArray<Tag | undefined> =>
    places.map((place) => {
      const member = members[place]
      const seals = member === undefined ? undefined : roll.get(state.contacts, member.name)?.bound?.identity.seals
      return seals === undefined ? undefined : share(seals, receiptBytes(g, status))
    })
  const all = [...receipts(order.stored, 'stored'), ...receipts(order.closed, 'closed')]
  const tags = all.filter((tag) => tag !== undefined)
  return tags.length === all.length && sum(tags) === order.tag
}

/** What a request frame of that key asks of the server, whose newest state it is. `place`: where the key has shown that it receives. undefined: a
 *  register from elsewhere, which is sent again and then has shown it, or from where nobody can be reached (port 65535, whose port above is none). */
export const askOf = (
  checks: Checks, state: State, key: PublicKey, place: { readonly ip: string; readonly port: number } | undefined, request: Request,
): Ask | undefined => {
  const address = place === undefined ? undefined : addressOf(place)
  const { boot, seq, order } = request
  if (address === undefined && order._tag === 'Register') return undefined
  const proven = isProven(checks, state, key, request)
  return { _tag: 'Ask', boot, seq, order, identity: identityOf(checks, key, order), address, ...(proven === undefined ? {} : { proven }) }
}

/** The frames of an answer, without the parts that have arrived; none for what is not said to a key. */
export type RepliesOf = (response: Response, have: bigint) => ReadonlyArray<Reply | RingTold>

/** As the server says it that signs so. Most outcomes are one of a few constants, or were asked for before. */
export const repliesOf = (sign: Ciphers<unknown, unknown>['sign']): RepliesOf => {
  const bodyOf = memo((outcome: Outcome) => encodeAnswer(sealedAnswer(outcome, sign)))
  return (response, have) => {
    switch (response._tag) {
      case 'Left':
      case 'Right': return []
      case 'Told': return (partsOf(encodeRing(response.ring), have) ?? []).map((part) => ({ _tag: 'RingTold', ring: response.digest, part }))
      case 'Answered': {
        const { boot, seq, at, process, outcome } = response
        return (partsOf(bodyOf(outcome), have) ?? []).map((part) => ({ _tag: 'Reply', boot, seq, at, process, part }))
      }
    }
  }
}
