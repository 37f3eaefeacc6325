// What `durable` must know of the server: what of it belongs into a journal, and what becomes of a command that could not be written there.
//
//   asked by anybody     507, and nothing is kept of it: asked again, under the same (boot, seq) too, it is new
//   Close                ends the server at once: where nothing can be written, no message comes home either
//   Start, Moved, Judged nobody asked: done again, of a key the newest only
//   Wake                 nobody asked, and what is due stays due
import { left, right } from 'fp-ts/lib/Either.js'
import { latest } from '../time.js'
import { answered } from './asking.js'
import { isGivenBy } from './authority.js'
import { close } from './closing.js'
import { refuse } from './refusal.js'
import { act, answer, type Effect } from './transitions.js'
import type { Journaling } from '../durable.js'
import type { Command } from './command.js'
import type { Response } from './reply.js'
import type { State } from './state.js'

export const journaling: Journaling<State, Command, Response, Effect> = {
  position: ({ position }) => position,
  instead: (kept, { at, by, command }) => {
    const now = { ...kept, at: latest(kept.at, at) }
    if (!isGivenBy(by, command)) return right(answer(now, refuse.Busy))
    switch (command._tag) {
      case 'Start': return left('Start')
      case 'Moved': return left(`Moved ${command.key}`)
      case 'Judged': return left(`Judged ${command.key}`)
      case 'Close': return right(close(now, now.at, 0))
      case 'Ask': return right(answer(now, answered(now, { ...command, boot: command.order._tag === 'Register' ? 0 : command.boot }, refuse.Busy)))
      case 'Seek': return right(act(now, []))
      case 'Wake': return right(by._tag === 'Self' ? act(now, []) : answer(now, refuse.Busy))
      case 'Operate':
      case 'Malformed':
      case 'Register':
      case 'Create':
      case 'QueryLists':
      case 'Join':
      case 'Leave':
      case 'Exit':
      case 'ImStart':
      case 'ImComplete':
      case 'Save': return right(answer(now, refuse.Busy))
    }
  },
}
