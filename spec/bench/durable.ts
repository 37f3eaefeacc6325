// What durability costs: the real server that keeps its directory in a folder, beside the same server that keeps it in memory; 256 commands in flight that
// all change the directory (1,024 contacts join lists and leave them), from one process, which needs a core of its own. Rounds alternate, A B B A, and
// a ratio is made of two neighbours. Then the first alone, with 100,000 contacts, while it writes snapshots of them.
// `node durable.js [seconds with snapshots]`. Latency is the asking process's; lag is what a turn of the server's loop takes (`lag.ts`).
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { numbersGiven } from '../given.js'
import { cpuMicros, startServer, type Child } from './child.js'
import { numbered } from './classic.js'
import { connect, exchange, mustRun, type Client, type Exchange } from './load.js'
import { median, print, spread } from './report.js'

const inFlight = 256
const rounds = 8
const roundMs = 1000
/** a sync of a disk that others use may take longer than a lost datagram is waited for elsewhere */
const silenceMs = 10_000
const target = { rate: 50_000, share: 0.7 }
const crowd = 100_000
const [snapshotSeconds] = numbersGiven('What durability costs a server.', ['seconds', 15])

const done = '200-_-null'
const lists = numbered('list', 64)
const contacts = numbered('contact', 1024)
const listOf = (i: number): string => lists[i % lists.length] as string

const setup = [
  ...contacts.map((contact, i) => exchange(`register-_-${contact}-_-127.0.0.1-_-${22000 + 2 * i}`, done)),
  ...lists.map((list) => exchange(`create-_-${list}`, done)),
]
const burst: ReadonlyArray<Exchange> = ['join', 'leave'].flatMap((word) => contacts.map((contact, i) => exchange(`${word}-_-${listOf(i)}-_-${contact}`, done)))

interface Answer { readonly ms: number; readonly at: number }
interface Lag { readonly p50: number; readonly p99: number; readonly max: number }
interface Side { readonly child: Child; readonly client: Client; readonly answers: Answer[]; readonly close: () => Promise<void> }
/** Answers a second, CPU µs an answer over all threads, latencies in ms, answers that were wrong or lost. */
interface Round { readonly rate: number; readonly cpu: number; readonly p50: number; readonly p99: number; readonly bad: number; readonly lag: Lag }

