// What the machine that holds its steps until they are durable (`core/durable`) must know of the server.
import { none, some, type Option } from 'fp-ts/lib/Option.js'
import { isPrivate } from '../address.js'
import { answered } from './asking.js'
import { isAdmitted } from './authority.js'
import { refuse } from './refusal.js'
import type { Journaling } from '../durable.js'
import type { Stamped } from '../transition.js'
import type { Command } from './command.js'
import type { Settings } from './config.js'
import type { Response } from './reply.js'
import type { State } from './state.js'

/** Nobody is told who would not have been answered either: a classic source that is not let in, one from afar whose datagram is no request. */
const isHeard = ({ classic }: Settings, { by, command }: Stamped<Command>): boolean =>
  by._tag !== 'Classic' || (isAdmitted(classic, by.ip) && (command._tag !== 'Malformed' || isPrivate(by.ip)))

const busy = (settings: Settings, kept: State, input: Stamped<Command>): Option<Response> => {
  const { command } = input
  switch (command._tag) {
    case 'Start':
    case 'Moved':
    case 'Close':
    case 'Wake': return none
    case 'Ask': return some(answered(kept, command.order._tag === 'Register' ? { ...command, boot: 0 } : command, refuse.Busy))
    case 'Operate':
    case 'Register':
    case 'Create':
    case 'QueryLists':
    case 'Join':
    case 'Leave':
    case 'Exit':
    case 'ImStart':
    case 'ImComplete':
    case 'Save':
    case 'Malformed': return isHeard(settings, input) ? some(refuse.Busy) : none
  }
}

/** Of a server that is set so. Whoever asks is told Busy, which no order's outcome is: it is asked again under the same number. */
export const journaling = (settings: Settings): Journaling<State, Command, Response> => ({
  position: ({ position }) => position,
  busy: (kept, input) => busy(settings, kept, input),
})
