// Messages: those that begin here, and those of others that pass by. One step of the ring is one reduction.
import { limits } from '../limits.js'
import { announce, send } from '../effect.js'
import { isHome, nextIndex } from '../ring.js'
import { ContactName, ListName } from '../names.js'
import { after } from '../time.js'
import { advanced, encodeRelay, longestRelay, newRelay, type Relay } from '../wire/classic/relay.js'
import { isLongerThan } from '../wire/utf8.js'
import type { RingMember } from '../wire/classic/reply.js'
import * as memory from './memory.js'
import { refusal } from './refusal.js'
import { sendOut, unsent } from './requesting.js'
import { faulty, notTaken, ready, step, tell, then, type Effect, type Step } from './transitions.js'
import { idle, type Composing, type State, type UnderWay } from './state.js'
import type { Config } from './config.js'
import type { Which } from './notice.js'

/** All that passing a message on takes of a configuration. */
type Reach = Pick<Config, 'maxRelayBytes'>

/** To the port above the one that the member registered. */
const toMember = (member: RingMember, relay: Relay): Effect =>
  send({ ip: member.ip, port: member.port + 1 }, { _tag: 'Relay', relay })

/** The line of text is wanted; or it came along with the im-start; or nobody will give it any more. */
export const compose = (config: Config, state: State, composing: Composing, text: string | undefined, im: string): Step => {
  if (text !== undefined) return depart(config, state, composing, text, im)
  if (state.closing) return drop(config, state, composing)
  const { list, initiator, members } = composing
  return tell({ ...state, phase: composing }, { _tag: 'TextWanted', list, initiator, members: members.length })
}

/** The message comes to nothing: its im-start, which holds the list, is completed. */
export const drop = (config: Config, state: State, { list, initiator }: Composing): Step => {
  const told = tell(faulty(state, 'notTaken'), { _tag: 'Dropped', list, initiator, completing: ListName.is(list) && ContactName.is(initiator) })
  if (!ListName.is(list) || !ContactName.is(initiator)) return then(told, ready)
  return then(told, (next) => sendOut(config, next, unsent(next, { _tag: 'ImComplete', list, contact: initiator }, undefined, '')))
}

const home = (state: State, { which, members, since }: UnderWay): Step => {
  const underWay = state.underWay.filter((other) => other.which.im !== which.im)
  const told = tell({ ...state, underWay }, { _tag: 'Home', which, members, ms: state.at - since })
  const awaited = state.phase._tag === 'Travelling' && state.phase.im === which.im
  return awaited || (state.closing && state.phase._tag === 'Idle') ? then(told, ready) : told
}

const tooLong = (config: Config, state: State, composing: Composing, bytes: number): Step => {
  const told = notTaken(state, refusal('TextTooLong', ` by ${bytes - config.maxRelayBytes} bytes (a letter beyond ASCII takes 6)`))
  return then(told, (next) => (config.paced ? drop(config, next, composing) : compose(config, next, composing, undefined, '')))
}

const depart = (config: Config, state: State, composing: Composing, text: string, im: string): Step => {
  const { list, initiator, members } = composing
  const which: Which = { list, initiator, im }
  const relay = newRelay(members, text, { list, im })
  const bytes = longestRelay(relay)
  if (bytes > config.maxRelayBytes) return tooLong(config, state, composing, bytes)
  const next = members[1]
  const mine: UnderWay = { which, members: members.length, since: state.at, overdueAt: after(state.at, limits.homeMs) }
  if (next === undefined) return then(home({ ...state, phase: idle }, mine), ready)
  const sent = step(
    { ...state, underWay: [...state.underWay, mine] },
    toMember(next, relay),
    announce({ _tag: 'Sent', which, text, to: next.name, members: members.map(({ name }) => name) }),
  )
  return config.paced ? then(sent, (now) => step({ ...now, phase: { _tag: 'Travelling', im } })) : then(sent, ready)
}

/** The line of text. Refuses with NoTextWanted, TextTooLong (then a shorter one is wanted). */
export const say = (config: Config, state: State, text: string, im: string): Step => {
  const { phase } = state
  return phase._tag === 'Composing' ? depart(config, state, phase, text, im) : notTaken(state, refusal('NoTextWanted'))
}

/** A message that was not home in time: told once, remembered still. */
export const overdue = (state: State): Step => {
  const isDue = ({ overdueAt }: UnderWay): boolean => overdueAt !== undefined && overdueAt <= state.at
  const due = state.underWay.filter(isDue)
  if (due.length === 0) return step(state)
  const underWay = state.underWay.map((one) => (isDue(one) ? { ...one, overdueAt: undefined } : one))
  const told = tell(
    faulty({ ...state, underWay }, 'overdue'),
    ...due.map(({ which, since }) => ({ _tag: 'Overdue', which, ms: state.at - since }) as const),
  )
  const { phase } = state
  const awaited = phase._tag === 'Travelling' && due.some(({ which }) => which.im === phase.im)
  return awaited || (state.closing && phase._tag === 'Idle') ? then(told, ready) : told
}

/** A step of one message at one member: its mark, its initiator, and the member's place (a peer may be several members). */
const keyOf = ({ mark, members, pointer }: Relay): string | undefined =>
  mark === undefined ? undefined : `${pointer} ${mark.im.length} ${mark.im} ${members[0]?.name ?? ''}`

const remember = (state: State, key: string | undefined): State => {
  if (key === undefined) return state
  return { ...state, seen: memory.remember(state.seen, key) }
}

/** One digit more in the pointer can be one byte too many. */
const isTooLong = (config: Reach, relay: Relay): boolean => isLongerThan(encodeRelay(relay), config.maxRelayBytes)

const passOn = (config: Reach, state: State, relay: Relay): Step => {
  const from = relay.members[0]?.name ?? ''
  const shown = { _tag: 'Shown', from, text: relay.text, ...relay.mark } as const
  const index = nextIndex(relay.pointer, relay.members.length)
  const next = relay.members[index]
  if (next === undefined) return tell(state, shown)
  const onward = advanced(relay)
  const why = `it takes more than the ${config.maxRelayBytes} bytes that an original can read`
  if (isTooLong(config, onward)) return tell(state, shown, { _tag: 'NotPassed', to: next.name, why })
  const passed = { _tag: 'Passed', from, to: next.name, home: index === 0, ...relay.mark } as const
  // on its way first: the ring does not wait for this screen
  return step(state, toMember(next, onward), announce(shown), announce(passed))
}

/** A message arrives: shown and sent on, once; or, after its round, it is home. */
export const receive = (config: Reach, state: State, relay: Relay): Step => {
  const key = keyOf(relay)
  if (key !== undefined && memory.has(state.seen, key)) return step(state)
  const now = remember(state, key)
  if (!isHome(relay.pointer, relay.members.length)) return passOn(config, now, relay)
  const mine = now.underWay.find(({ which }) => which.im === relay.mark?.im)
  return mine === undefined ? tell(now, { _tag: 'HomeUnknown', initiator: relay.members[0]?.name ?? '' }) : home(now, mine)
}
