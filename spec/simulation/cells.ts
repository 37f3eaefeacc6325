// The table of loss: how many get a message, how soon its initiator knows, and what it costs, for some rates of loss each way and sizes of rings. Nothing
// else goes wrong. Beside it the classic relay, which sends each datagram once and hopes.
//
//   node .dist/spec/simulation/cells.js [--messages 10000] [--rings 3,8,32] [--losses 0,5,30,50] [--cold]
//
// Warm: members have met, and know the ring, when the message begins. Cold: each message is the first of its world.
import { parseArgs } from 'node:util'
import { dice } from '../model/link.js'
import { honest } from './bugs.js'
import { calmMs, House } from './house.js'
import { lossy, type Options } from './options.js'
import type { Plan } from './plan.js'

interface Cell {
  messages: number
  members: number
  delivered: number
  undelivered: number
  byRing: number
  complete: number
  hops: number
  datagrams: number
  bytes: number
  readonly ms: number[]
}

/** ms from one message to the next: whatever is left of the one before is over. */
const apartMs = 12_000
/** messages of a warm world, and those before them that warm it */
const perWorld = 100
const warming = (members: number): number => Math.min(members, 8)

const planOfCell = (seed: number, members: number, messages: number, options: Options): Plan => ({
  dice: seed,
  members,
  skies: options.skies,
  rates: Array.from({ length: members + 1 }, () => 1),
  messages: Array.from({ length: messages }, (_, i) => ({ at: i * apartMs, from: 1 + ((i * 5) % members), bytes: 60, again: undefined })),
  faults: [],
  rogues: [],
  stormMs: messages * apartMs,
})

const relayed = (house: House, what: 'datagrams' | 'bytes'): number =>
  [...house.network.sums].reduce((all, [kind, sum]) => (kind.startsWith('relay') || kind.startsWith('ack') ? all + sum[what] : all), 0)

const live = (cell: Cell, seed: number, members: number, messages: number, loss: number, isCold: boolean): void => {
  const options = lossy(loss)
  const before = isCold ? 0 : warming(members)
  const house = new House(planOfCell(seed, members, before + messages, options), options, honest)
  house.begin()
  house.clockwork.pass(before * apartMs + 500)
  const told = house.oracle.own.size
  const [datagrams, bytes] = [relayed(house, 'datagrams'), relayed(house, 'bytes')]
  house.clockwork.pass((before + messages) * apartMs + calmMs)
  cell.datagrams += relayed(house, 'datagrams') - datagrams
  cell.bytes += relayed(house, 'bytes') - bytes
  for (const { report } of [...house.oracle.own.values()].slice(told)) {
    if (report === undefined) continue
    cell.messages += 1
    cell.members += members - 1
    cell.delivered += report.delivered.length
    cell.byRing += report.delivered.filter(({ how }) => how === 'ring').length
    cell.undelivered += report.undelivered.length
    cell.complete += report.delivered.length === members - 1 ? 1 : 0
    cell.hops += members
    cell.ms.push(report.ms)
  }
}

const cellOf = (members: number, loss: number, messages: number, isCold: boolean): Cell => {
  const cell: Cell = { messages: 0, members: 0, delivered: 0, undelivered: 0, byRing: 0, complete: 0, hops: 0, datagrams: 0, bytes: 0, ms: [] }
  const each = isCold ? 1 : perWorld
  for (let seed = 1; seed * each <= messages; seed++) live(cell, seed, members, each, loss, isCold)
  return cell
}

/** The share of messages that come home where each hop is one datagram, and of members that get them. */
const classic = (members: number, loss: number, messages: number): { readonly home: number; readonly got: number } => {
  const chance = dice(members)
  let [home, got] = [0, 0]
  for (let i = 0; i < messages; i++) {
    let hop = 1
    while (hop < members && chance() >= loss) hop += 1
    got += hop - 1
    if (hop === members && chance() >= loss) home += 1
  }
  return { home: home / messages, got: got / messages / (members - 1) }
}

const percent = (part: number): string => `${(100 * part).toFixed(part > 0.99 && part < 1 ? 3 : 1)} %`

const row = (members: number, loss: number, messages: number, isCold: boolean): string => {
  const cell = cellOf(members, loss, messages, isCold)
  const ms = cell.ms.sort((a, b) => a - b)
  const at = (share: number): string => String(ms[Math.min(ms.length - 1, Math.floor(share * ms.length))] ?? '-')
  const old = classic(members, loss, 100_000)
  return [
    `${loss * 100} %`, members, cell.messages, percent(cell.delivered / cell.members), percent(cell.byRing / cell.members), percent(cell.complete / cell.messages), cell.undelivered,
    at(0.5), at(0.99), (cell.datagrams / cell.hops).toFixed(2), Math.round(cell.bytes / cell.delivered), percent(old.got), percent(old.home),
  ].join(' | ')
}

const { values } = parseArgs({
  options: {
    messages: { type: 'string', default: '10000' }, rings: { type: 'string', default: '3,8,32' }, losses: { type: 'string', default: '0,5,30,50' }, cold: { type: 'boolean', default: false },
  },
})

const numbers = (text: string): ReadonlyArray<number> => text.split(',').map(Number)

console.log(`| ${['loss', 'ring', 'messages', 'delivered', 'by the ring', 'to all', 'undelivered', 'p50 ms', 'p99 ms', 'datagrams a hop', 'bytes a delivery', 'classic: got it', 'classic: home'].join(' | ')} |`)
console.log(`|${' --- |'.repeat(13)}`)
for (const loss of numbers(values.losses)) {
  for (const members of numbers(values.rings)) console.log(`| ${row(members, loss / 100, Number(values.messages), values.cold)} |`)
}
