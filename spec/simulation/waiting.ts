// How long a change of members waits on a list that is hardly ever at rest: five members begin a message every 50 ms each, and a sixth comes and goes at
// random times, by tickets. Nobody may wait for longer than 2 s and twice the longest lease, the list is fenced for half of the time at most, and whatever
// waits is done in the end: a world in which that is not so ends the program.
//
//   node .dist/spec/simulation/waiting.js [--joins 1000] [--scenes 0,1,2] [--jobs 2]
//
// Goes on until so many joins have waited, or so many changes were done at once: where nothing fails hardly any has to wait.
// Malicious: one member begins messages as often as the others, passes nothing on and completes nothing, so that its messages end when their time is over;
// another one is off the list and on it again as fast as it can. Waits are those of the sixth, from its order at the server to what came of it.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Option } from 'commander'
import { wholeNumber } from '../../shell/cli/whole.js'
import { byHand } from '../given.js'
import { limits } from '../../core/index.js'
import { honest } from './bugs.js'
import { crew, work } from './crew.js'
import { calmMs, House } from './house.js'
import { nameOf } from './names.js'
import { fair, lossy, type Options } from './options.js'
import type { Plan } from './plan.js'

interface Scene {
  readonly name: string
  readonly options: Options
  readonly isMalicious: boolean
}

const scenes: ReadonlyArray<Scene> = [
  { name: 'nothing fails', options: fair, isMalicious: false },
  { name: '30 % loss', options: lossy(0.3), isMalicious: false },
  { name: 'two malicious', options: fair, isMalicious: true },
]

interface Task {
  readonly scene: number
  readonly seed: number
}

/** What one world, or many, have come to; ms. */
interface Sum {
  worlds: number
  joins: number[]
  leaves: number[]
  /** changes that did not have to wait */
  atOnce: number
  fences: number
  fencedMs: number
  ms: number
  granted: number
  /** the longest span in which no honest member's message began, and the longest lease */
  stillMs: number
  leaseMs: number
}

const empty = (): Sum => ({ worlds: 0, joins: [], leaves: [], atOnce: 0, fences: 0, fencedMs: 0, ms: 0, granted: 0, stillMs: 0, leaseMs: 0 })

const senders = 5
const comer = senders + 1
const holder = senders + 2
const flitter = senders + 3
const everyMs = 50
const worldMs = 60_000
/** until all have met */
const warmMs = 3000
/** ms, at most, between a change and the next one */
const restMs = 3000

const planOfWorld = (seed: number, { options, isMalicious }: Scene): Plan => {
  const begin = [...Array.from({ length: senders }, (_, i) => i + 1), ...(isMalicious ? [holder] : [])]
  const messages = Array.from({ length: worldMs / everyMs }, (_, i) => begin.map((from, n) => ({ at: i * everyMs + n * 9, from, bytes: 60, again: undefined }))).flat()
  const members = isMalicious ? flitter : comer
  return {
    dice: seed, members, skies: options.skies, rates: Array.from({ length: members + 1 }, () => 1), messages, faults: [],
    rogues: isMalicious ? [{ who: holder, trick: 'swallows' }] : [], stormMs: worldMs,
  }
}

/** Comes and goes, for as long as messages begin; says how often it did. */
const roaming = (house: House, who: number, mostMs: number): (() => number) => {
  const { clockwork, chance } = house
  const peer = house.peer(who)
  let changes = 0
  const rest = (): void => clockwork.at(Math.max(warmMs, clockwork.now + 1) + Math.floor(chance() * mostMs), () => {
    if (clockwork.now > worldMs) return
    const isIn = peer.isMember
    peer.give(() => peer.want(isIn ? 'out' : 'in', { waits: true }))
    const look = (): void => {
      if (peer.isMember === isIn) return clockwork.at(clockwork.now + 20, look)
      changes += 1
      rest()
    }
    look()
  })
  rest()
  return () => changes
}

