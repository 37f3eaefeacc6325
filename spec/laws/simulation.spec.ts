// The ring protocol in simulated worlds: production machines, virtual time, and an oracle that looks at every step. Campaigns of many thousands of
// seeds are `npm run simulate`; here are as many as a test run can wait for, what was found before, and that deliberate bugs are found.
import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { bugs } from '../simulation/bugs.js'
import { climateOf } from '../simulation/climate.js'
import { found, foundFiles } from '../simulation/found.js'
import { fair, rough } from '../simulation/options.js'
import { planOf } from '../simulation/plan.js'
import { run } from '../simulation/run.js'
import { shrunk } from '../simulation/shrink.js'

const line = (seed: number): string => `npm run simulate -- --seed ${seed}`

/** Seeds among which each bug comes to light; most do in the first. */
const enough = 60

/** The rules by which each may be found. What is expected first is what it is about; a bug can break something else before. */
const expected: { readonly [name: string]: ReadonlyArray<string> } = {}

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

  it('brings every message to everybody where nothing fails', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const { house, broken } = run(planOf(seed, fair), fair)
      equal(broken, undefined)
      ok(house.oracle.own.size >= 10)
      for (const { report } of house.oracle.own.values()) deepEqual([report?.undelivered, report?.unknown], [[], []])
    }
  })

  for (const [name, arms] of Object.entries(bugs)) {
    it(`finds the bug: ${name}`, () => {
      const options = arms.options(rough)
      const rules: string[] = []
      for (let seed = 1; seed <= enough && rules.length === 0; seed++) {
        const { broken } = run(planOf(seed, options), options, arms)
        if (broken !== undefined) rules.push(broken.rule)
      }
      notEqual(rules.length, 0, 'nobody noticed')
      const among = expected[name]
      if (among !== undefined) ok(among.includes(rules[0] ?? ''), `found by ${rules.join()}`)
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