const percentile = (answers: ReadonlyArray<Answer>, share: number): number => {
  const sorted = Float64Array.from(answers, ({ ms }) => ms).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** How late the server's loop was since it was asked last. */
const lagOf = async (child: Child): Promise<Lag> => {
  child.signal('SIGUSR2')
  const [, json = ''] = await child.line(/^lag (\{.*\})$/)
  return JSON.parse(json) as Lag
}

const side = async (args: ReadonlyArray<string>, end: () => void): Promise<Side> => {
  const { child, port } = await startServer(['--log-level', 'silent', '--contacts', '200000', '--lists', '1000', ...args], new URL('./lag.js', import.meta.url))
  const answers: Answer[] = []
  const client = await connect(port, { window: inFlight, silenceMs, took: (ms, at) => answers.push({ ms, at }) })
  await mustRun(client, setup)
  const close = async (): Promise<void> => {
    client.close()
    await child.stop()
    end()
  }
  return { child, client, answers, close }
}

const inMemory = (): Promise<Side> => side(['--memory'], () => undefined)

interface Kept extends Side { readonly folder: string }

const inFolder = async (...args: ReadonlyArray<string>): Promise<Kept> => {
  const folder = mkdtempSync(join(tmpdir(), 'peal-durable-'))
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  return { ...(await side(['--data', data, ...args], () => rmSync(folder, { recursive: true }))), folder: data }
}

const round = async ({ child, client, answers }: Side, ms: number): Promise<Round> => {
  answers.length = 0
  await lagOf(child)
  const [begun, before] = [performance.now(), cpuMicros(child.pid)]
  let bad = 0
  while (performance.now() - begun < ms) {
    const { wrong, lost } = await client.run(burst)
    bad += wrong + lost
  }
  const [took, cpu] = [performance.now() - begun, cpuMicros(child.pid) - before]
  const [p50, p99] = [percentile(answers, 0.5), percentile(answers, 0.99)]
  return { rate: (answers.length / took) * 1000, cpu: cpu / answers.length, p50, p99, bad, lag: await lagOf(child) }
}

const row = (name: string, taken: ReadonlyArray<Round>): ReadonlyArray<string> => {
  const of = (what: (one: Round) => number, digits: number): string => median(taken.map(what)).toFixed(digits)
  const bad = taken.reduce((sum, one) => sum + one.bad, 0)
  return [name, of(({ rate }) => rate, 0), of(({ cpu }) => cpu, 2), of(({ p50 }) => p50, 2), of(({ p99 }) => p99, 2), of(({ lag }) => lag.p50, 2), of(({ lag }) => lag.p99, 2), of(({ lag }) => lag.max, 1), String(bad)]
}

const head = ['', 'commands/s', 'CPU µs', 'p50 ms', 'p99 ms', 'lag p50', 'lag p99', 'lag max', 'bad']

const compare = async (): Promise<void> => {
  const sides = [await inMemory(), await inFolder()] as const
  const taken: readonly [Round[], Round[]] = [[], []]
  for (const one of sides) await round(one, roundMs)
  for (let i = 0; i < rounds; i++) for (const at of i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) taken[at].push(await round(sides[at], roundMs))
  for (const one of sides) await one.close()
  const [memory, folder] = taken
  print(`Durable commands, ${inFlight} in flight, ${rounds} rounds of ${roundMs} ms, medians`, head, [row('memory', memory), row('folder', folder)])
  const share = folder.map(({ rate }, i) => rate / (memory[i]?.rate ?? NaN))
  const cpu = folder.map((one, i) => (memory[i]?.cpu ?? NaN) / one.cpu)
  const isHeld = median(folder.map(({ rate }) => rate)) >= target.rate || median(share) >= target.share
  console.log(`folder / memory: ${spread(share)} by the clock, ${spread(cpu)} by CPU; wanted ${target.rate}/s or ${target.share} of memory: ${isHeld ? 'held' : 'MISSED'}`)
}

/** When snapshots were being written, as [begun, ended] in ms; looked at every few ms. */
const watched = (folder: string): { readonly spans: ReadonlyArray<readonly [number, number]>; readonly stop: () => void } => {
  const spans: Array<readonly [number, number]> = []
  let begun: number | undefined
  const looking = setInterval(() => {
    const isWriting = readdirSync(folder).some((name) => name.startsWith('.snapshot-'))
    if (isWriting) begun ??= performance.now()
    else if (begun !== undefined) {
      spans.push([begun, performance.now()])
      begun = undefined
    }
  }, 5)
  return { spans, stop: () => clearInterval(looking) }
}

const underSnapshots = async (): Promise<void> => {
  const kept = await inFolder('--snapshot-every', '50000')
  await mustRun(kept.client, Array.from({ length: crowd - contacts.length }, (_, i) => exchange(`register-_-other_${i}-_-127.0.0.1-_-22000`, done)))
  const { spans, stop } = watched(kept.folder)
  const taken = await round(kept, snapshotSeconds * 1000)
  stop()
  const isIn = ({ at, ms }: Answer): boolean => spans.some(([begun, ended]) => at >= begun && at - ms <= ended)
  const [within, beside] = [kept.answers.filter(isIn), kept.answers.filter((answer) => !isIn(answer))]
  const lasted = spans.map(([begun, ended]) => ended - begun)
  const ms = lasted.reduce((sum, one) => sum + one, 0)
  const wide = (name: string, answers: ReadonlyArray<Answer>, took: number): ReadonlyArray<string> => [
    name, ((answers.length / took) * 1000).toFixed(0), percentile(answers, 0.5).toFixed(2), percentile(answers, 0.99).toFixed(2), percentile(answers, 1).toFixed(1),
  ]
  print(`The same with ${crowd} contacts and snapshots of them, ${snapshotSeconds} s`, ['', 'commands/s', 'p50 ms', 'p99 ms', 'max ms'], [
    wide('during a snapshot', within, ms),
    wide('otherwise', beside, snapshotSeconds * 1000 - ms),
  ])
  console.log(`${spans.length} snapshots of ${median(lasted).toFixed(0)} ms; lag p99 ${taken.lag.p99} ms, max ${taken.lag.max} ms; ${taken.bad} bad`)
  await kept.close()
}

await compare()
await underSnapshots()