const live = ({ scene: number, seed }: Task): Sum => {
  const scene = scenes[number]
  if (scene === undefined) throw new Error(`no scene ${number}`)
  const house = new House(planOfWorld(seed, scene), scene.options, honest)
  const { clockwork, oracle: { grants, reports, waits } } = house
  house.begin()
  const changes = roaming(house, comer, restMs)
  if (scene.isMalicious) roaming(house, flitter, 1)
  clockwork.pass(worldMs)
  const starts = [...grants.known.values()].filter(({ initiator }) => initiator <= senders).map(({ grantedAt }) => grantedAt)
  const fencedMs = waits.fencedMs
  house.heal()
  clockwork.pass(clockwork.now + calmMs)
  reports.settled()
  const own = [...waits.all.values()].filter(({ by, until }) => by === nameOf(comer) && until !== undefined)
  const of = (wanted: string): number[] => own.filter(({ kind }) => kind === wanted).map(({ since, until = since }) => until - since)
  return {
    worlds: 1, joins: of('Join'), leaves: of('Leave'), atOnce: Math.max(0, changes() - own.length), fences: waits.fences, fencedMs, ms: worldMs, granted: starts.length,
    stillMs: starts.reduce((most, at, i) => Math.max(most, at - (starts[i - 1] ?? at)), 0), leaseMs: own.reduce((most, { leaseMs }) => Math.max(most, leaseMs), 0),
  }
}

const add = (into: Sum, more: Sum): void => {
  for (const name of ['worlds', 'atOnce', 'fences', 'fencedMs', 'ms', 'granted'] as const) into[name] += more[name]
  for (const name of ['joins', 'leaves'] as const) into[name].push(...more[name])
  for (const name of ['stillMs', 'leaseMs'] as const) into[name] = Math.max(into[name], more[name])
}

const eachScene = (text: string): ReadonlyArray<number> => text.split(',').map(wholeNumber(0, scenes.length - 1))

const values = byHand('How long joins wait for a list that is never still.')
  .option('--joins <N>', 'of each scene', wholeNumber(1, 1_000_000), 1000)
  .option('--scenes <N,N>', 'from 0', eachScene, scenes.map((_, i) => i))
  .option('--jobs <N>', 'in so many processes', wholeNumber(1, 64), availableParallelism())
  .addOption(new Option('--share').default(false).hideHelp())
  .parse().opts<{ readonly joins: number; readonly scenes: ReadonlyArray<number>; readonly jobs: number; readonly share: boolean }>()

const columns = [
  'list', 'joins that waited', 'p50 ms', 'p99 ms', 'longest ms', 'bound ms', 'leaves that waited', 'longest ms', 'changes at once', 'fences', 'fenced', 'messages begun a second', 'longest without one ms',
]

const row = ({ name }: Scene, sum: Sum): string => {
  const ms = sum.joins.sort((a, b) => a - b)
  const at = (share: number): number => ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? 0
  const bound = limits.fenceAfterMs + limits.fenceLookMs + 2 * sum.leaseMs
  const longest = Math.max(at(1), ...sum.leaves)
  if (longest > bound || 2 * sum.fencedMs > sum.ms) throw new Error(`${name}: somebody waited ${longest} ms of ${bound}, and the list was fenced ${sum.fencedMs} ms of ${sum.ms}`)
  return [
    name, ms.length, at(0.5), at(0.99), at(1), bound, sum.leaves.length, Math.max(0, ...sum.leaves), sum.atOnce, sum.fences, `${((100 * sum.fencedMs) / sum.ms).toFixed(1)} %`,
    Math.round((1000 * sum.granted) / sum.ms), sum.stillMs,
  ].join(' | ')
}

/** Worlds of that scene until so many joins have waited, or so many changes did not have to, some more at a time. */
const gathered = async (scene: number, joins: number, jobs: number): Promise<Sum> => {
  const sum = empty()
  for (let seen = 0; seen < joins; seen = sum.joins.length + sum.atOnce) {
    const left = sum.worlds === 0 ? jobs : Math.ceil((joins - seen) / Math.max(1, seen / sum.worlds))
    const tasks = Array.from({ length: left }, (_, i): Task => ({ scene, seed: sum.worlds + i + 1 }))
    await crew(fileURLToPath(import.meta.url), jobs, tasks, (_, result) => add(sum, result as Sum))
  }
  return sum
}

if (values.share) work(live)
else {
  console.log(`| ${columns.join(' | ')} |`)
  console.log(`|${' --- |'.repeat(columns.length)}`)
  for (const scene of values.scenes) {
    const of = scenes[scene]
    if (of !== undefined) console.log(`| ${row(of, await gathered(scene, values.joins, values.jobs))} |`)
  }
}
