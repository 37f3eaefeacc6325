// The ring of a list, as grants name it and members ask for it. Its hash is worked out once an epoch, when a message first needs it.
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { pour } from '../rate.js'
import { encodeRing, ringBytes, type ClassicSeat, type KeyedSeat, type Ring } from '../wire/sealed/ring.js'
import { act, answer, type Step } from './transitions.js'
import { isKeyed, keyedBy, membersOf, rebound, withContact, type Card, type List, type RingMark, type State } from './state.js'
import type { Digest, PublicKey } from '../keys.js'
import type { Config } from './config.js'

const seatOf = (state: State, { name, ip, port }: Card): KeyedSeat | ClassicSeat => {
  const contact = roll.get(state.contacts, name)
  if (!isKeyed(contact)) return { _tag: 'Classic', name, ip, port }
  const { signs, seals } = contact.bound.identity
  return { _tag: 'Keyed', name, signs, seals }
}

/** The members as they are in this epoch. */
const ringOf = (state: State, list: List): Ring => ({ list: list.name, epoch: list.epoch, members: membersOf(list).map((card) => seatOf(state, card)) })

/** `undefined`: the ring is longer than a body can be. */
export const marked = (config: Config, state: State, list: List): RingMark | undefined => {
  if (list.ring !== undefined) return list.ring
  const ring = ringOf(state, list)
  const encoded = encodeRing(ring)
  if (encoded.length > limits.sealedAnswerBytes) return undefined
  return { digest: config.hash(ringBytes(encoded)), keyed: ring.members.flatMap(({ _tag }, place) => (_tag === 'Keyed' ? [place] : [])) }
}

/** Tells a member of that ring who is on it, as a question is answered: members stand still while a message needs them, so that the ring of an
 *  ongoing message is that of its list. Anybody else, and whoever asks too fast, is told nothing. */
export const seek = (config: Config, state: State, key: PublicKey, digest: Digest): Step => {
  const contact = keyedBy(state, key)
  if (contact === undefined) return act(state, [])
  const questions = pour(config.keyRate, contact.bound.questions, state.at)
  if (questions === undefined) return act(state, [])
  const paid = questions === contact.bound.questions ? state : withContact(state, rebound(contact, { questions }))
  const found = table.entries(contact.lists).map(([name]) => roll.get(state.lists, name)).find((list) => list?.ring?.digest === digest)
  return found === undefined ? act(paid, []) : answer(paid, { _tag: 'Told', digest, ring: ringOf(paid, found) })
}
