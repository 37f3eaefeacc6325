// The ring protocol in simulated worlds: production machines, virtual time, and an oracle that looks at every step. Campaigns of many thousands of
// seeds are `npm run simulate`; here are as many as a test run can wait for, what was found before, and that deliberate bugs are found.
import { deepEqual, equal, fail, ok } from 'node:assert/strict'
import { bugs } from '../simulation/bugs.js'
import { climateOf } from '../simulation/climate.js'
import { found, foundFiles } from '../simulation/found.js'
import { crowded, fair, rough, sealedRough } from '../simulation/options.js'
import { planOf } from '../simulation/plan.js'
import { run } from '../simulation/run.js'
import { shrunk } from '../simulation/shrink.js'

const line = (seed: number): string => `npm run simulate -- --seed ${seed}`

/** Seeds among which each bug comes to light; most do in the first. */
const enough = 100

/** The invariant, or the rule, by which each is found. */
const expected: { readonly [name: string]: string } = {
  'until not checked by the receiver': 'I1',
  'sample counted from receipt': 'I1',
  'process of the server ignored': 'I1',
  'ack while writing': 'I4',
  'ack before write': 'I4',
  'write not awaited': 'I4',
  'shown before it is written': 'I3',
  'direct copy passed on': 'I9',
  'passed on again': 'R12',
  'sums of two envelopes combined': 'R16',
  'report of some ends it': 'I7',
  'verified after the display': 'I3',
  'signatures not checked': 'I10',
  'receipts not checked': 'I5',
  'bitmap off by one': 'R17',
  'old epoch accepted': 'I2',
  'sleep not noticed': 'I1',
  'no hold after a restart': 'I1',
  'clocks that run apart': 'I1',
  'presence not frozen': 'V4',
  'reports exclude': 'V3',
  'evict at count > 0': 'I6',
  'queue overtaken': 'Q1',
  'fence on the wrong list': 'I12',
  'a member that nobody told never asks': 'R17',
  'ticket lost at restart': 'Q5',
  'what is sent again counted again': 'G13',
  'lease without an end': 'I8',
  'sent again under the old grant': 'R12',
  'silence called a refusal': 'I5',
  'silent member never passed over': 'R14',
  'missed given to anybody': 'K4',
  'missed taken of anybody': 'K2',
  'catching up in spite of a no': 'K6',
  'gap counted with what has come': 'K7',
  'missed shown before it is written': 'I3',
  'stored roots forgotten': 'I3',
}

describe('simulation', () => {
  for (const file of foundFiles()) {
    it(`${file} is mended for good`, () => {
      const { plan, options } = found(file)
      equal(run(plan, options).broken?.message, undefined)
    })
  }

  it('breaks no rule, whatever fails', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const { options } = climateOf(seed)
      const { broken } = run(planOf(seed, options), options)
      equal(broken === undefined ? undefined : `${broken.rule}: ${broken.message}`, undefined, line(seed))
    }
  })

  it('is the same for the same seed, and another for another', () => {
    const hashes = Array.from({ length: 20 }, (_, i) => run(planOf(i + 1, rough), rough).hash)
    deepEqual(Array.from({ length: 20 }, (_, i) => run(planOf(i + 1, rough), rough).hash), hashes)
    equal(new Set(hashes).size, hashes.length)
  })

  it('is the same for the same seed, byte by byte, where each machine stands behind its channel', () => {
    const hashes = [1, 2, 3].map((seed) => run(planOf(seed, sealedRough), sealedRough).hash)
    deepEqual([1, 2, 3].map((seed) => run(planOf(seed, sealedRough), sealedRough).hash), hashes)
    equal(new Set(hashes).size, hashes.length)
  })

  it('breaks no rule on the sealed wire, and none that matters where the server lies', () => {
    for (const options of [sealedRough, { ...sealedRough, perfidious: 1 }, { ...rough, perfidious: 1 }]) {
      for (let seed = 1; seed <= 8; seed++) {
        const { broken } = run(planOf(seed, options), options)
        equal(broken === undefined ? undefined : `${broken.rule}: ${broken.message}`, undefined, `seed ${seed}`)
      }
    }
  })

  it('keeps nobody waiting on a list that is never at rest, whatever fails', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { broken } = run(planOf(seed, crowded), crowded)
      equal(broken === undefined ? undefined : `${broken.rule}: ${broken.message}`, undefined, `seed ${seed}`)
    }
  })

  it('brings every message to everybody where nothing fails', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { house, broken } = run(planOf(seed, fair), fair)
      equal(broken, undefined)
      ok(house.oracle.reports.own.size >= 10)
      for (const { report } of house.oracle.reports.own.values()) deepEqual([report?.undelivered, report?.unknown], [[], []])
    }
  })

  it('has an expectation of each bug', () => deepEqual(Object.keys(expected), Object.keys(bugs)))

  for (const [name, arms] of Object.entries(bugs)) {
    it(`finds the bug: ${name}, by ${expected[name] ?? '?'}`, () => {
      const options = arms.options(rough)
      for (let seed = 1; seed <= enough; seed++) {
        if (run(planOf(seed, options), options, arms).broken?.rule === expected[name]) return
      }
      fail('nobody noticed')
    })
  }

  it('makes a failing plan smaller', () => {
    const arms = bugs['ack before write']
    ok(arms)
    const plan = planOf(1, rough)
    const small = shrunk(plan, rough, arms, 'I4', 60)
    equal(run(small, rough, arms).broken?.rule, 'I4')
    ok(small.messages.length <= 2 && small.faults.length <= plan.faults.length && small.members <= plan.members)
  })
})
