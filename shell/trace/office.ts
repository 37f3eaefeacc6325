// What a server's steps mean for its lists: which messages lock them, and which do no more.
import { server, trace, type Stamped } from '../../core/index.js'
import type { Tracer } from './tracer.js'

type Watch = (input: Stamped<server.Command>, step: server.Step) => void

/** Tells the locks there are, and from now on those that come and go. Locks are told when they are decided, which is before they are durable. */
export const watchLocks = (tracer: Tracer, initial: server.State): Watch => {
  let before = server.initial
  const look = (state: server.State): void => {
    const { locked, unlocked } = trace.changedLocks(before, state)
    before = state
    for (const { list, im } of unlocked) tracer.tell({ kind: 'unlock', list: trace.wordsOf(list), im })
    for (const { list, im, by } of locked) tracer.tell({ kind: 'lock', list: trace.wordsOf(list), im, by: trace.wordsOf(by) })
  }
  look(initial)
  return (_, { state }) => look(state)
}
