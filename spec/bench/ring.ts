// What a hop of the ring costs: N processes of the real peer, against N processes that forward a datagram unread. This process is the
// initiator of both: it sends to the first, waits until the message is home, and sends the next: nothing is timed but N + 1 hops. Rounds
// alternate, A B B A, and a ratio is made of two neighbours. `node ring.js [N...]`, 3 and 10 if not given.
//
//   ring.js ──> peer 1 ──> ... ──> peer N ──> ring.js        ring.js ──> forward 1 ──> ... ──> forward N ──> ring.js
//
// The peers are programs that stay (`--stay`); what they show goes to the null device. Before the clock starts every peer has seen as
// many messages as it remembers, so that it forgets one for each that comes.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { isLeft } from 'fp-ts/lib/Either.js'
import { sizesGiven } from '../given.js'
import { classic, limits } from '../../core/index.js'
import { cpuMicros, startBeside, startPeer, startServer, type Child } from './child.js'
import { median, print, spread } from './report.js'

const rounds = 6
const roundMs = 1000
const lapMs = 2000
const target = 1.5
const list = 'ring'

interface Home {
  readonly port: number
  /** sends the text with a mark of its own to that port, and waits until something comes back; ms */
  readonly lap: (to: number) => Promise<number>
  readonly say: (relay: classic.Relay) => void
  readonly close: () => void
}

/** The mark of the n-th message: 16 hexadecimal digits. */
const mark = (n: number): string => n.toString(16).padStart(16, '0')

const openHome = async (): Promise<Home> => {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  let parts: ReadonlyArray<string> = []
  let n = 1
  return {
    port: socket.address().port,
    say: (relay) => { parts = classic.encodeRelay(relay).split(mark(0)) },
    lap: (to) => new Promise((done, failed) => {
      const text = Buffer.from(parts.join(mark(n++)))
      const timer = setTimeout(() => failed(new Error(`lost on the way, or ${lapMs} ms late`)), lapMs)
      const begun = performance.now()
      socket.once('message', () => {
        clearTimeout(timer)
        done(performance.now() - begun)
      })
      socket.send(text, to, '127.0.0.1')
    }),
    close: () => { socket.close() },
  }
}

const ask = async (socket: Socket, port: number, request: string): Promise<string> => {
  socket.send(request, port, '127.0.0.1')
  const [answer] = (await once(socket, 'message', { signal: AbortSignal.timeout(lapMs) })) as [Buffer]
  return answer.toString()
}

/** Joins the member as soon as its peer has registered it. */
const joined = async (socket: Socket, port: number, member: string): Promise<void> => {
  for (let waited = 0; waited < 400; waited++) {
    if ((await ask(socket, port, `join-_-${list}-_-${member}`)) === '200-_-null') return
    await sleep(50)
  }
  throw new Error(`${member} did not register`)
}

const ringOf = async (socket: Socket, port: number): Promise<ReadonlyArray<classic.RingMember>> => {
  const reply = classic.decodeReply(await ask(socket, port, `im-start-_-${list}-_-bench`))
  if (isLeft(reply) || reply.right.body._tag !== 'Ring') throw new Error('the server gave no ring')
  return reply.right.body.members
}

interface Ring { readonly children: ReadonlyArray<Child>; readonly first: number }

/** Real peers in a ring of a real server, and where its first message is to go. */
const peers = async (n: number, home: Home): Promise<Ring> => {
  const server = await startServer(['--log-level', 'silent'])
  const socket = createSocket('udp4')
  await ask(socket, server.port, `register-_-bench-_-127.0.0.1-_-${home.port - 1}`)
  await ask(socket, server.port, `create-_-${list}`)
  await ask(socket, server.port, `join-_-${list}-_-bench`)
  const children = Array.from({ length: n }, (_, i) => {
    const child = startPeer(server.port)
    child.type(`register member_${i}`)
    return child
  })
  for (let i = 0; i < n; i++) await joined(socket, server.port, `member_${i}`)
  const members = await ringOf(socket, server.port)
  socket.close()
  await server.child.stop()
  home.say(classic.newRelay(members, 'Hello, is anybody there?', { list, im: mark(0) }))
  return { children, first: (members[1]?.port ?? NaN) + 1 }
}

/** Processes that forward, the last one home. */
const forwarders = async (n: number, home: Home): Promise<Ring> => {
  const children: Child[] = []
  let first = home.port
  while (children.length < n) {
    const { child, port } = await startBeside('forward.js', [String(first)])
    children.push(child)
    first = port
  }
  return { children, first }
}

interface Round { readonly hop: number; readonly cpu: number }

const round = async ({ children, first }: Ring, home: Home, laps = Infinity): Promise<Round> => {
  const cpu = (): number => children.reduce((sum, { pid }) => sum + cpuMicros(pid), 0)
  const before = cpu()
  let [ms, run] = [0, 0]
  while (laps === Infinity ? ms < roundMs : run < laps) {
    ms += await home.lap(first)
    run += 1
  }
  return { hop: (ms * 1000) / run / (children.length + 1), cpu: (cpu() - before) / run / children.length }
}

const measure = async (n: number): Promise<ReadonlyArray<string>> => {
  const home = await openHome()
  const real = await peers(n, home)
  const raw = await forwarders(n, home)
  await round(real, home, limits.relaysRemembered + 100)
  await round(raw, home)
  const [reals, raws]: [Round[], Round[]] = [[], []]
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) raws.push(await round(raw, home))
    reals.push(await round(real, home))
    if (i % 2 === 1) raws.push(await round(raw, home))
  }
  home.close()
  await Promise.all([...real.children, ...raw.children].map((child) => child.stop()))
  const of = (side: ReadonlyArray<Round>, what: keyof Round): string => median(side.map((one) => one[what])).toFixed(1)
  const ratio = (what: keyof Round): string => spread(reals.map((one, i) => one[what] / (raws[i]?.[what] ?? NaN)))
  return [String(n), of(raws, 'hop'), of(reals, 'hop'), ratio('hop'), target.toFixed(2), of(raws, 'cpu'), of(reals, 'cpu'), ratio('cpu')]
}

const sizes = sizesGiven('What a hop of the classic ring costs, in rings of these sizes.', 3, 10)
const rows: Array<ReadonlyArray<string>> = []
for (const size of sizes) rows.push(await measure(size))
const head = ['processes', 'raw µs/hop', 'peal µs/hop', 'ratio', 'target', 'raw CPU µs', 'peal CPU µs', 'CPU ratio']
print(`The ring, ${rounds} rounds of ${roundMs} ms; median (min..max); CPU of one process a message`, head, rows)
