// Every state of a server at which members send and others wait, and that its exploration would find something.
import assert from 'node:assert/strict'
import { cheats, smallQueues } from '../exhaustive/queues.js'
import { wait } from '../exhaustive/waiting.js'

describe('every state of a small queue', () => {
  for (const { name, errands, wanted } of smallQueues) {
    it(`breaks no promise: ${name}`, () => {
      const { broken, disagreements, reached } = wait(errands)
      assert.equal(broken, undefined)
      assert.deepEqual(disagreements, [])
      assert.deepEqual(wanted.filter((what) => !reached.has(what)), [])
    })
  }

  for (const { name, errands, trick, rule } of cheats) {
    it(`shows a bug: ${name}`, () => {
      const { broken } = wait(errands, trick)
      assert.equal(broken?.rule, rule, broken?.what)
      assert.ok(broken.way.length > 0)
    })
  }
})
