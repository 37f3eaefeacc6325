// States of a member that nobody can tell apart are one: the coarsest partition in which two states of a class answer each thing that may happen with the
// same datagrams, the same to be judged, and a state of the same class again (bisimilarity: Park 1981; found by refinement, Kanellakis & Smolka 1983). So
// nobody has to say which parts of a state do not matter any more: evidence, sums that are superseded, an initiator that has told all.
import type { Closure, Kind } from './closure.js'
import type { Scene } from './scene.js'
import { settledIn } from './essence.js'

/** What can still happen to a ring, as bits that are only ever set: its time is over, the server has ended it, no process stops any more, none sleeps. */
export const over = { time: 1, ended: 2, crashes: 4, sleeps: 8 } as const

/** Nothing can have been heard there. */
export const deaf = 1 << 4

interface Move {
  readonly to: number
  readonly out: number
  readonly judged: number
}

/** A member as a graph of classes of states. */
export interface Graph {
  readonly count: number
  /** datagrams to it */
  readonly slots: number
  /** what is looked at from outside: on its disk, of each message two bits, 0 open, 1 stored, 2 closed; and `deaf` */
  readonly looks: ReadonlyArray<number>
  /** by instant, state, datagram */
  readonly heard: ReadonlyArray<ReadonlyArray<ReadonlyArray<number>>>
  readonly own: ReadonlyArray<ReadonlyArray<{ readonly kind: Kind; readonly phase: number; readonly move: number; readonly text: string }>>
  readonly moves: ReadonlyArray<Move>
}

/** What may happen, and what of it can be told from outside. */
export interface View {
  readonly phases: ReadonlyArray<number>
  readonly crashes: boolean
  readonly sleeps: boolean
  /** a set of datagrams without those that nobody listens to */
  readonly outOf: (out: number) => number
}

export const isPossible = ({ phases, crashes, sleeps }: View, { kind, phase }: { readonly kind: Kind; readonly phase: number }): boolean =>
  phases.includes(phase) && (kind === 'free' || (kind === 'crash' ? crashes : sleeps))

export const viewOf = (closure: Closure, scene: Scene, mode: number): View => ({
  phases: (mode & over.time) !== 0 ? [1] : scene.hasty ? [0, 1] : [0],
  crashes: (mode & over.crashes) === 0,
  sleeps: (mode & over.sleeps) === 0,
  outOf: (mode & over.ended) === 0 ? (out) => out : (out) => closure.unserved[out] as number,
})

export const graphOf = (closure: Closure, place: number): Graph => {
  const side = closure.sides[place]
  if (side === undefined) throw new Error(`nobody is at ${place}`)
  const { locals, heard, own, moves, machine } = side
  const looks = locals.map((local) => closure.grants.live.reduce(
    (sum, { grant: { root } }, which) => sum | ({ open: 0, stored: 1, closed: 2 }[settledIn(local.kept, root)] << (2 * which)), machine.isDeaf(local) ? deaf : 0))
  return { count: locals.length, slots: closure.messages[place]?.all.length ?? 0, looks, heard, own, moves }
}

/** Numbers for texts, from 0. */
const numbered = (texts: ReadonlyArray<string>): { readonly classes: Int32Array; readonly count: number } => {
  const known = new Map<string, number>()
  const classes = Int32Array.from(texts, (text) => {
    const at = known.get(text) ?? known.size
    known.set(text, at)
    return at
  })
  return { classes, count: known.size }
}

/** The coarsest partition that is finer than this one and stable. What leaves a state in its class, unsaid and unjudged, is nothing. */
export const refined = ({ count, heard, own, moves }: Graph, before: ReadonlyArray<string>, view: View): Int32Array => {
  let { classes, count: size } = numbered(before)
  const outs = moves.map(({ out }) => view.outOf(out))
  for (;;) {
    const shown = moves.map(({ to, judged }, i) => ({ to: classes[to] as number, text: `${classes[to] as number},${outs[i] as number},${judged}`, isQuiet: outs[i] === 0 && judged === 0 }))
    const told = (state: number, move: number): string => {
      const { to, text, isQuiet } = shown[move] as (typeof shown)[number]
      return isQuiet && to === classes[state] ? '' : text
    }
    const texts = Array.from({ length: count }, (_, state) => {
      const said = view.phases.map((phase) => (heard[phase]?.[state] ?? []).map((move) => told(state, move)).join(' '))
      const free = (own[state] ?? []).filter((one) => isPossible(view, one)).map(({ kind, move }) => {
        const text = told(state, move)
        return text === '' ? '' : `${kind}${text}`
      })
      return [classes[state] as number, ...said, [...new Set(free)].sort().join(' ')].join('|')
    })
    const next = numbered(texts)
    if (next.count === size) return classes
    ;({ classes, count: size } = next)
  }
}

/** One state for each class: the first. */
export const firstOf = (classes: Int32Array): ReadonlyArray<number> => {
  const first: number[] = []
  classes.forEach((at, state) => (first[at] ??= state))
  return first
}

/** The graph whose states are the classes of that one. */
export const quotient = (graph: Graph, classes: Int32Array): Graph => {
  const first = firstOf(classes)
  return {
    count: first.length,
    slots: graph.slots,
    looks: first.map((state) => graph.looks[state] as number),
    heard: graph.heard.map((phase) => first.map((state) => phase[state] ?? [])),
    own: first.map((state) => graph.own[state] ?? []),
    moves: graph.moves.map((move) => ({ ...move, to: classes[move.to] as number })),
  }
}
