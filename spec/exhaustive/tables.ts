// One member as typed arrays, for each of the ways in which what can still happen to the ring may be limited (`over`): the classes of its states, what
// follows from each, and which datagrams are worth remembering there.
//
// A datagram may come at any time or never, and stays: so whoever has more of them can do all that one with fewer can. Two things follow.
//   - What a member would only answer, without changing, is answered at once, whether or not the datagram comes (`echo`): the answer may be lost again.
//   - A datagram to which a member will never again do anything but what has been answered is forgotten (`live` is without it).
import { firstOf, graphOf, isPossible, over, quotient, refined, viewOf, type Graph, type View } from './quotient.js'
import type { Closure } from './closure.js'
import type { Scene } from './scene.js'

/** For one member in one mode. An edge is what follows: a class, a set of datagrams, what is judged. Masks are of datagrams to it, `words` for a class. */
export interface Table {
  readonly words: number
  readonly slots: number
  readonly looks: Uint8Array
  /** of a class of the finest partition, and back */
  readonly classOf: Int32Array
  readonly first: ReadonlyArray<number>
  readonly to: Int32Array
  readonly out: Int32Array
  readonly judged: Int32Array
  /** by instant: of class and datagram, an edge; -1: nothing */
  readonly heard: ReadonlyArray<Int32Array>
  /** datagrams that change something there; those that are only answered */
  readonly acts: ReadonlyArray<Int32Array>
  readonly echoes: ReadonlyArray<Int32Array>
  readonly live: Int32Array
  /** what may happen of itself: of a class, from here up to where the next begins */
  readonly begins: Int32Array
  readonly edge: Int32Array
  readonly label: Int32Array
  readonly cost: Uint8Array
}

export const costs = { free: 0, crash: 1, sleep: 2 } as const

/** All of what can be sent, a bit each, of a set of datagrams. */
const bitsOf = (closure: Closure): ReadonlyArray<bigint> => {
  const offsets = closure.messages.map((_, to) => closure.messages.slice(0, to).reduce((sum, { all }) => sum + all.length, 0))
  return closure.outs.all.map((out) => out.reduce((sum, [to, slot]) => sum | (1n << BigInt((offsets[to] as number) + slot)), 0n))
}

/** Datagrams, by class, to which something may still be done there, or in any state behind it, that has not been done by the answers of now. */
const livingIn = (graph: Graph, classes: Int32Array, now: View, later: View, bits: ReadonlyArray<bigint>): ReadonlyArray<ReadonlyArray<boolean>> => {
  const { count, slots, heard, own, moves } = graph
  const outs = moves.map(({ out }) => bits[now.outOf(out)] as bigint)
  const isEcho = (state: number, move: number): boolean => classes[(moves[move] as { to: number }).to] === classes[state] && moves[move]?.judged === 0
  const at = (phase: number, state: number, slot: number): number => heard[phase]?.[state]?.[slot] as number
  const acts = Array.from({ length: count }, (_, state) => Array.from({ length: slots }, (_s, slot) => later.phases.some((phase) => !isEcho(state, at(phase, state, slot)))))
  const saidIn = (view: View) => (state: number) => (slot: number): bigint => view.phases.reduce((sum, phase) => sum | (outs[at(phase, state, slot)] as bigint), 0n)
  const slotsOf = (state: number, say: ReturnType<typeof saidIn>): bigint[] => Array.from({ length: slots }, (_, slot) => say(state)(slot))
  const said = Array.from({ length: count }, (_, state) => slotsOf(state, saidIn(later)))
  const ways = Array.from({ length: count }, (_, state) => [...new Set([
    ...later.phases.flatMap((phase) => (heard[phase]?.[state] ?? []).map((move) => (moves[move] as { to: number }).to)),
    ...(own[state] ?? []).filter((one) => isPossible(later, one)).map(({ move }) => (moves[move] as { to: number }).to),
  ])].filter((to) => to !== state))
  for (let isNew = true; isNew; ) {
    isNew = false
    for (let state = count - 1; state >= 0; state--) {
      for (const next of ways[state] as number[]) {
        for (let slot = 0; slot < slots; slot++) {
          const sum = (said[state] as bigint[])[slot] as bigint
          const more = sum | ((said[next] as bigint[])[slot] as bigint)
          const act = acts[next]?.[slot] === true
          if (more === sum && (!act || acts[state]?.[slot] === true)) continue
          isNew = true
          ;(said[state] as bigint[])[slot] = more
          if (act) (acts[state] as boolean[])[slot] = true
        }
      }
    }
  }
  return Array.from({ length: count }, (_, state) => Array.from({ length: slots }, (_s, slot) => acts[state]?.[slot] === true || said[state]?.[slot] !== saidIn(now)(state)(slot)))
}

const masks = (count: number, words: number, has: (state: number, slot: number) => boolean, slots: number): Int32Array => {
  const all = new Int32Array(count * words)
  for (let state = 0; state < count; state++) {
    for (let slot = 0; slot < slots; slot++) if (has(state, slot)) all[state * words + (slot >> 5)] = (all[state * words + (slot >> 5)] as number) | (1 << (slot & 31))
  }
  return all
}

