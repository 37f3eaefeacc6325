// The beginning of an own message: the text is there before a grant is asked (F25), and both are in the history before the first send (R5).
//
//   Compose, Resend ──im-start──> asked ──grant──> its ring known? ──> written ──> the first member of the path
import { isRight } from 'fp-ts/lib/Either.js'
import * as clock from '../clock.js'
import * as diary from '../diary.js'
import * as entropy from '../entropy.js'
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { announce } from '../effect.js'
import { after, earliest, type Instant } from '../time.js'
import { codeName, codes } from '../wire/classic/code.js'
import { encodeUtf8, utf8Length } from '../wire/utf8.js'
import { bytesOf, hexOf } from '../wire/sealed/bytes.js'
import { departure, encodeEnvelope } from '../wire/sealed/envelope.js'
import { commitBytes, grantBytes, messageBytes, processOf, type Grant } from '../wire/sealed/grant.js'
import type { ContactId, Signature } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import type { Answer } from '../wire/sealed/answer.js'
import type { Ring } from '../wire/sealed/ring.js'
import { hold } from './custody.js'
import { filled, skipped } from './gaps.js'
import { inClear, isMissing } from './leaf.js'
import { leavesOf, tend, writtenLeaves } from './leaves.js'
import { factorOf, patienceOf } from './loss.js'
import { newestWith } from './numbers.js'
import { fetch } from './rings.js'
import { report } from './telling.js'
import { idOf, keyAt, placeOf } from './seats.js'
import { changed, hiOf, isChanged, knownOf, newestRing, ringOf, withKnown, withOwn, type Asked, type Own, type Pending, type State } from './state.js'
import { each, persist, step, tell, then, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Command, Patience } from './command.js'

const notBegun = (state: State, list: string, name: string, sentence: string, code = 0, again?: Asked['again']): Step =>
  tell(state, { _tag: 'NotBegun', list, code, name, sentence, ...(again === undefined ? {} : { again: again.im }) })

type Wanted = Omit<Asked, 'order' | 'since' | 'next' | 'isTold'>

const ask = (config: Config, state: State, asked: Wanted, wanted: Patience, to: ReadonlyArray<ContactId>): Step => {
  const { list, text, salt, again } = asked
  const patience = patienceOf(state.loss, wanted)
  const commit = config.ciphers.hash(commitBytes(salt, text))
  const order = { _tag: 'ImStart', list, commit, size: utf8Length(text), patience, again: again === undefined ? null : { root: again.root, to } } as const
  return step(changed(state, { asked: { ...asked, order, since: state.at, next: undefined, isTold: false } }), { _tag: 'Request', ticket: 'start', order })
}

/** The member, if any, that has another key than this peer has met under its name. */
const changedIn = (config: Pick<Config, 'ciphers'>, state: State, ring: Ring | undefined): ContactName | undefined =>
  ring?.members.find((seat) => seat._tag === 'Keyed' && isChanged(config, state, seat))?.name

/** Whether the newest ring that is known of a list has such a member. The list may have changed since: only the server knows. */
export const isChangedOn = (config: Pick<Config, 'ciphers'>, state: State, list: ListName): boolean => changedIn(config, state, newestRing(state, list)) !== undefined

/** What is said of it. */
export const changedKey = (name: ContactName): string => `another key than before is registered for ${name}: nothing is sent to this list until it is accepted`

/** Asks for a grant. One at a time: the next may be composed when this one is answered. */
export const compose = (config: Config, state: State, { list, text, salt, patience, inClear = false }: Extract<Command, { readonly _tag: 'Compose' }>): Step => {
  if (state.asked !== undefined) return notBegun(state, list, 'Busy', 'the grant of another message is still awaited')
  if (text.length === 0) return notBegun(state, list, 'Empty', 'the message has no text')
  if (utf8Length(text) > limits.textBytes) return notBegun(state, list, 'TooLarge', `the text has more than ${limits.textBytes} bytes`)
  return ask(config, state, { list, text, salt, again: undefined, inClear }, patience, [])
}

