// Where neighbours are said to be, and who of them looks for this member: what waits for that goes on.
import * as knocks from '../knocks.js'
import * as roll from '../roll.js'
import type { Address } from '../address.js'
import type { PublicKey } from '../keys.js'
import type { Knock } from '../wire/sealed/frame.js'
import { missedFrom } from './catching.js'
import { hop } from './custody.js'
import { copyAgain } from './direct.js'
import { keyAt, placeOf } from './seats.js'
import { membersWanted, ping } from './seeking.js'
import { changed, neighbourOf, ownUnderWay, ringOf, withNeighbour, type State } from './state.js'
import { each, seal, step, then, type Step } from './transitions.js'
import type { Command } from './command.js'
import type { Config } from './config.js'

type Located = Extract<Command, { readonly _tag: 'Located' }>
type Row = Located['rows'][number]

/** Sends that went nowhere, since nobody had said where, go now. */
const aimedAt = (config: Config, state: State, key: PublicKey): Step => {
  const held = roll.values(state.custody).filter(({ grant, attempt }) => keyAt(ringOf(state, grant), attempt.member) === key)
  const copies = ownUnderWay(state).flatMap(({ grant, copies: all, phase }) =>
    phase === 'direct' ? all.filter(({ member }) => keyAt(ringOf(state, grant), member) === key).map(({ member }) => ({ im: grant.im, member })) : [],
  )
  return then(each(state, held, (now, { grant: { im } }) => hop(config, now, im)), (next) => each(next, copies, (now, { im, member }) => copyAgain(config, now, im, member)))
}

const placed = (config: Config, before: State, rows: Located['rows'], next: (state: State) => State = (state) => state): Step => {
  const isNew = (key: PublicKey, { ip, port }: Address): boolean => {
    const known = neighbourOf(before, key).address
    return known?.ip !== ip || known.port !== port
  }
  const fresh = rows.filter(({ key, address }) => isNew(key, address))
  const state = fresh.reduce((so, { key, address }) => withNeighbour(so, key, { address }), before)
  return each(next(state), fresh, (now, { key }) => aimedAt(config, now, key))
}

/** Says hello there, by the channel's own bounds (W5). A session that there is may be one that the other side has no more. */
const hailed = (state: State, { key }: Row): Step => step(state, seal(state, key, ping, true))

/** Those of whom it was not known whether they are members: it is known now. */
const recognised = (state: State, { list, rows }: Located): Step => {
  if (list === undefined || !state.knocks.some((one) => one.list === list)) return step(state)
  const waiting = knocks.recent(state.knocks, state.at).filter((one) => one.list === list)
  const known = changed(state, { knocks: state.knocks.map((one) => (one.list === list ? { ...one, list: undefined } : one)) })
  return each(known, rows.filter(({ key }) => waiting.some(({ by }) => by === key)), hailed)
}

/** Hints, of the server. */
export const located = (config: Config, before: State, told: Located): Step => {
  const { list, rows } = told
  const all = placed(config, before, rows, (state) => (list === undefined ? state : missedFrom(state, list, rows.map(({ key }) => key))))
  return then(all, (state) => recognised(state, told))
}

/** Whether that is the key of somebody with whom this member is on a list, as far as it knows. */
const isCoMember = (state: State, key: PublicKey): boolean =>
  neighbourOf(state, key).address !== undefined || roll.values(state.rings).some((ring) => placeOf(ring, key) >= 0)

/** R30: whoever looks for this member is said hello to. Of a key that nobody has called a member's the server is asked who they are, and nothing else
 *  comes of it unless it is one. */
export const knocked = (config: Config, before: State, { list, by, ip, port }: Knock): Step => {
  const isKnown = isCoMember(before, by)
  const heeded = by === config.own.seals ? undefined : knocks.taken(before.knocks, { by, at: before.at, list: isKnown ? undefined : list })
  if (heeded === undefined) return step(before)
  const state: State = changed(before, { knocks: heeded })
  const row: Row = { key: by, address: { ip, port } }
  return isKnown ? then(placed(config, state, [row]), (now) => hailed(now, row)) : membersWanted(config, state, list)
}
