// What a hop of the sealed ring costs: N processes of the real peer, with the diary in memory or in a folder, against N processes that forward a datagram
// of the same size unread, and N that do besides what no member can leave out (`least`). This process is the initiator of all: what is timed of a message
// is the way from its leaving to its coming home, N + 1 hops.
//
// A datagram that goes round and round finds its forwarders awake and in the caches. A message does not: between two of them are a grant and a release, at
// the server. So the yardsticks are also measured as seldom as messages come, each lap as long after the one before as in the ring of peers.
// Rounds alternate, A B C C B A, and a ratio is made of rounds of one turn. `node hops.js [N...]`, 3 and 10 if not given.
import { createSocket } from 'node:dgram'
import { on, once } from 'node:events'
import { isLeft } from 'fp-ts/lib/Either.js'
import { sizesGiven } from '../given.js'
import { diary, pins, type ContactName, type Host, type ListName, type peer } from '../../core/index.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import { startMember, type RunningMember } from '../../shell/member.js'
import { openMemory } from '../../shell/stores/memory.js'
import { cpuMicros, startBeside, startSealedPeer, startServer, type Child } from './child.js'
import { relay, stages } from './least.js'
import { median, print, spread } from './report.js'

const rounds = 6
const roundMs = 1000
const lapMs = 10_000
/** laps before the first that counts: the engine has compiled by then what is called often */
const warmLaps = 1000
/** laps that may come home without all receipts, at the very first: nobody has a session yet */
const coldLaps = 10
const target = 2.5
const host = '127.0.0.1'
const list = 'ring' as ListName
const text = 'Hello, is anybody there?'

/** The initiator, and what it is told. */
interface Initiator {
  readonly member: RunningMember
  /** the next notice that is one of these, and when it came */
  readonly next: (...tags: ReadonlyArray<peer.Notice['_tag']>) => Promise<{ readonly notice: peer.Notice; readonly at: number }>
}

const initiate = async (port: number): Promise<Initiator> => {
  const heard: Array<{ readonly notice: peer.Notice; readonly at: number }> = []
  let news = (): void => undefined
  const started = await startMember({
    server: { ip: host as Host, port: port as never }, host, ports: Array.from({ length: 100 }, (_, i) => port + 1 + i), ownIp: undefined,
    secrets: newSecrets(), pins: pins.none, expected: undefined, acceptServer: false, remember: () => undefined,
    store: () => openMemory(diary.ledger), full: () => undefined,
    notice: (notice) => {
      heard.push({ notice, at: performance.now() })
      news()
    },
  })()
  if (isLeft(started)) throw new Error(started.left.code)
  const next: Initiator['next'] = async (...tags) => {
    const timer = setTimeout(() => { throw new Error(`no ${tags.join(' or ')} within ${lapMs} ms`) }, lapMs)
    for (;;) {
      const one = heard.shift()
      if (one === undefined) await new Promise<void>((resolve) => (news = resolve))
      else if (tags.includes(one.notice._tag)) {
        clearTimeout(timer)
        return one
      }
    }
  }
  return { member: started.right, next }
}

/** One ring: how long a message takes round it (ms; undefined: not all have given their receipts), whose CPU is looked at, and who is to be ended. */
interface Ring {
  readonly n: number
  readonly lap: () => Promise<number | undefined>
  readonly middle: Child
  readonly stop: () => Promise<void>
}

const middleOf = (children: ReadonlyArray<Child>): Child => children[Math.floor(children.length / 2)] as Child

/** Keys of their own in each ring: members that have met another initiator under its name would refuse this one. */
let ringsMade = 0

/** Real peers, each with `args` of its own. */
const peers = async (n: number, argsOf: (i: number) => ReadonlyArray<string>): Promise<Ring> => {
  ringsMade += 1
  const server = await startServer(['--log-level', 'silent', '--request-rate', '0', '--register-rate', '0'])
  const [, line = ''] = await server.child.line(/^peal peer (\S+)$/)
  const { member, next } = await initiate(server.port)
  const ask = async (wish: peer.sealed.Wish): Promise<peer.NoticeOf<'Answered'>> => {
    await next('Ready')
    member.ask(wish)
    return (await next('Answered')).notice as peer.NoticeOf<'Answered'>
  }
  await ask({ _tag: 'Register', contact: 'bench' as ContactName })
  await ask({ _tag: 'Create', list, policy: 'sealed' })
  await ask({ _tag: 'Join', list, contact: undefined })
  const children = Array.from({ length: n }, (_, i): Child => {
    const child = startSealedPeer(line, `${process.pid}-${ringsMade}-${i}`, argsOf(i))
    child.type(`register member_${i}\njoin ${list}`)
    return child
  })
  while (((await ask({ _tag: 'Members', list })).members ?? []).length <= n);
  await next('Ready')
  return {
    n,
    middle: middleOf(children),
    lap: async () => {
      member.send(list, text, 'once', false)
      const { at: left } = await next('Begun')
      const { at: home, notice } = await next('RoundHome', 'Reported')
      await next('Released')
      return notice._tag === 'RoundHome' && notice.receipts === n ? home - left : undefined
    },
    stop: async () => {
      member.close(false)
      await member.ended
      await Promise.all([...children, server.child].map((child) => child.stop()))
    },
  }
}

