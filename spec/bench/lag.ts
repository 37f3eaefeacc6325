// Loaded before a server under measurement (`node --import lag.js main.js server ...`): how late its loop's timers come, which is how long one turn of the
// loop keeps everybody else waiting. Told at SIGUSR2, for the time since the last one: `lag {"p50":..,"p99":..,"max":..}` in ms.
// Threads of the server load this as well; it is the main one's loop that is looked at.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/** ms between two looks; the measured delay has it in it */
const resolution = 1

const delay = monitorEventLoopDelay({ resolution })
if (isMainThread) delay.enable()

const ms = (nanoseconds: number): number => Number((nanoseconds / 1e6).toFixed(3))

const tell = (): void => {
  console.log(`lag ${JSON.stringify({ p50: ms(delay.percentile(50)), p99: ms(delay.percentile(99)), max: ms(delay.max) })}`)
  delay.reset()
}

if (isMainThread) process.on('SIGUSR2', tell)