/** `living`: by class of the finest partition; undefined: whatever is sent is kept, and answered when it comes. */
const tableOf = (graph: Graph, classOf: Int32Array, view: View, living: ReadonlyArray<ReadonlyArray<boolean>> | undefined): Table => {
  const first = firstOf(classOf)
  const [count, slots] = [first.length, graph.slots]
  const words = Math.max(1, Math.ceil(slots / 32))
  const edges = graph.moves.map(({ to, out, judged }) => ({ to: classOf[to] as number, out: view.outOf(out), judged }))
  const isQuiet = (state: number, { to, out, judged }: (typeof edges)[number]): boolean => to === state && out === 0 && judged === 0
  const moveAt = (phase: number, state: number, slot: number): number => graph.heard[phase]?.[first[state] as number]?.[slot] as number
  const isEcho = (state: number, { to, judged }: (typeof edges)[number]): boolean => living !== undefined && to === state && judged === 0
  const edgeAt = (phase: number, state: number, slot: number) => edges[moveAt(phase, state, slot)] as (typeof edges)[number]
  const phases = graph.heard.map((_, phase) => phase)
  const heard = phases.map((phase) => Int32Array.from({ length: count * slots }, (_, i) => {
    const [state, slot] = [Math.floor(i / slots), i % slots]
    return isQuiet(state, edgeAt(phase, state, slot)) ? -1 : moveAt(phase, state, slot)
  }))
  const own = first.map((one, state) => {
    const seen = new Set<string>()
    return (graph.own[one] ?? []).flatMap((happening, index) => {
      const edge = edges[happening.move] as (typeof edges)[number]
      const name = `${happening.kind} ${edge.to} ${edge.out} ${edge.judged}`
      if (!isPossible(view, happening) || (isQuiet(state, edge) && happening.kind === 'free') || seen.has(name)) return []
      seen.add(name)
      return [{ edge: happening.move, label: index, cost: costs[happening.kind] }]
    })
  })
  const begins = Int32Array.from({ length: count + 1 }, (_, state) => own.slice(0, state).reduce((sum, { length }) => sum + length, 0))
  const members = first.map(() => [] as number[])
  classOf.forEach((at, one) => members[at]?.push(one))
  return {
    words, slots, classOf, first, heard, begins,
    looks: Uint8Array.from(first, (one) => graph.looks[one] as number),
    to: Int32Array.from(edges, ({ to }) => to), out: Int32Array.from(edges, ({ out }) => out), judged: Int32Array.from(edges, ({ judged }) => judged),
    acts: phases.map((phase) => masks(count, words, (state, slot) => !isQuiet(state, edgeAt(phase, state, slot)) && !isEcho(state, edgeAt(phase, state, slot)), slots)),
    echoes: phases.map((phase) => masks(count, words, (state, slot) => !isQuiet(state, edgeAt(phase, state, slot)) && isEcho(state, edgeAt(phase, state, slot)), slots)),
    live: masks(count, words, (state, slot) => living === undefined || (members[state] ?? []).some((one) => living[one]?.[slot] === true), slots),
    edge: Int32Array.from(own.flat(), ({ edge }) => edge), label: Int32Array.from(own.flat(), ({ label }) => label), cost: Uint8Array.from(own.flat(), ({ cost }) => cost),
  }
}

export interface Member {
  /** the finest partition of what it can be, and of each class one state */
  readonly classes: Int32Array
  readonly first: ReadonlyArray<number>
  readonly graph: Graph
  /** by mode; of the modes that the scene has */
  readonly tables: ReadonlyArray<Table | undefined>
}

/** The mode in which a scene begins. */
export const startOf = ({ crashes, sleeps }: Scene): number => (crashes > 0 ? 0 : over.crashes) | (sleeps ? 0 : over.sleeps)

const most = over.time | over.ended | over.crashes | over.sleeps

/** Modes of the scene, those with the least still to come first: what two states of a class may come to must be told apart in no later mode. */
const modesOf = (scene: Scene): ReadonlyArray<number> => {
  const size = (mode: number): number => mode.toString(2).replaceAll('0', '').length
  return Array.from({ length: most + 1 }, (_, mode) => mode).filter((mode) => (mode & startOf(scene)) === startOf(scene)).sort((a, b) => size(b) - size(a))
}

const identity = (count: number): Int32Array => Int32Array.from({ length: count }, (_, i) => i)

/** `reduced` false: each state is a class, and no datagram is answered before it comes, or forgotten. */
export const memberOf = (closure: Closure, scene: Scene, place: number, reduced: boolean): Member => {
  const raw = graphOf(closure, place)
  const everything: View = { phases: [0, 1], crashes: true, sleeps: true, outOf: (out) => out }
  const classes = reduced ? refined(raw, raw.looks.map(String), everything) : identity(raw.count)
  const graph = quotient(raw, classes)
  const bits = bitsOf(closure)
  const tables: Array<Table | undefined> = []
  for (const mode of modesOf(scene)) {
    const view = viewOf(closure, scene, mode)
    const later = Object.values(over).map((bit) => mode | bit).filter((next) => next !== mode)
    const before = graph.looks.map((look, state) => [look, ...later.map((next) => (tables[next] as Table).classOf[state] as number)].join())
    const classOf = reduced ? refined(graph, before, view) : identity(graph.count)
    const still: View = { ...view, phases: view.phases.includes(0) ? [0, 1] : [1] }
    tables[mode] = tableOf(graph, classOf, view, reduced ? livingIn(graph, classOf, view, still, bits) : undefined)
  }
  return { classes, first: firstOf(classes), graph, tables }
}
