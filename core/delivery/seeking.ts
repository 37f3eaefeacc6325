// Whom nothing is heard of: the server is asked where it is, and tells it who looks for it, so that both sides say hello (F29).
//
//   no answer to two sends ──where?──> server ──address──> the next send goes there
//                                         └──knock──> the one that is looked for says hello to us, whatever keeps our hellos from it
import * as roll from '../roll.js'
import * as table from '../table.js'
import { limits } from '../limits.js'
import { after, type Instant } from '../time.js'
import type { PublicKey } from '../keys.js'
import type { ListName } from '../names.js'
import type { Answer } from '../wire/sealed/answer.js'
import type { Ping } from '../wire/sealed/frame.js'
import type { Grant } from '../wire/sealed/grant.js'
import type { KeyedSeat } from '../wire/sealed/ring.js'
import { idOf } from './seats.js'
import { changed, neighbourOf, ownUnderWay, ringOf, withNeighbour, type Attempt, type State } from './state.js'
import { seal, step, then, type Step } from './transitions.js'
import type { Config } from './config.js'

/** So that a channel has something to say hello for. One that waits already waits once: they are all the same, and their pongs prove nothing. */
export const ping: Ping = { _tag: 'Ping', echo: '0'.repeat(16) }

const keyedAt = (state: State, grant: Grant, member: number): KeyedSeat | undefined => {
  const seat = ringOf(state, grant)?.members[member]
  return seat?._tag === 'Keyed' ? seat : undefined
}

/** Whether the server was not asked about it for so many ms. */
const isDue = (state: State, { seals }: KeyedSeat, ms: number): boolean => {
  const { sought } = neighbourOf(state, seals)
  return sought === undefined || state.at >= after(sought, ms)
}

const ask = (config: Config, before: State, list: ListName, seats: ReadonlyArray<KeyedSeat>): Step => {
  const state = seats.reduce((so, { seals }) => withNeighbour(so, seals, { sought: so.at }), before)
  const ids = seats.map((seat) => idOf(config, seat))
  return step(state, { _tag: 'Request', ticket: `seek ${ids[0] ?? ''} ${list}`, order: { _tag: 'Where', list, ids } })
}

/** Members of that list of whom nothing has come since something was sent to them. */
const unheard = (state: State, list: ListName): ReadonlyArray<KeyedSeat> => {
  const seatsOf = (grant: Grant, tried: ReadonlyArray<Attempt>): ReadonlyArray<KeyedSeat> =>
    grant.list !== list ? [] : tried.flatMap(({ member, sends, have }) => (sends === 0 || have > 0n ? [] : (keyedAt(state, grant, member) ?? [])))
  const held = roll.values(state.custody).flatMap(({ grant, attempt }) => seatsOf(grant, [attempt]))
  const own = ownUnderWay(state).flatMap(({ grant, phase, copies, given }) => (phase === 'direct' ? seatsOf(grant, copies.filter(({ member }) => !given.includes(member))) : []))
  return [...held, ...own]
}

/** Nobody has said where it is, or it gives no answer: the server is asked, for whoever else of the list gives none too. As often as it may knock while
 *  somebody is waited for. */
export const whereabouts = (config: Config, state: State, { grant, to }: { readonly grant: Grant; readonly to: PublicKey }, { member, sends }: Attempt): Step => {
  const apart = config.pace.silentMs / limits.knocksOfOne
  const seat = keyedAt(state, grant, member)
  const isFound = neighbourOf(state, to).address !== undefined && sends < 2
  if (isFound || seat === undefined || !isDue(state, seat, apart)) return step(state)
  const others = unheard(state, grant.list).filter((one) => one.seals !== to && isDue(state, one, apart))
  return ask(config, state, grant.list, [...new Map([seat, ...others].map((one) => [one.seals, one])).values()].slice(0, limits.copiesAtOnce))
}

/** R31: it is passed over at once, since it gave no answer before. It is said hello to, and looked for, unless it was within half of the span for which
 *  that is remembered. */
export const remembered = (config: Config, state: State, grant: Grant, member: number): Step => {
  const seat = keyedAt(state, grant, member)
  if (seat === undefined || !isDue(state, seat, neighbourOf(state, seat.seals).span / 2)) return step(state)
  return then(ask(config, state, grant.list, [seat]), (now) => step(now, seal(now, seat.seals, ping, true)))
}

/** Where all members of the list are: once in a while, and each time that there `isNews` of it. */
export const membersWanted = (config: Config, state: State, list: ListName, isNews = false): Step => {
  const asked = table.get(state.located, list)
  if (!isNews && asked !== undefined && state.at < after(asked, config.pace.silentMs)) return step(state)
  const located = state.located.size < limits.listsLocated ? state.located : table.empty<ListName, Instant>()
  return step(changed(state, { located: table.set(located, list, state.at) }), { _tag: 'Request', ticket: `where ${list}`, order: { _tag: 'Members', list } })
}

/** What has come of `ask`. A server that is older than this order drops it: it is asked for all members, as it always was. `rest`: of the ticket. */
export const sought = (config: Config, state: State, rest: string, answer: Answer | undefined): Step =>
  answer === undefined ? membersWanted(config, state, rest.slice(rest.indexOf(' ') + 1) as ListName) : step(state)
