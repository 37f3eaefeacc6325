// The courier's one function: every command in every state has its step.
import * as option from 'fp-ts/lib/Option.js'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import * as clock from '../clock.js'
import * as diary from '../diary.js'
import * as inbox from '../inbox.js'
import * as roll from '../roll.js'
import { announce } from '../effect.js'
import { limits } from '../limits.js'
import { after, latest, type Instant } from '../time.js'
import type { ProcessId, PublicKey } from '../keys.js'
import type { ListName } from '../names.js'
import type { Reducer } from '../transition.js'
import { relayed, unpark } from './arriving.js'
import { heardMissed, heardNone, missedNowhere } from './catching.js'
import { compose, granted, resend, resume, unpend } from './composing.js'
import { heardHop, unreachable } from './custody.js'
import { afterRing, copiesUnreachable, heardCopy } from './direct.js'
import { returned, withoutGap } from './gaps.js'
import { give } from './giving.js'
import { heardHome } from './home.js'
import { bounced } from './leaves.js'
import { knocked, located } from './locating.js'
import { answered as answeredAfter } from './loss.js'
import { tellRing, told } from './rings.js'
import { ownWith } from './own.js'
import { sought } from './seeking.js'
import { completed } from './telling.js'
import { due, fired, nearest } from './timers.js'
import { changed, knownOf, neighbourOf, ownUnderWay, withKnown, withNeighbour, withOwn, type State } from './state.js'
import { each, persist, step, then, type Effect, type Step } from './transitions.js'
import type { Relay } from '../wire/sealed/frame.js'
import type { Command, Timer } from './command.js'
import type { Config } from './config.js'

/** What waited for the server's time, for a ring, or for a word that this member is on the list, goes on. */
const goOn = (config: Config, before: Step): Step => then(then(before, (now) => unpark(config, now)), (now) => unpend(config, now))

/** Messages that ended long ago are forgotten, so that there is room for others (F27); that takes a look at all of them, and is done once in a while. What
 *  an earlier process of the server has granted is forgotten by the clock of the one that serves now, which is behind none before it, when that one has
 *  served for longer than any lease: it may have been set right by years, while copies of the other's messages are still on their way. */
const tidied = (state: State, serving: ProcessId, shown: Instant): Step => {
  if (state.tidied !== undefined && state.at < after(state.tidied, limits.inboxTidyMs)) return step(state)
  const now: State = changed(state, { tidied: state.at })
  const isAlone = state.serving?.process === serving && state.at >= after(state.serving.since, 2 * limits.longestLeaseMs)
  const mark = inbox.forgetting(state.diary.inbox, (process) => (isAlone || process === serving ? shown : undefined))
  const next = mark === undefined ? undefined : diary.marked(state.diary, mark)
  if (mark === undefined || next === undefined || isLeft(next)) return step(now)
  const { roots } = next.right.inbox
  const gone = roll.values(now.accepted).filter(({ grant: { root } }) => !roll.has(roots, root))
  return step(changed(now, { diary: next.right, accepted: gone.reduce((rest, { grant: { im } }) => roll.remove(rest, im), now.accepted) }), { _tag: 'Jot', record: mark })
}

/** Which process of the server answers, and since when no other has. */
const served = (state: State, process: ProcessId): State => (state.serving?.process === process ? state : changed(state, { serving: { process, since: state.at } }))

const learned = (config: Config, before: State, { process, shown, since, sends }: Extract<Command, { readonly _tag: 'Learned' }>): Step => {
  const wasAway = before.learnedAt === undefined || before.at >= after(before.learnedAt, limits.perhapsAwayMs)
  const loss = sends === undefined ? before.loss : answeredAfter(before.loss, sends)
  const state = served(changed(before, { loss, learnedAt: before.at, clock: clock.learn(before.clock, { process, at: shown, since }, before.at) }), process)
  const known = tidied(state, process, shown)
  return then(known, (now) => goOn(config, step(wasAway ? returned(config, now) : now)))
}

/** R2: whatever began before the sleep says nothing of time now. Own messages are sent directly, once the time is known again. */
const slept = (before: State): Step => {
  const own = ownUnderWay(before).filter(({ phase }) => phase === 'ring').reduce((state, one) => withOwn(state, ownWith(one, { phase: 'over' })), before)
  return step(changed(own, { clock: clock.nothing, learnedAt: undefined, custody: roll.empty(), arrivals: [] }), ...(own.underWay.length > 0 ? [{ _tag: 'Ping' } as const] : []))
}

/** What went round until now is not missed by whoever joins the list anew, by the processes after this one neither (K10). */
const uncounted = (before: State, list: ListName): Step => {
  const state = changed(withKnown(before, list, { no: 0 }), { gaps: before.gaps.filter((gap) => gap.list !== list) })
  const mark: diary.Mark = { _tag: 'Left', list }
  const next = diary.linesSince(state.diary).some((line) => line.list === list) ? diary.marked(state.diary, mark) : undefined
  return next === undefined || isLeft(next) ? step(state) : step(changed(state, { diary: next.right }), persist(mark))
}

/** R9: what waits of that list is dropped; what is newer than all that was known counts again after a new join. */
const left = (before: State, list: ListName): Step =>
  then(uncounted(before, list), (state) =>
    step(changed(withKnown(state, list, { left: true, epoch: knownOf(state, list).epoch + 1 }), { parked: state.parked.filter(({ grant }) => grant.list !== list) })))

/** A member that the server had to put on the list was not there before, whatever a process knows of it that learned nothing of a leave; unless a message
 *  of the list has come since then, which was faster than the answer. */
