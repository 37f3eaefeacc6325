// A machine that slept, or a process that was stopped. Its clock may have stood still while the server's went on, so that nothing which
// began before tells anything about time now: not the bound on the server's time, nor how long an answer took that comes now.
import * as entropy from '../../entropy.js'
import * as clock from '../../clock.js'
import { seal } from './requesting.js'
import { step, type Step } from './transitions.js'
import type { Config } from './config.js'
import type { Pending, State } from './state.js'

const slept = <P extends Pending>(pending: P): P => ({ ...pending, since: undefined })

/** 8 bytes in 16 digits. */
const echoOf = (values: ReadonlyArray<number>): string => values.map((value) => Math.floor(value * 2 ** 32).toString(16).padStart(8, '0')).join('')

/** Forgets the server's time, and pings it to learn it again. */
export const sleep = (config: Config, before: State): Step => {
  const { phase, doubt, server } = before
  const state: State = {
    ...before,
    clock: clock.nothing,
    phase: phase._tag === 'Asking' ? slept(phase) : phase,
    doubt: doubt === undefined ? undefined : slept(doubt),
  }
  if (server === undefined) return step(state)
  const first = entropy.next(state.seed)
  const second = entropy.next(first.seed)
  const echo = echoOf([first.value, second.value])
  return step({ ...state, seed: second.seed, ping: { echo, since: state.at } }, seal(config, server, { _tag: 'Ping', echo }))
}
