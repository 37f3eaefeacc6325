// What always holds of the ring, on random schedules of three to five production couriers and the production server. All promises are looked at in all of
// them; each has a title of its own here, with what has to have happened for it to be worth anything. The simulator asserts the same of whole peers, and
// the exhaustive check in every schedule of one message.
import { deepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { rule } from '../protocol.js'
import { Play, schedule, type Move } from '../stories/schedule.js'

interface Found {
  readonly rule: string
  readonly what: string
  readonly members: number
  readonly moves: ReadonlyArray<Move>
}

class Runs {
  readonly seen = new Map<string, number>()
  readonly found: Found[] = []

  constructor(lies: boolean, numRuns: number) {
    for (const [members, moves] of fc.sample(fc.tuple(fc.integer({ min: 3, max: 5 }), schedule(lies)), numRuns)) {
      const { witness } = new Play(members).play(moves)
      for (const [what, times] of witness.seen) this.seen.set(what, (this.seen.get(what) ?? 0) + times)
      this.found.push(...witness.broken.map((one) => ({ ...one, members, moves })))
    }
  }

  /** That rule held in all runs, in which these happened so often at least. */
  hold(number: string, least: Readonly<Record<string, number>>): void {
    const [shortest] = this.found.filter((one) => one.rule === number).sort((a, b) => a.moves.length - b.moves.length)
    deepEqual(shortest?.what, undefined, `${shortest?.what}; ${shortest?.members} members: ${JSON.stringify(shortest?.moves)}`)
    for (const [what, times] of Object.entries(least)) ok((this.seen.get(what) ?? 0) >= times, `${what}: ${this.seen.get(what) ?? 0}`)
  }
}

describe('the ring, whatever happens,', () => {
  let honest: Runs
  let lying: Runs

  before(function () {
    this.timeout(120_000)
    honest = new Runs(false, 250)
    lying = new Runs(true, 150)
  })

  it(rule('I1'), () => {
    honest.hold('I1', { accepted: 200, 'ended expired': 50, 'ack late': 50 })
    lying.hold('I1', { accepted: 100, 'ended expired': 30 })
  })

  it(rule('I2'), () => {
    honest.hold('I2', { accepted: 200, 'another epoch': 20 })
    lying.hold('I2', { accepted: 100, 'another epoch': 10 })
  })

  it(rule('I3'), () => honest.hold('I3', { 'caught up': 20, gave: 20, accepted: 200, 'ack have': 100, shown: 200, repeated: 5 }))

  it(rule('I4'), () => honest.hold('I4', { 'ack stored': 100, 'ack have': 100, 'ack closed': 10, 'sent ring': 200, 'sent direct': 100 }))

  it(rule('I5'), () => honest.hold('I5', { 'reported in full': 50, 'reported, some unknown': 50 }))

  it(rule('I6'), () => honest.hold('I6', { granted: 200, 'another epoch': 20 }))

  it(rule('I7'), () => {
    honest.hold('I7', { 'ended proof': 50 })
    lying.hold('I7', { 'ended proof': 30 })
  })

  it(rule('I8'), () => honest.hold('I8', { 'ended expired': 50, 'ended proof': 50 }))

  it(rule('I9'), () => honest.hold('I9', { 'passed on': 100, 'sent ring': 200, 'sent home': 50 }))

  it(rule('I10'), () => {
    honest.hold('I10', { shown: 200 })
    lying.hold('I10', { 'caught up': 5, shown: 100 })
  })

  it(rule('I11'), () => honest.hold('I11', { granted: 200 }))
})