const joined = (config: Config, state: State, { list, since }: Extract<Command, { readonly _tag: 'Joined' }>): Step => {
  const known = knownOf(state, list)
  const wasNot = since !== undefined && !known.left && known.at < since
  return then(wasNot ? uncounted(state, list) : step(state), (now) => goOn(config, step(withKnown(now, list, { left: false }))))
}

/** Whoever is heard is there. */
const isHere = (state: State, key: PublicKey): State => (neighbourOf(state, key).span === 0 ? state : withNeighbour(state, key, { avoided: 0 as Instant, span: 0 }))

const heardRelay = (config: Config, state: State, from: PublicKey, relay: Relay): Step => {
  switch (relay.kind) {
    case 'home': return heardHome(config, state, from, relay)
    case 'missed': return heardMissed(config, state, from, relay)
    case 'ring':
    case 'direct': return relayed(config, state, from, relay, relay.kind)
  }
}

const hear = (config: Config, before: State, { from, frame }: Extract<Command, { readonly _tag: 'Hear' }>): Step => {
  const state = isHere(before, from)
  switch (frame._tag) {
    case 'RingWanted': return tellRing(state, from, frame)
    case 'RingTold': return goOn(config, step(told(config, state, from, frame)))
    case 'MissedWanted': return give(config, state, from, frame)
    case 'MissedNone': return heardNone(config, state, from, frame)
    case 'Relay': return heardRelay(config, state, from, frame)
    case 'Ack': return frame.kind === 'direct' ? heardCopy(config, state, from, frame) : heardHop(config, state, from, frame)
  }
}

/** Lines that may not have been on a screen when the process before this one ended are shown again, and marked so (F23). */
const shownAgain = (before: State): Step =>
  each(before, inbox.unshown(before.diary.inbox), (state, { root, line: { list, no, from, text, ...rest } }) => {
    const mark: diary.Mark = { _tag: 'Shown', root }
    const next = diary.marked(state.diary, mark)
    const how = rest.caughtUp === true ? { caughtUp: true } : {}
    const notice = announce({ _tag: 'Taken' as const, im: root, root, list, no, from, text, repeated: true, ...how })
    // a mark that the diary does not take must not come into its store either
    return isRight(next) ? step(changed(state, { diary: next.right }), notice, { _tag: 'Jot', record: mark }) : step(state, notice)
  })

/** R11: from now on, in the processes after this one too. */
const mute = (state: State, { list, muted }: Extract<Command, { readonly _tag: 'Mute' }>): Step => {
  if (roll.has(state.diary.muted, list) === muted) return step(state)
  const mark: diary.Mark = { _tag: 'Muted', list, muted }
  const next = diary.marked(state.diary, mark)
  return isLeft(next) ? step(state) : step(changed(state, { diary: next.right }), persist(mark))
}

/** In the processes after this one too. */
const catchUp = (state: State, { list, on }: Extract<Command, { readonly _tag: 'CatchUp' }>): Step => {
  if (roll.has(state.diary.apart, list) === !on) return step(state)
  const mark: diary.Mark = { _tag: 'Apart', list, apart: !on }
  const next = diary.marked(state.diary, mark)
  return isLeft(next) ? step(state) : step(withoutGap(changed(state, { diary: next.right }), list), persist(mark))
}

const answered = (config: Config, state: State, ticket: string, answer: Parameters<typeof granted>[2]): Step => {
  const [what, rest = ''] = ticket.split(' ', 2)
  if (what === 'start') return granted(config, state, answer)
  if (what === 'where') return step(missedNowhere(state, ticket.slice('where '.length), answer))
  if (what === 'seek') return sought(config, state, ticket.slice('seek '.length), answer)
  if (what === 'complete') return completed(state, rest as Parameters<typeof completed>[1], answer)
  return step(state)
}

const decide = (config: Config, state: State, command: Command): Step => {
  switch (command._tag) {
    case 'Met': return step(changed(state, { server: command.server }))
    case 'Learned': return learned(config, state, command)
    case 'Slept': return slept(state)
    case 'Joined': return joined(config, state, command)
    case 'Left': return left(state, command.list)
    case 'Compose': return compose(config, state, command)
    case 'Resend': return resend(config, state, command)
    case 'Mute': return mute(state, command)
    case 'CatchUp': return catchUp(state, command)
    case 'Answered': return answered(config, state, command.ticket, command.answer)
    case 'Hear': return hear(config, state, command)
    case 'Bounced': return bounced(state, command.nonce)
    case 'Located': return located(config, state, command)
    case 'Knocked': return knocked(config, state, command.knock)
    case 'Heard': return step(isHere(state, command.key))
    case 'PortClosed': return then(unreachable(config, state, command.key, 'portClosed'), (now) => copiesUnreachable(config, now, command.key, 'portClosed'))
    case 'Unmet': return then(unreachable(config, state, command.key, 'noSession'), (now) => copiesUnreachable(config, now, command.key, 'noSession'))
    case 'Resume': return then(shownAgain(changed(state, { learnedAt: undefined })), (now) => then(step(now, { _tag: 'Ping' }), (next) => resume(config, next)))
    case 'Wake': return due(config, state)
  }
}

/** `(state, command) -> (state, effects)`: pure and total. */
export const reduce =
  (config: Config): Reducer<State, Command, never, Effect> =>
  (state, { at, command }) =>
    then(decide(config, changed(state, { at: latest(state.at, at) }), command), (now) => (now.own === state.own ? step(now) : afterRing(config, now)))

/** That timer, whether its time has come or not: with a pace of zeros, any timer at any time. */
export const fire =
  (config: Config) =>
  (state: State, timer: Timer): Step =>
    then(fired(config, state, timer), (now) => afterRing(config, now))

/** The nearest deadline. */
export const wakeAt = (state: State): option.Option<Instant> => option.fromNullable(nearest(state))
