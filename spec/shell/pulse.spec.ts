// A sleep of the machine and a lag of the loop, as the clocks show them.
import { deepEqual, ok } from 'node:assert/strict'
import { after, type Instant } from '../../core/index.js'
import { looks as watched } from '../../shell/channel/pulse.js'
import { systemClock } from '../../shell/clock.js'
import { limits } from '../../shell/limits.js'

/** Clocks that go on by what the test says, and what was noticed at each look. */
const looks = (...steps: ReadonlyArray<readonly [wall: number, steady: number]>): ReadonlyArray<string> => {
  let [wall, steady] = [1_000_000, 50]
  const noticed: string[] = []
  const { beat } = watched({ wall: () => wall, steady: () => steady }, { slept: () => noticed.push('slept'), lagged: () => noticed.push('lagged') })
  return steps.map(([wallMs, steadyMs]) => {
    wall += wallMs
    steady += steadyMs
    const before = noticed.length
    beat()
    return noticed.slice(before).join()
  })
}

const due = limits.pulseMs

describe('the pulse', () => {
  it('notices nothing while the clocks agree and the looks come in time', () => {
    deepEqual(looks([due, due], [due + 2, due + 2], [due + 9, due + 9]), ['', '', ''])
  })

  it('notices a sleep by the wall clock, which goes on, against the steady one, which stands still; once', () => {
    deepEqual(looks([3_600_000, due], [due, due]), ['slept', ''])
  })

  it('notices a wall clock that was set, in either direction, as a sleep; a slow correction is none', () => {
    deepEqual(looks([due - 3_600_000, due], [due + 400, due], [due + 501, due]), ['slept', '', 'slept'])
  })

  it('notices a loop that comes late', () => {
    deepEqual(looks([due + 10, due + 10], [due, due], [due + 5000, due + 5000]), ['lagged', '', 'lagged'])
  })

  it('notices a sleep at the first thing that happens after it, before the timer, and the lag of the timer all the same', () => {
    let [wall, steady] = [1_000_000, 50]
    const noticed: string[] = []
    const { look, beat } = watched({ wall: () => wall, steady: () => steady }, { slept: () => noticed.push('slept'), lagged: () => noticed.push('lagged') })
    wall += 3_600_000
    look()
    look()
    deepEqual(noticed, ['slept'])
    wall += due + 20
    steady += due + 10
    look()
    steady += 10
    beat()
    deepEqual(noticed, ['slept', 'lagged'])
  })
})

describe('the clock of a server', () => {
  it('goes on from the instant that the restored directory has seen, also where the machine says that it is earlier', () => {
    const seen = after(Date.now() as Instant, 3_600_000)
    const clock = systemClock(seen)
    const looked = Array.from({ length: 1000 }, clock)
    ok(looked.every((at, i) => at >= (looked[i - 1] ?? seen) && at < after(seen, 60_000)))
    ok(systemClock(1 as Instant)() > 1_600_000_000_000)
  })
})
