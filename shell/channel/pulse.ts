// Whether the machine slept, and whether the loop lags: both are seen by a timer that comes when it should, or does not.
//
// Linux's monotonic clock stands still while the machine sleeps, and the wall clock does not: where the two have come apart, it slept (or the
// wall clock was set, which is as good a reason to trust no session).
import { limits } from '../limits.js'

export interface Pulse {
  readonly slept: () => void
  readonly lagged: () => void
}

/** What the clocks say: Unix milliseconds, and milliseconds of the monotonic clock. */
export interface Clocks {
  readonly wall: () => number
  readonly steady: () => number
}

const systemClocks: Clocks = { wall: () => Date.now(), steady: () => performance.now() }

export interface Looks {
  /** whenever something happens: has the machine slept since the last look? */
  readonly look: () => void
  /** when a timer comes that should come `limits.pulseMs` after the last one: that too, and by how much is it late? */
  readonly beat: () => void
}

/** What the clocks show from one look to the next. */
export const looks = (clocks: Clocks, pulse: Pulse): Looks => {
  let wall = clocks.wall()
  let steady = clocks.steady()
  let beaten = steady
  const look = (): void => {
    const [wallNow, steadyNow] = [clocks.wall(), clocks.steady()]
    const asleep = Math.abs(wallNow - wall - (steadyNow - steady))
    wall = wallNow
    steady = steadyNow
    if (asleep > limits.sleepMs) pulse.slept()
  }
  return {
    look,
    beat: () => {
      look()
      const late = steady - beaten - limits.pulseMs
      beaten = steady
      if (late >= limits.lagMs) pulse.lagged()
    },
  }
}

/** Looks at the clocks `limits.pulseMs` apart, and when it is told to; keeps no process alive. */
export const watchPulse = (pulse: Pulse, clocks: Clocks = systemClocks): { readonly look: () => void; readonly stop: () => void } => {
  const { look, beat } = looks(clocks, pulse)
  const timer = setInterval(beat, limits.pulseMs).unref()
  return { look, stop: () => clearInterval(timer) }
}
