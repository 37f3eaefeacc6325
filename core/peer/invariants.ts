// What is true of every peer after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
import { limits } from '../limits.js'
import * as memory from './memory.js'
import type { Violation } from '../transition.js'
import type { State } from './state.js'

const broken = (rule: string, holds: boolean, what: string): ReadonlyArray<Violation> => (holds ? [] : [{ rule, what }])

/** Every broken promise of a peer; empty unless we are wrong. */
export const violations = (state: State): ReadonlyArray<Violation> => {
  const { phase, underWay, seen, doubt } = state
  const ims = underWay.map(({ which }) => which.im)
  return [
    ...broken('P1', new Set(ims).size === ims.length, 'two own messages under way have one mark'),
    ...broken('P2', underWay.length <= limits.messagesUnderWay, `${underWay.length} own messages are under way`),
    ...broken('P3', memory.size(seen) <= limits.relaysRemembered, `${memory.size(seen)} relays are remembered`),
    ...broken('P4', phase._tag !== 'Asking' || phase.sends >= 1, 'an answer is awaited to what was never sent'),
    ...broken('P4', phase._tag !== 'Travelling' || ims.includes(phase.im), 'a message is awaited that is not under way'),
    ...broken('P5', doubt === undefined || doubt.replies >= 1, 'a late answer is expected to nothing'),
  ]
}
