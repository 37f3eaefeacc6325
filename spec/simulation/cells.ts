// The table of loss: how many get a message, how soon its initiator knows, and what it costs, for some rates of loss each way and sizes of rings. Nothing
// else goes wrong. Beside it the classic relay, which sends each datagram once and hopes.
//
//   node .dist/spec/simulation/cells.js [--messages 10000] [--rings 3,8,32] [--losses 0,5,30,50] [--sessions warm,cold] [--wire sealed] [--jobs 2]
//
// Warm: members have sessions with each other when a message begins, or whatever a minute of earlier ones has left of them. Cold: no machine has a session
// with any other, the server's included; rings and addresses are known. Waits are those of an initiator, from the grant to its report. A hop costs what is
// sent between members: relays, acks, and the hellos that they need. Every message that is not begun, and every member that is called undelivered, is counted:
// nobody is away here, and nobody refuses.
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { InvalidArgumentError, Option } from 'commander'
import { wholeNumber } from '../../shell/cli/whole.js'
import { byHand } from '../given.js'
import { honest } from './bugs.js'
import { crew, work } from './crew.js'
import { calmMs, House } from './house.js'
import { lossy, type Options } from './options.js'
import type { Plan } from './plan.js'

/** One world of a cell. */
interface Task {
  readonly cell: number
  readonly seed: number
  readonly members: number
  readonly loss: number
  readonly messages: number
  readonly isCold: boolean
  readonly wire: Options['wire']
}

interface Cell {
  planned: number
  messages: number
  members: number
  delivered: number
  undelivered: number
  byRing: number
  complete: number
  hops: number
  datagrams: number
  bytes: number
  ms: number[]
}

const empty = (): Cell => ({ planned: 0, messages: 0, members: 0, delivered: 0, undelivered: 0, byRing: 0, complete: 0, hops: 0, datagrams: 0, bytes: 0, ms: [] })

/** ms from one message to the next: whatever is left of the one before is over, where sessions end with it. */
const apartMs = { warm: 12_000, cold: 40_000 }
/** ms between those that warm a world and the first that counts: whoever wants to send has begun to, or has given it up */
const restMs = 60_000
/** messages of a world, and those before them that warm it */
const perWorld = 100
const warming = (members: number): number => Math.min(members, 8)

const planOfCell = ({ seed, members }: Task, begins: ReadonlyArray<number>, options: Options): Plan => ({
  dice: seed,
  members,
  skies: options.skies,
  rates: Array.from({ length: members + 1 }, () => 1),
  messages: begins.map((at, i) => ({ at, from: 1 + ((i * 5) % members), bytes: 60, again: undefined })),
  faults: [],
  rogues: [],
  stormMs: begins.at(-1) ?? 0,
})

const between = ['relay', 'ack', 'hello', 'welcome']

const relayed = (house: House, what: 'datagrams' | 'bytes'): number =>
  [...house.network.sums].reduce((all, [kind, sum]) => (between.some((one) => kind.startsWith(one)) ? all + sum[what] : all), 0)

const live = (task: Task): Cell => {
  const { members, messages, loss, isCold, wire } = task
  const cell = empty()
  const options: Options = { ...lossy(loss), wire }
  const apart = isCold ? apartMs.cold : apartMs.warm
  const before = warming(members)
  const from = before * apart + restMs
  const begins = Array.from({ length: before + messages }, (_, i) => i * apart + (i < before ? 0 : restMs))
  const house = new House(planOfCell(task, begins, options), options, honest)
  house.begin()
  if (isCold) for (const at of begins.slice(before)) house.clockwork.at(at + 999, () => house.renew())
  house.clockwork.pass(from)
  const [datagrams, bytes] = [relayed(house, 'datagrams'), relayed(house, 'bytes')]
  house.clockwork.pass((begins.at(-1) ?? 0) + apart + calmMs)
  cell.planned += messages
  cell.datagrams += relayed(house, 'datagrams') - datagrams
  cell.bytes += relayed(house, 'bytes') - bytes
  for (const { report, beganAt, reportedAt = beganAt } of house.oracle.reports.own.values()) {
    if (beganAt < from || report === undefined) continue
    cell.messages += 1
    cell.members += members - 1
    cell.delivered += report.delivered.length
    cell.byRing += report.delivered.filter(({ how }) => how === 'ring').length
    cell.undelivered += report.undelivered.length
    cell.complete += report.delivered.length === members - 1 ? 1 : 0
    cell.hops += members
    cell.ms.push(reportedAt - beganAt)
  }
  return cell
}

