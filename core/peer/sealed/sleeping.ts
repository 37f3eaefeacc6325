// A machine that slept, or a process that was stopped. Its clock may have stood still while the server's went on, so that nothing which
// began before tells anything about time now: not the bound on the server's time, nor how long an answer took that comes now.
import { deliver, ping } from './couriering.js'
import { step, then, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Pending, State } from './state.js'

const slept = <P extends Pending>(pending: P): P => ({ ...pending, since: undefined })

/** Forgets the server's time, and pings it to learn it again. */
export const sleep = (config: Config, before: State): Step => {
  const { phase, doubt, server } = before
  const state: State = {
    ...before,
    phase: phase._tag === 'Asking' ? slept(phase) : phase,
    doubt: doubt === undefined ? undefined : slept(doubt),
    ping: undefined,
  }
  const told = deliver(config, state, { _tag: 'Slept' })
  return server === undefined ? told : then(told, (now) => (now.ping === undefined ? ping(config, now, server) : step(now)))
}
