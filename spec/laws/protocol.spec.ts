// PROTOCOL.md and the tests say the same: every rule is the title of a test.
import { deepEqual } from 'node:assert/strict'
import type { Suite } from 'mocha'
import { ruleTitles } from '../protocol.js'

const titlesIn = (suite: Suite): ReadonlyArray<string> => [...suite.tests.map(({ title }) => title), ...suite.suites.flatMap(titlesIn)]

const rootOf = (suite: Suite): Suite => (suite.parent === undefined ? suite : rootOf(suite.parent))

describe('the protocol document', () => {
  it('has a test for every rule', function () {
    const titles = new Set(titlesIn(rootOf(this.test?.parent as Suite)))
    deepEqual(ruleTitles().filter((title) => !titles.has(title)), [])
  })
})
