// Hello floods at the real server: what its clients notice, what the flooder gets for it, what it costs in memory. Eight contacts with warm
// sessions ask every 20 ms each and send again after 30 ms, 60 ms and so on, as a peer would at its fastest; latency counts from the first
// sending. The flooder (`flooder.ts` says what it sends) is a process of its own: where server, flooder and these clients share two cores, latency
// under flood is also that of the scheduler. `node flood.js [seconds] [hellos a second]`.
import { numbersGiven } from '../given.js'
import { start, startServer, summary, type Child } from './child.js'
import { asked, meet, register, type Contact } from './contacts.js'
import { dial, type Exchange } from './load.js'
import { median, print } from './report.js'
import type { Socket } from 'node:dgram'

const [seconds, aSecond] = numbersGiven('Floods of hellos at the real server.', ['seconds', 5], ['a-second', 50_000])
const clients = 8
const paceMs = 20
const resendMs = 30
const target = 3

interface Latencies { readonly ms: ReadonlyArray<number>; readonly sent: number; readonly resent: number; readonly unanswered: number }

interface Waiting { readonly exchange: Exchange; readonly since: number; sends: number; next: number }

/** What is asked while `going`, each by its client's own session; an answer belongs to the request that opens it. */
const ask = async (socket: Socket, contacts: ReadonlyArray<Contact>, going: () => boolean): Promise<Latencies> => {
  const ms: number[] = []
  let [sent, resent] = [0, 0]
  const waiting = new Map<Contact, Waiting>()
  const due = new Map(contacts.map((by, i) => [by, performance.now() + (i * paceMs) / clients]))
  const hear = (answer: Buffer): void => {
    for (const [by, one] of waiting) {
      if (one.exchange.isAnswer?.(answer) !== true) continue
      ms.push(performance.now() - one.since)
      waiting.delete(by)
    }
  }
  const tick = (): void => {
    const now = performance.now()
    for (const [by, at] of due) {
      const one = waiting.get(by)
      if (one !== undefined && one.next <= now) {
        one.sends += 1
        one.next = now + resendMs * 2 ** one.sends
        resent += 1
        socket.send(one.exchange.request)
      }
      if (one !== undefined || at > now || !going()) continue
      const exchange = asked(by, by.request({ _tag: 'QueryLists' }), { code: 200, body: { _tag: 'Lists', names: [] } })
      waiting.set(by, { exchange, since: now, sends: 0, next: now + resendMs })
      due.set(by, Math.max(at + paceMs, now))
      sent += 1
      socket.send(exchange.request)
    }
  }
  socket.on('message', hear)
  const ticking = setInterval(tick, 1)
  while (going()) await new Promise((passed) => setTimeout(passed, 50))
  await new Promise((passed) => setTimeout(passed, 500))
  clearInterval(ticking)
  socket.off('message', hear)
  return { ms, sent, resent, unanswered: waiting.size }
}

const quantile = (values: ReadonlyArray<number>, q: number): number => {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? NaN
}

interface Flooded { readonly sent: number; readonly bytes: number; readonly cameDatagrams: number; readonly cameBytes: number }

const nothing: Flooded = { sent: 0, bytes: 0, cameDatagrams: 0, cameBytes: 0 }

const { child, port } = await startServer(['--log-level', 'info', '--request-rate', '0', '--register-rate', '0'])
const socket = await dial(port)
const server = await meet(socket)
const contacts: Contact[] = []
for (let i = 0; i < clients; i++) contacts.push(await register(socket, server, `client_${i}` as Contact['name']))

const flooding = async (flooder: Child): Promise<Flooded> => JSON.parse((await flooder.line(/^\{.*\}$/))[0]) as Flooded

const phase = async (kind: string | undefined): Promise<{ readonly latencies: Latencies; readonly flooded: Flooded }> => {
  if (kind === undefined) {
    const until = performance.now() + seconds * 1000
    return { latencies: await ask(socket, contacts, () => performance.now() < until), flooded: nothing }
  }
  const flooder = start(new URL('flooder.js', import.meta.url), [String(port), server.seals, kind, String(seconds), String(aSecond)])
  await flooder.line(/^ready$/)
  let isOver = false
  const [flooded, latencies] = await Promise.all([flooding(flooder).finally(() => { isOver = true }), ask(socket, contacts, () => !isOver)])
  await flooder.stop()
  return { latencies, flooded }
}

const rows: Array<ReadonlyArray<string>> = []
const idle: number[] = []
let before = await summary(child)
await phase(undefined)
for (const kind of [undefined, 'noise', undefined, 'marked', undefined, 'whole', undefined]) {
  const { latencies, flooded } = await phase(kind)
  const after = await summary(child)
  const [p50, p99] = [quantile(latencies.ms, 0.5), quantile(latencies.ms, 0.99)]
  if (kind === undefined) idle.push(p99)
  rows.push([
    kind ?? 'idle',
    (flooded.sent / seconds).toFixed(0),
    String(after.received - before.received - latencies.sent - latencies.resent),
    String(flooded.cameDatagrams),
    flooded.sent === 0 ? '' : (flooded.cameBytes / flooded.bytes).toFixed(3),
    String(latencies.sent),
    String(latencies.resent),
    String(latencies.unanswered),
    p50.toFixed(2),
    p99.toFixed(2),
    kind === undefined ? '' : (p99 / median(idle)).toFixed(2),
    kind === undefined ? '' : `< ${target}`,
    (after.rss / 2 ** 20).toFixed(1),
  ])
  before = after
}
socket.close()
await child.stop()
const head = ['flood', 'hellos/s', 'of them read', 'answered', 'bytes back / sent', 'requests', 'sent again', 'unanswered', 'p50 ms', 'p99 ms', 'p99 / idle', 'target', 'RSS MiB']
print(`Hello floods of ${seconds} s, and ${clients} clients that go on asking`, head, rows)