/** Whom the directory knows under that name; nobody named is everybody. */
const idsOf = (config: Config, ring: Ring | undefined, names: ReadonlyArray<string>): ReadonlyArray<ContactId> => {
  const ids = (ring?.members ?? []).flatMap((seat) => (seat._tag === 'Keyed' && names.includes(seat.name) ? [idOf(config, seat)] : []))
  return ids.length === names.length && ids.length <= limits.namedAgain ? ids : []
}

/** Asks for a new grant of the same message, to whoever has given no receipt (R20). */
export const resend = (config: Config, state: State, { im, patience, inClear = false }: Extract<Command, { readonly _tag: 'Resend' }>): Step => {
  const own = roll.get(state.diary.sent, im)
  if (own === undefined) return notBegun(state, '', 'Unknown', 'no own message of that id is remembered')
  const { sent: { grant, text, salt }, report: told } = own
  if (state.asked !== undefined) return notBegun(state, grant.list, 'Busy', 'the grant of another message is still awaited')
  if (told === undefined) return notBegun(state, grant.list, 'UnderWay', 'the message is still on its way')
  const { leaves = [] } = told
  if (told.unknown.length + told.undelivered.length === 0 && !leaves.some(isMissing)) {
    const isSure = leaves.every(({ outcome }) => outcome === 'bounced')
    return notBegun(state, grant.list, 'Delivered', isSure ? 'everybody has it' : 'everybody has it whom it can be sent to again: a classic member gets one copy')
  }
  const missing = [...told.unknown, ...told.undelivered]
  return ask(config, state, { list: grant.list, text, salt, again: { im, root: grant.root, delivered: told.delivered }, inClear }, patience, idsOf(config, ringOf(state, grant), missing))
}

/** A wrong grant would be refused by everybody. */
const isGood = (config: Config, state: State, { list, text, salt, again }: Asked, grant: Grant, granted: Signature): boolean =>
  state.server !== undefined &&
  grant.list === list &&
  grant.root === (again?.root ?? grant.im) &&
  config.ciphers.verify(state.server.signs, grantBytes(grant), bytesOf(granted)) &&
  config.ciphers.hash(commitBytes(salt, text)) === grant.commit &&
  encodeUtf8(text).length === grant.size

/** When our clock shows that the server's may have come to that instant; a grant lasts for a minute at most. */
const reaches = (state: State, grant: Grant, instant: number): Instant =>
  clock.reaches(state.clock, processOf(grant), Math.max(0, instant) as Instant) ?? after(state.at, limits.longestLeaseMs)

const ownOf = (config: Config, state: State, { sent, delivered }: Pending, leaves: Own['leaves']): Own => {
  const { grant, granted, salt, text } = sent
  const g = config.ciphers.hash(grantBytes(grant))
  const signed = hexOf(config.ciphers.sign(messageBytes(g))) as Signature
  const hi = hiOf(state, grant) ?? state.at
  // a patient one has the ring for as long as one that is not has for all
  const share = Math.max(2, factorOf(state.loss))
  return {
    grant, g,
    body: encodeEnvelope({ grant, granted, signed, salt, text }),
    phase: 'ring',
    began: state.at,
    halfway: reaches(state, grant, hi + (grant.until - hi) / share),
    latest: reaches(state, grant, grant.until - config.pace.reportBeforeMs),
    receipts: [], best: undefined, notes: [], copies: [], given: [], poisoned: 0, disputed: false,
    before: delivered, leaves,
  }
}

/** Two poisoned envelopes in an epoch are enough: whoever spoils them gets no third to spoil (F21). */
const poisonedTwice = 2

const under = (config: Config, state: State, pending: Pending, leaves: Own['leaves']): Step => {
  const { sent: { grant }, resumed } = pending
  const own = ownOf(config, state, pending, leaves)
  if (resumed) return step(withOwn(state, { ...own, phase: 'over' }))
  const now = withOwn(state, own)
  if (grant.path.length === 0) return report(now, own, false)
  if (knownOf(state, grant.list).poisoned >= poisonedTwice) return step(withOwn(state, { ...own, phase: 'over' }))
  return hold(config, now, { grant, body: own.body, trail: departure }, -1)
}

/** Without own messages that are told and over, the oldest first: behind one that is not there may be others, which are found when it is. */
const pruned = (state: State): State => {
  const oldest = roll.first(state.own)
  if (oldest === undefined || oldest.phase !== 'told' || (hiOf(state, oldest.grant) ?? oldest.grant.until) < oldest.grant.until) return state
  return pruned(changed(state, { own: roll.remove(state.own, oldest.grant.im) }))
}

