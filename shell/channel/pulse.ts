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

/** One look at the clocks after another: what the second shows. `late`: ms by which it came later than it should. */
export const beat = (clocks: Clocks, pulse: Pulse): (() => void) => {
  let wall = clocks.wall()
  let steady = clocks.steady()
  return () => {
    const [wallNow, steadyNow] = [clocks.wall(), clocks.steady()]
    const [asleep, late] = [Math.abs(wallNow - wall - (steadyNow - steady)), steadyNow - steady - limits.pulseMs]
    wall = wallNow
    steady = steadyNow
    if (asleep > limits.sleepMs) return pulse.slept()
    if (late >= limits.lagMs) pulse.lagged()
  }
}

/** Looks at the clocks `limits.pulseMs` apart, and keeps no process alive. */
export const watchPulse = (pulse: Pulse, clocks: Clocks = systemClocks): { readonly stop: () => void } => {
  const timer = setInterval(beat(clocks, pulse), limits.pulseMs).unref()
  return { stop: () => clearInterval(timer) }
}
