// Looks at every state of a server at which members send and others wait, the nearest first, until there is none that was not looked at, or a promise is
// broken.
import { server, type Instant } from '../../core/index.js'
import { allOf, config, errandsAt, opened, type Errand, type Errands, type Left } from './errand.js'
import { judged, unwatched, watchText, type Watch } from './fair.js'
import { textOf } from './numeral.js'
import { Broken } from './promises.js'

/** What may be done to the server, to see it found out. */
export interface Trick {
  readonly before: (state: server.State, errand: Errand) => server.State
  readonly after: (step: server.State, before: server.State, errand: Errand) => server.State
}

export const honest: Trick = { before: (state) => state, after: (state) => state }

export interface Waited {
  readonly states: number
  readonly steps: number
  /** what came about */
  readonly reached: ReadonlySet<string>
  /** texts of which two states came to something different: there are none, or the text leaves out what something is decided by */
  readonly disagreements: ReadonlyArray<string>
  readonly broken: { readonly rule: string; readonly what: string; readonly way: ReadonlyArray<string> } | undefined
}

interface Node {
  readonly state: server.State
  readonly now: Instant
  readonly left: Left
  readonly watch: Watch
  readonly from: Node | undefined
  readonly by: string
}

const nameOf = ({ state, now, left, watch }: Node): string => `${textOf(state, now)} ${JSON.stringify(left)} ${watchText(watch, now)}`

const wayTo = (node: Node | undefined): ReadonlyArray<string> => (node?.from === undefined ? [] : [...wayTo(node.from), node.by])

/** What a step was good for. */
const facts = (before: server.State, after: server.State): ReadonlyArray<string> => {
  const served = before.queue.tickets.length - after.queue.tickets.length
  const fences = (state: server.State): number => state.queue.tickets.reduce((sum, { fenced }) => sum + fenced.length, 0)
  return [
    ...(served > 1 ? ['several are served at once'] : []), ...(served > 0 ? ['somebody is served, or waits no more'] : []),
    ...(fences(after) > fences(before) ? ['a list is fenced'] : []), ...(before.ongoing - after.ongoing > 1 ? ['several messages end at once'] : []),
    ...(after.ongoing > 1 && after.ongoing > before.ongoing ? ['two messages go on at once'] : []),
  ]
}

const reduce = server.reduce(config)

const follow = (errands: Errands, node: Node, errand: Errand, trick: Trick, reached: Set<string>): Node => {
  const { at, by, command, left, text } = errand
  const bare = command === undefined ? { state: node.state, response: undefined } : reduce(trick.before(node.state, errand), { at, by, command })
  const state = command === undefined ? node.state : trick.after(bare.state, node.state, errand)
  const outcome = bare.response?._tag === 'Some' ? server.outcomeOf(bare.response.value) : undefined
  if (outcome !== undefined) reached.add(`${text.replaceAll(/\d/g, '')}: ${outcome._tag === 'Left' ? outcome.left._tag : outcome.right._tag}`)
  facts(node.state, state).forEach((fact) => reached.add(fact))
  return { state, now: at, left, watch: judged(errands, node.state, state, errand, node.watch), from: node, by: text }
}

const nextOf = (errands: Errands, node: Node, trick: Trick, reached: Set<string>): ReadonlyArray<Node> =>
  errandsAt(errands, node.state, node.now, node.left).map((errand) => {
    try {
      return follow(errands, node, errand, trick, reached)
    } catch (error) {
      if (!(error instanceof Broken)) throw error
      throw Object.assign(error, { way: [...wayTo(node), errand.text] })
    }
  })

/** One in so many states that have been met is looked at again by the way it was met the second time. */
const looksAgain = 16

export const wait = (errands: Errands, trick: Trick = honest): Waited => {
  const start: Node = { state: opened(errands), now: 1_000_000 as Instant, left: allOf(errands), watch: unwatched, from: undefined, by: '' }
  const known = new Map<string, number>([[nameOf(start), 0]])
  const nodes = [start]
  const twins: Array<readonly [Node, number]> = []
  const reached = new Set<string>()
  const then = (node: Node): string => nextOf(errands, node, trick, new Set()).map(nameOf).sort().join('\n')
  let steps = 0
  try {
    for (let index = 0; index < nodes.length; index++) {
      for (const next of nextOf(errands, nodes[index] as Node, trick, reached)) {
        steps += 1
        const name = nameOf(next)
        const met = known.get(name)
        if (met !== undefined && steps % looksAgain === 0) twins.push([next, met])
        if (met !== undefined) continue
        known.set(name, nodes.length)
        nodes.push(next)
      }
    }
  } catch (error) {
    if (!(error instanceof Broken)) throw error
    return { states: nodes.length, steps, reached, disagreements: [], broken: { rule: error.rule, what: error.message, way: (error as Broken & { readonly way: ReadonlyArray<string> }).way } }
  }
  const disagreements = twins.filter(([twin, met]) => then(twin) !== then(nodes[met] as Node)).map(([twin]) => nameOf(twin))
  return { states: nodes.length, steps, reached, disagreements, broken: undefined }
}