/** By which name this contact is on the ring. */
const nameIn = ({ own }: Config, ring: Ring): ContactName | undefined => ring.members[placeOf(ring, own.seals)]?.name

const begin = (config: Config, before: State, pending: Pending, ring: Ring): Step => {
  const { sent, resumed } = pending
  const { grant } = sent
  const state = pruned(before)
  // somebody else's ring, or a place in it: the server is wrong, or was told to be
  if (keyAt(ring, grant.initiator) !== config.own.seals || ring.list !== grant.list || ring.epoch !== grant.epoch) {
    return notBegun(state, grant.list, 'Forged', 'the grant is not for this ring')
  }
  const other = changedIn(config, state, ring)
  // it was begun: what is known of it is told, which is nothing
  if (other !== undefined && resumed) return report(state, ownOf(config, state, pending, writtenLeaves(config, state, sent)), false)
  if (other !== undefined) return notBegun(state, grant.list, 'Blocked', changedKey(other))
  const leaves = leavesOf(config, state, ring, { ...sent, from: nameIn(config, ring) ?? sent.from }, pending.inClear, resumed)
  if (resumed) return under(config, state, pending, leaves)
  const clear = inClear(leaves)
  const mark: diary.Sent = { ...sent, from: nameIn(config, ring) ?? sent.from, ...(clear.length === 0 ? {} : { clear }), ...(roll.has(state.diary.kept.rings, grant.ring) ? {} : { ring }) }
  const next = diary.marked(state.diary, mark)
  const { no, epoch } = knownOf(state, grant.list)
  const counted = filled(skipped(config, isRight(next) ? changed(state, { diary: next.right }) : state, grant.list, no, grant.no, undefined), grant.list, grant.no)
  const noted = withKnown(counted, grant.list, { no: newestWith(no, grant), epoch: Math.max(epoch, grant.epoch), ...(grant.epoch > epoch ? { poisoned: 0 } : {}) })
  const started = announce({ _tag: 'Begun' as const, im: grant.im, root: grant.root, list: grant.list, no: grant.no, members: grant.path.length + clear.length, until: grant.until })
  const begun = then(step(noted, persist(mark), started), (now) => under(config, now, pending, leaves))
  return then(begun, (now) => tend(config, now, grant.im))
}

const pend = (config: Config, state: State, pending: Pending): Step => {
  const ring = ringOf(state, pending.sent.grant)
  if (ring !== undefined) return begin(config, state, pending, ring)
  const waiting: State = changed(state, { pending: [...state.pending, pending] })
  return state.server === undefined ? step(waiting) : fetch(waiting, pending.sent.grant.ring, state.server.seals)
}

const refusedBy = (state: State, { list, again }: Asked, answer: Answer | undefined): Step => {
  if (answer === undefined) return notBegun(state, list, 'Unanswered', 'no answer came; a grant that was made ends by itself', 0, again)
  const name = codeName(answer.code)
  if (name === 'NoSuchContact') return notBegun(state, list, name, 'nobody who has given no receipt is on the list any more, under the key that the text was for; send it as a new message to whoever is there now', answer.code, again)
  return notBegun(state, list, name ?? String(answer.code), name === undefined ? 'a code that this version does not know' : codes[name].sentence, answer.code, again)
}

const times: { readonly [K in Patience]: number } = { once: 1, twice: 2, thrice: 3 }

/** ms, at most, until a list that starts no messages is asked again; `shown`: when it starts some as far as is known. */
const againMs = ({ at }: State, { since }: Asked, shown: Instant | undefined): number => {
  const left = shown === undefined ? Infinity : Math.max(0, shown - at)
  return Math.max(limits.fencedAgainMs, Math.min(limits.fencedAgainMostMs, Math.min(left, at - since) * limits.fencedAgainShare))
}

/** The server begins it later: it is asked again when it does, or a moment later, as long as a fence may last times the patience. Its user is told once, if
 *  that takes longer than it may seem to. */
