// Who the members of a list are, against whom this peer has met under their names. A server could hand out another key for a name and read
// what is sent to it; so a key that changes is told and blocked until the user accepts it.
import { announce } from '../../effect.js'
import { fingerprint } from '../../fingerprint.js'
import * as pins from '../../pins.js'
import * as table from '../../table.js'
import { refusal } from './refusal.js'
import { wantingIfIdle } from './requesting.js'
import { notTaken, pinned, step, tell, then, type Step } from './transitions.js'
import type { ContactName } from '../../names.js'
import type { Identity } from '../../keys.js'
import type { MemberRow } from '../../wire/sealed/answer.js'
import type { Config } from './config.js'
import type { State } from './state.js'

/** One member's key: pinned where it is new, nothing where it is the same, blocked and told where it has changed. Who somebody is follows
 *  from the keys; the id that a server says is not believed. */
const judged = (config: Config, server: Identity, state: State, { name, keys }: MemberRow): Step => {
  if (keys === undefined) return step(state)
  const met = { server: server.id, name, id: config.idOf(keys.signs, keys.seals) }
  const was = pins.contact(state.pins, server.id, name)
  if (was === undefined) return step({ ...state, pins: pins.pinContact(state.pins, met) })
  if (was === met.id) return step({ ...state, blocked: table.remove(state.blocked, name) })
  const blocked = table.set(state.blocked, name, met.id)
  return step({ ...state, blocked }, announce({ _tag: 'KeyChanged', contact: name, was: fingerprint(was), is: fingerprint(met.id) }))
}

/** The members of a list, each judged. What is pinned anew is stored at once. */
export const judge = (config: Config, before: State, server: Identity, members: ReadonlyArray<MemberRow>): Step => {
  const all = members.reduce<Step>((sofar, member) => then(sofar, (state) => judged(config, server, state, member)), step(before))
  return all.state.pins === before.pins ? all : { ...all, effects: [{ _tag: 'Remember', pins: all.state.pins }, ...all.effects] }
}

/** The user knows of the other key: it is pinned. Refuses with NotBlocked. The next line is wanted as before. */
export const accept = (state: State, contact: ContactName): Step => {
  const { server } = state
  const id = table.get(state.blocked, contact)
  const taken =
    server === undefined || id === undefined
      ? notTaken(state, refusal('NotBlocked'))
      : then(pinned({ ...state, blocked: table.remove(state.blocked, contact) }, pins.acceptContact(state.pins, { server: server.id, name: contact, id })), (next) =>
          tell(next, { _tag: 'KeyAccepted', contact, fingerprint: fingerprint(id) }),
        )
  return then(taken, wantingIfIdle)
}
