// The exhaustive check: every state that a small ring can come to, whatever is lost, repeated or late, and whichever timer is due when.
//
//   node .dist/spec/exhaustive/check.js            4 members, two crashes; and one member that will not take it, with one crash
//   node .dist/spec/exhaustive/check.js small      3 members, one crash
import { Frontier } from './frontier.js'
import { Broken, World, untampered, type Tampering } from './world.js'
import type { Scene } from './scene.js'

export interface Result {
  readonly states: number
  readonly steps: number
  readonly runs: number
  readonly messages: number
  readonly locals: ReadonlyArray<number>
  readonly happened: ReadonlyMap<string, number>
  /** the first promise that was broken, and the shortest way to it */
  readonly broken: { readonly rule: string; readonly what: string; readonly way: ReadonlyArray<string> } | undefined
}

/** Looks at every state, the nearest first; stops at the first broken promise. `most`: states, beyond which it gives up. */
export const explore = (scene: Scene, tampering: Tampering = untampered, most = Infinity): Result => {
  const world = new World(scene, tampering)
  const frontier = new Frontier(world.width)
  frontier.meet(world.first(), 0, 0)
  const row = new Uint32Array(world.width)
  let steps = 0
  const result = (broken: Result['broken']): Result => ({
    states: frontier.rows.count, steps, runs: world.runs, messages: world.messages, locals: world.locals, happened: world.happened, broken,
  })
  for (let index = 0; index < frontier.rows.count; index++) {
    if (frontier.rows.count > most) return result({ rule: 'bound', what: `more than ${most} states; ${index} looked at`, way: frontier.wayTo(index).map((label) => world.label(label)) })
    frontier.rows.at(index, row)
    try {
      world.follow(row, (next, label) => {
        steps += 1
        frontier.meet(next, index, label)
      })
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      return result({ rule: error.rule, what: error.message, way: frontier.wayTo(index).map((label) => world.label(label)) })
    }
  }
  return result(undefined)
}
