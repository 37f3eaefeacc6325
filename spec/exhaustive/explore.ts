// Looks at every state of a scene, the nearest first, until there is none that was not looked at, or a promise is broken.
import { Frontier } from './frontier.js'
import { told } from './labels.js'
import { Broken } from './promises.js'
import { World } from './world.js'
import { untampered, type Tampering } from './tampering.js'
import type { Scene } from './scene.js'

export interface Result {
  readonly states: number
  readonly steps: number
  /** of the production machine */
  readonly runs: number
  readonly datagrams: number
  /** of each member: what it can be, and how much of that can be told apart */
  readonly locals: ReadonlyArray<readonly [number, number]>
  readonly reached: ReadonlySet<string>
  /** every datagram that was ever sent: from whom, to whom, what */
  readonly sent: ReadonlyArray<string>
  /** the first promise that was broken, and the shortest way to it. Rule `bound`: there were too many states */
  readonly broken: { readonly rule: string; readonly what: string; readonly way: ReadonlyArray<string> } | undefined
}

export interface Options {
  readonly tampering: Tampering
  /** states that nobody can tell apart are one, and datagrams of which nothing will come are none */
  readonly reduced: boolean
  /** states, beyond which it gives up */
  readonly most: number
  /** told now and then how far it is */
  readonly progress: (states: number, left: number) => void
}

const often = 1 << 20

const wayTo = (world: World, frontier: Frontier, index: number): ReadonlyArray<string> => {
  const row = new Uint32Array(world.ring.width)
  world.echoes = []
  const lines = frontier.wayTo(index).flatMap(({ from, by }) => {
    frontier.rows.at(from, row)
    const line = told(world.ring, row, by)
    const echoes: string[] = []
    world.follow(row, (_, other) => {
      if (other === by) echoes.push(...(world.echoes ?? []))
    })
    return [line, ...echoes.map((text) => `  and ${text}`)]
  })
  world.echoes = undefined
  return lines
}

/** With the step that broke it, of which nothing followed. */
const wayOf = (world: World, frontier: Frontier, index: number, row: Uint32Array): ReadonlyArray<string> => {
  const last = told(world.ring, row, world.by)
  return [...wayTo(world, frontier, index), last]
}

export const explore = (scene: Scene, options: Partial<Options> = {}): Result => {
  const { tampering = untampered, reduced = true, most = Infinity, progress } = options
  const world = new World(scene, tampering, reduced)
  const frontier = new Frontier(world.ring.width)
  frontier.meet(world.first(), 0, 0)
  const row = new Uint32Array(world.ring.width)
  let [steps, index] = [0, 0]
  const found = (next: Uint32Array, by: number): void => {
    steps += 1
    frontier.meet(next, index, by)
  }
  const result = (broken: Result['broken']): Result => ({
    states: frontier.rows.count, steps, runs: world.closure.runs, datagrams: world.closure.messages.reduce((sum, { all }) => sum + all.length, 0),
    locals: world.ring.members.map(({ classes, first }) => [classes.length, first.length]), reached: world.reached, sent: world.allSent(), broken,
  })
  for (; index < frontier.rows.count; index++) {
    if (frontier.rows.count > most) return result({ rule: 'bound', what: `more than ${most} states; ${index} looked at`, way: [] })
    if (progress !== undefined && (index & (often - 1)) === 0) progress(frontier.rows.count, frontier.rows.count - index)
    frontier.rows.at(index, row)
    try {
      world.follow(row, found)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      return result({ rule: error.rule, what: error.message, way: wayOf(world, frontier, index, row) })
    }
  }
  return result(undefined)
}