/** Processes that forward, the last one home: what `file` does with a datagram. */
const forwarders = async (n: number, file: string): Promise<Ring> => {
  const socket = createSocket('udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  const children: Child[] = []
  let first = socket.address().port
  while (children.length < n) {
    const { child, port } = await startBeside(file, [String(first)])
    children.push(child)
    first = port
  }
  const datagram = relay()
  /** the first of them acks to this socket too */
  const isHome = async (): Promise<void> => {
    for await (const [bytes] of on(socket, 'message', { signal: AbortSignal.timeout(lapMs) }) as AsyncIterable<[Uint8Array]>) if (bytes.length === datagram.length) return
  }
  return {
    n,
    middle: middleOf(children),
    lap: async () => {
      const home = isHome()
      const left = performance.now()
      socket.send(datagram, first, host)
      await home
      return performance.now() - left
    },
    stop: async () => {
      socket.close()
      await Promise.all(children.map((child) => child.stop()))
    },
  }
}

/** µs a hop, the median of the laps of a round; ms from one lap to the next, of all; µs of CPU that a member took for a message. */
interface Round { readonly hop: number; readonly period: number; readonly cpu: number }

/** As many laps as fit, one after the other or `period` ms apart. */
const round = async ({ n, lap, middle }: Ring, period = 0): Promise<Round> => {
  const laps: number[] = []
  const used = cpuMicros(middle.pid)
  const began = performance.now()
  while (performance.now() - began < roundMs) {
    const next = performance.now() + period
    const took = await lap()
    if (took === undefined) throw new Error('a message came home without all receipts')
    laps.push(took)
    if (performance.now() < next) await new Promise((resolve) => setTimeout(resolve, next - performance.now()))
  }
  return { hop: (median(laps) * 1000) / (n + 1), period: (performance.now() - began) / laps.length, cpu: (cpuMicros(middle.pid) - used) / laps.length }
}

const warm = async ({ lap }: Ring): Promise<void> => {
  let cold = 0
  for (let i = 0; i < warmLaps; i++)
    if ((await lap()) === undefined) {
      cold += 1
      if (cold > coldLaps) throw new Error(`${cold} messages came home without all receipts`)
    }
}

const measure = async (n: number): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const raw = await forwarders(n, 'forward.js')
  const least = await forwarders(n, 'least.js')
  const sealed = [await peers(n, () => ['--memory']), await peers(n, () => [])]
  const rings = [raw, least, ...sealed]
  for (const ring of rings) await warm(ring)
  const taken = sealed.map((): Array<Readonly<Record<'raw' | 'seldom' | 'least' | 'peal', Round>>> => [])
  for (let i = 0; i < rounds; i++)
    for (const at of i % 2 === 0 ? [0, 1] : [1, 0]) {
      const peal = await round(sealed[at] as Ring)
      taken[at]?.push({ peal, raw: await round(raw), seldom: await round(raw, peal.period), least: await round(least, peal.period) })
    }
  for (const ring of rings) await ring.stop()
  return taken.map((turns, at) => {
    const hop = (which: keyof (typeof turns)[number]): string => median(turns.map((turn) => turn[which].hop)).toFixed(0)
    const cpu = (which: keyof (typeof turns)[number]): string => median(turns.map((turn) => turn[which].cpu)).toFixed(0)
    const ratio = (to: keyof (typeof turns)[number]): string => spread(turns.map((turn) => turn.peal.hop / turn[to].hop))
    return [
      `${n}, diary in ${at === 0 ? 'memory' : 'a folder'}`, median(turns.map(({ peal }) => peal.period)).toFixed(1),
      hop('raw'), hop('seldom'), hop('least'), hop('peal'), ratio('raw'), at === 0 ? target.toFixed(2) : '', ratio('seldom'), ratio('least'), cpu('seldom'), cpu('least'), cpu('peal'),
    ]
  })
}

const sizes = sizesGiven('What a hop of the sealed ring costs, in rings of these sizes.', 3, 10)
const rows: Array<ReadonlyArray<string>> = []
for (const size of sizes) rows.push(...(await measure(size)))
const head = [
  'processes', 'ms a lap', 'raw', 'raw, seldom', 'least, seldom', 'peal', 'peal / raw', 'target', 'peal / raw, seldom', 'peal / least, seldom', 'CPU raw', 'CPU least', 'CPU peal',
]
print(`The sealed ring, µs a hop, ${rounds} rounds of ${roundMs} ms; median (min..max); CPU: µs of a process in the middle for a message, acks too`, head, rows)
console.log(`Of which cannot be left out, alone and warm: ${stages().map(([what, micros]) => `${what} ${micros.toFixed(1)} µs`).join(', ')}`)