const merge = (into: Cell, more: Cell): void => {
  for (const name of ['planned', 'messages', 'members', 'delivered', 'undelivered', 'byRing', 'complete', 'hops', 'datagrams', 'bytes'] as const) into[name] += more[name]
  into.ms.push(...more.ms)
}

/** The share of messages that come home where each hop is one datagram, and of members that get them. */
const classic = (members: number, loss: number): { readonly home: number; readonly got: number } => {
  const through = Array.from({ length: members }, (_, hop) => (1 - loss) ** (hop + 1))
  return { home: through.at(-1) ?? 1, got: through.slice(0, -1).reduce((sum, share) => sum + share, 0) / (members - 1) }
}

const percent = (part: number): string => `${(100 * part).toFixed(part > 0.99 && part < 1 ? 3 : 1)} %`

interface Values { readonly messages: number; readonly rings: ReadonlyArray<number>; readonly losses: ReadonlyArray<number>; readonly sessions: ReadonlyArray<string>; readonly wire: Options['wire']; readonly jobs: number; readonly share: boolean }

const eachOf = <A>(read: (text: string) => A) => (text: string): ReadonlyArray<A> => text.split(',').map(read)
const sessionsFrom = (text: string): string => {
  if (text === 'warm' || text === 'cold') return text
  throw new InvalidArgumentError('expected warm, cold or both, with a comma between them.')
}

const values = byHand('The table of loss: who gets a message, how soon, and at which cost.')
  .option('--messages <N>', 'of each cell', wholeNumber(1, 1_000_000), 10_000)
  .option('--rings <N,N>', 'members', eachOf(wholeNumber(2, 512)), [3, 8, 32])
  .option('--losses <N,N>', '% each way', eachOf(wholeNumber(0, 99)), [0, 5, 30, 50])
  .option('--sessions <KIND,KIND>', 'warm, cold', eachOf(sessionsFrom), ['warm', 'cold'])
  .addOption(new Option('--wire <KIND>').choices(['sealed', 'plain']).default('sealed'))
  .option('--jobs <N>', 'in so many processes', wholeNumber(1, 64), availableParallelism())
  .addOption(new Option('--share').default(false).hideHelp())
  .parse().opts<Values>()

const cells = values.losses.flatMap((loss) => values.rings.flatMap((members) => values.sessions.map((sessions) => ({ loss: loss / 100, members, sessions }))))

const tasks = cells.flatMap(({ loss, members, sessions }, cell): ReadonlyArray<Task> => {
  const all = values.messages
  return Array.from({ length: Math.ceil(all / perWorld) }, (_, i): Task => ({
    cell, seed: i + 1, members, loss, messages: Math.min(perWorld, all - i * perWorld), isCold: sessions === 'cold', wire: values.wire,
  }))
})

const columns = ['loss', 'ring', 'sessions', 'messages', 'never begun', 'delivered', 'by the ring', 'to all', 'undelivered', 'p50 ms', 'p99 ms', 'datagrams a hop', 'bytes a delivery', 'classic: got it', 'classic: home']

const row = ({ loss, members, sessions }: (typeof cells)[number], cell: Cell): string => {
  const ms = cell.ms.sort((a, b) => a - b)
  const at = (share: number): string => String(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? '-')
  const old = classic(members, loss)
  return [
    `${loss * 100} %`, members, sessions, cell.planned, cell.planned - cell.messages, percent(cell.delivered / cell.members), percent(cell.byRing / cell.members),
    percent(cell.complete / cell.messages), cell.undelivered, at(0.5), at(0.99), (cell.datagrams / cell.hops).toFixed(2), Math.round(cell.bytes / cell.delivered),
    percent(old.got), percent(old.home),
  ].join(' | ')
}

/** The tasks that take longest first. */
const shared = async (jobs: number): Promise<ReadonlyArray<Cell>> => {
  const sums = cells.map(empty)
  const ordered = [...tasks].sort((a, b) => a.members * (1 + 4 * a.loss) - b.members * (1 + 4 * b.loss))
  await crew(fileURLToPath(import.meta.url), jobs, ordered, ({ cell }, result) => {
    const sum = sums[cell]
    if (sum !== undefined) merge(sum, result as Cell)
  })
  return sums
}

if (values.share) work(live)
else {
  const sums = await shared(values.jobs)
  console.log(`| ${columns.join(' | ')} |`)
  console.log(`|${' --- |'.repeat(columns.length)}`)
  cells.forEach((cell, i) => console.log(`| ${row(cell, sums[i] ?? empty())} |`))
}
