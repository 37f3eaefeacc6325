// What a server's steps mean for its lists: which messages lock them, which do no more, and why.
import { server, trace, type Stamped } from '../../core/index.js'
import type { Tracer } from './tracer.js'

type Watch = (input: Stamped<server.Command>, step: server.Step) => void

/** Tells the locks there are, and from now on those that come and go. Locks are told when they are decided, which is before they are durable. */
export const watchLocks = (tracer: Tracer, initial: server.State): Watch => {
  let before = server.initial
  const look = (state: server.State): void => {
    const changes = trace.changedLocks(before, state)
    before = state
    changes.forEach(tracer.tell)
  }
  look(initial)
  return (_, { state }) => look(state)
}