const postponed = (before: State, asked: Asked, code: number, opens: Instant | undefined): Step => {
  const { at, clock: known } = before
  const { value, seed } = entropy.next(before.seed)
  const [newest] = known
  const shown = newest === undefined || opens === undefined ? undefined : clock.reaches(known, newest.process, opens)
  const soon = after(at, Math.ceil(againMs(before, asked, shown) * (1 + value) / 2))
  // what our bound of the server's time has come to, its clock may not have: asking at once would be asking without end
  const next = shown !== undefined && shown > at ? earliest(soon, shown) : soon
  const isNews = !asked.isTold && (shown ?? Infinity) > after(asked.since, limits.postponedUnseenMs)
  const state = changed(before, { seed, asked: { ...asked, next, isTold: asked.isTold || isNews } })
  if (!isNews) return step(state)
  const ms = shown === undefined ? {} : { ms: Math.max(0, shown - at) }
  return tell(state, { _tag: 'Postponed', list: asked.list, code, name: codeName(code) ?? String(code), again: asked.again !== undefined, ...ms })
}

const isPatient = ({ at }: State, { since, order: { patience } }: Asked): boolean => at < after(since, times[patience] * limits.longestLeaseMs)

/** What was asked for a list that started no messages is asked again. */
export const askAgain = (state: State): Step =>
  state.asked?.next === undefined ? step(state) : step(changed(state, { asked: { ...state.asked, next: undefined } }), { _tag: 'Request', ticket: 'start', order: state.asked.order })

/** The server's answer to an im-start. */
export const granted = (config: Config, before: State, answer: Answer | undefined): Step => {
  const { asked } = before
  if (asked === undefined) return step(before)
  if (answer?.body._tag === 'Opens' && isPatient(before, asked)) return postponed(before, asked, answer.code, answer.body.at)
  const state: State = changed(before, { asked: undefined })
  if (answer?.body._tag !== 'Granted') return refusedBy(state, asked, answer)
  const { grant, signature } = answer.body
  if (!isGood(config, state, asked, grant, signature)) return notBegun(state, asked.list, 'Forged', "the server's grant is not for this message, or not signed by it")
  const sent: diary.Sent = { _tag: 'Sent', at: state.at, from: '?' as ContactName, grant, granted: signature, salt: asked.salt, text: asked.text }
  return pend(config, state, { sent, delivered: asked.again?.delivered ?? [], resumed: false, inClear: asked.inClear })
}

/** What waited for a ring that is known now. */
export const unpend = (config: Config, state: State): Step => {
  const ready = state.pending.filter(({ sent }) => ringOf(state, sent.grant) !== undefined)
  return ready.length === 0 ? step(state) : each(changed(state, { pending: state.pending.filter((one) => !ready.includes(one)) }), ready, (now, one) => pend(config, now, one))
}

/** Nobody has told that ring. A message that waited for it is not begun; of one that was, before a restart, is told what is known, which is nothing,
 *  and who is meant by their places (R19): a server tells no ring of an epoch that is over. */
export const ringless = (config: Config, state: State, ring: string): Step => {
  if (state.fetches.some((fetch) => fetch.ring === ring)) return step(state)
  const waiting = state.pending.filter(({ sent }) => sent.grant.ring === ring)
  const rest: State = changed(state, { pending: state.pending.filter((one) => !waiting.includes(one)) })
  return each(rest, waiting, (now, one) =>
    one.resumed ? report(now, ownOf(config, now, one, writtenLeaves(config, now, one.sent)), false) : notBegun(now, one.sent.grant.list, 'Unanswered', 'nobody has told who is on the ring; the grant ends by itself'),
  )
}

/** Who had it under another grant of the same root, as the diary has been told (R20). */
const hadBefore = (state: State, { im, root }: Grant): ReadonlyArray<string> =>
  roll.values(state.diary.sent).flatMap(({ sent: { grant }, report: told }) => (grant.root === root && grant.im !== im ? (told?.delivered ?? []) : []))

/** After a restart: own messages of which nothing was told are taken up again, with direct copies, while their grants hold (R19). */
export const resume = (config: Config, state: State): Step =>
  each(state, roll.values(state.diary.sent).filter(({ report: told }) => told === undefined), (now, { sent }) =>
    pend(config, now, { sent, delivered: hadBefore(now, sent.grant), resumed: true, inClear: false }))
