// The exhaustive check on its small scenes, and that it would find something: it reaches the same with and without its reductions, and kills bugs.
import assert from 'node:assert/strict'
import { bugs } from '../exhaustive/bugs.js'
import { Closure } from '../exhaustive/closure.js'
import { explore } from '../exhaustive/explore.js'
import { plain, type Scene } from '../exhaustive/scene.js'
import { small } from '../exhaustive/scenes.js'
import { taken } from '../exhaustive/sometimes.js'
import { untampered } from '../exhaustive/tampering.js'

/** But for that which takes as long as all others. */
const scenes: ReadonlyArray<readonly [string, Scene]> = small.filter(({ scene: { again } }) => again === undefined || again.length > 0).map(({ name, scene }) => [name, scene])

const alike: ReadonlyArray<readonly [string, Scene]> = [
  ['two members, one process stops, bounds on the time are too high', { ...plain, members: 2, crashes: 1, hasty: true }],
  ['two members, one process stops, one machine sleeps', { ...plain, members: 2, crashes: 1, sleeps: true }],
  ['two members, one of which lies', { ...plain, members: 2, liar: 1 }],
  ['two members, the message is sent again, one process stops', { ...plain, members: 2, crashes: 1, again: [] }],
  ['two members, a message of each', { ...plain, members: 2, beside: [0], prompt: true }],
  ['two members, a message of each, the operator may end each', { ...plain, members: 2, beside: [0], prompt: true, forced: true }],
  ['three members, one was away, another lies', { ...plain, absent: [2], liar: 1 }],
  ['three members', plain],
  ['three members, one of which has muted the list', { ...plain, muted: [1] }],
]

describe('every state of a small ring', () => {
  for (const [name, scene] of scenes) {
    it(`breaks no promise: ${name}`, () => {
      const result = explore(scene)
      assert.deepEqual(result.broken, undefined)
      assert.deepEqual(taken(scene, result).filter(({ is }) => !is), [])
    })
  }

  for (const [name, scene] of alike) {
    it(`is reached by states that stand for many: ${name}`, () => {
      const [whole, reduced] = [explore(scene, { reduced: false }), explore(scene)]
      assert.deepEqual([whole.broken, reduced.broken], [undefined, undefined])
      assert.deepEqual([...reduced.reached].sort(), [...whole.reached].sort())
      assert.deepEqual(reduced.sent, whole.sent)
      assert.ok(reduced.states < whole.states)
    })
  }

  for (const [name, scene] of [...scenes, ...alike]) {
    it(`has members of which the text says all: ${name}`, () => {
      assert.deepEqual(new Closure(scene, untampered).disagreements(), [])
    })
  }

  for (const { name, scene, tampering, rule } of bugs) {
    it(`shows a bug: ${name}`, () => {
      const { broken } = explore(scene, { tampering })
      assert.equal(broken?.rule, rule, broken?.what)
      assert.ok(broken.way.length > 0)
    })
  }
})
