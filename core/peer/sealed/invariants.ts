// What is true of every sealed peer after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
import { limits } from '../../limits.js'
import * as pins from '../../pins.js'
import * as table from '../../table.js'
import { paceOf } from './pace.js'
import type { ContactId } from '../../keys.js'
import type { ContactName } from '../../names.js'
import type { Violation } from '../../transition.js'
import type { State } from './state.js'

const broken = (rule: string, holds: boolean, what: string): ReadonlyArray<Violation> => (holds ? [] : [{ rule, what }])

const isOtherKey = ({ server, pins: pinned }: State, contact: ContactName, id: ContactId): boolean => {
  const known = server === undefined ? undefined : pins.contact(pinned, server.id, contact)
  return known !== undefined && known !== id
}

/** Every broken promise of a sealed peer; empty unless we are wrong. */
export const violations = (state: State): ReadonlyArray<Violation> => {
  const { phase, server, seq, doubt, registered, boot, courier, blocked } = state
  const { clock } = courier
  const sends = phase._tag === 'Asking' ? phase.sends : 1
  const most = phase._tag === 'Asking' ? paceOf(phase.order).sends : 1
  const processes = new Set(clock.map(({ process }) => process))
  return [
    ...broken('P6', phase._tag === 'Meeting' || state.ended || server !== undefined, 'the server is not known, and it is not asked who it is'),
    ...broken('P7', phase._tag !== 'Asking' || phase.seq === seq, 'an answer is awaited to another request than the newest'),
    ...broken('P7', doubt === undefined || (doubt.seq === seq && phase._tag !== 'Asking'), 'an answer may come late to a request that has been overtaken'),
    ...broken('P8', sends >= 1 && sends <= most, `a request was sent ${sends} times`),
    ...broken('P9', (registered === undefined) === (boot === 0), 'a register is remembered without its boot, or a boot without its register'),
    ...broken('P10', processes.size === clock.length && clock.length <= limits.serverClocks, `${clock.length} bounds on the server's time are kept`),
    ...broken('P11', table.entries(blocked).every(([contact, id]) => isOtherKey(state, contact, id)), 'a contact is blocked whose key is the pinned one'),
  ]
}
