// What a hop of the sealed ring costs: N processes of the real peer, with the diary in memory or in a folder, against N processes that forward a datagram
// of the same size unread. This process is the initiator of all: what is timed of a message is the way from its leaving to its coming home, N + 1 hops.
// Rounds alternate, A B C C B A, and a ratio is made of two neighbours. `node hops.js [N...]`, 3 and 10 if not given.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { isLeft } from 'fp-ts/lib/Either.js'
import { diary, pins, type ContactName, type Host, type ListName, type peer } from '../../core/index.js'
import { newSecrets } from '../../shell/channel/secrets.js'
import { startMember, type RunningMember } from '../../shell/member.js'
import { openMemory } from '../../shell/stores/memory.js'
import { startBeside, startSealedPeer, startServer, type Child } from './child.js'
import { median, print, spread } from './report.js'

const rounds = 6
const roundMs = 1000
const lapMs = 10_000
const warmLaps = 50
const target = 2.5
const host = '127.0.0.1'
const list = 'ring' as ListName
const text = 'Hello, is anybody there?'
/** bytes of a sealed relay with that text in a ring of ten, as it is on the line */
const relayBytes = 720

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

/** One ring: how long a message takes round it, and who is to be ended. */
interface Ring { readonly n: number; readonly lap: () => Promise<number>; readonly stop: () => Promise<void> }

/** Real peers, each with `args` of its own. */
const peers = async (n: number, argsOf: (i: number) => ReadonlyArray<string>): Promise<Ring> => {
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
    const child = startSealedPeer(line, `${process.pid}-${server.port}-${i}`, argsOf(i))
    child.type(`register member_${i}\njoin ${list}`)
    return child
  })
  while (((await ask({ _tag: 'Members', list })).members ?? []).length <= n);
  await next('Ready')
  return {
    n,
    lap: async () => {
      member.send(list, text, 'once', false)
      const { at: left } = await next('Begun')
      const { at: home, notice } = await next('RoundHome', 'Reported')
      if (notice._tag !== 'RoundHome' || notice.receipts < n) throw new Error(JSON.stringify(notice))
      await next('Released')
      return home - left
    },
    stop: async () => {
      member.close(false)
      await member.ended
      await Promise.all([...children, server.child].map((child) => child.stop()))
    },
  }
}

/** Processes that forward, the last one home. */
const forwarders = async (n: number): Promise<Ring> => {
  const socket = createSocket('udp4')
  socket.bind(0, host)
  await once(socket, 'listening')
  const children: Child[] = []
  let first = socket.address().port
  while (children.length < n) {
    const { child, port } = await startBeside('forward.js', [String(first)])
    children.push(child)
    first = port
  }
  const datagram = new Uint8Array(relayBytes)
  return {
    n,
    lap: async () => {
      const home = once(socket, 'message', { signal: AbortSignal.timeout(lapMs) })
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

/** µs a hop, the median of the laps of a round. */
const round = async ({ n, lap }: Ring): Promise<number> => {
  const laps: number[] = []
  for (const began = performance.now(); performance.now() - began < roundMs; ) laps.push(await lap())
  return (median(laps) * 1000) / (n + 1)
}

const measure = async (n: number): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const rings = [await forwarders(n), await peers(n, () => ['--memory']), await peers(n, () => [])]
  for (const ring of rings) for (let i = 0; i < warmLaps; i++) await ring.lap()
  const taken = rings.map((): number[] => [])
  for (let i = 0; i < rounds; i++) {
    const order = i % 2 === 0 ? [...rings.keys()] : [...rings.keys()].reverse()
    for (const at of order) taken[at]?.push(await round(rings[at] as Ring))
  }
  for (const ring of rings) await ring.stop()
  const [raw = [], ...sealed] = taken
  return sealed.map((hops, i) => [
    `${n}, diary in ${i === 0 ? 'memory' : 'a folder'}`, median(raw).toFixed(0), median(hops).toFixed(0), spread(hops.map((hop, at) => hop / (raw[at] ?? NaN))), i === 0 ? target.toFixed(2) : '',
  ])
}

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [3, 10]
const rows: Array<ReadonlyArray<string>> = []
for (const size of sizes) rows.push(...(await measure(size)))
print(`The sealed ring, ${rounds} rounds of ${roundMs} ms; median (min..max)`, ['processes', 'raw µs/hop', 'peal µs/hop', 'ratio', 'target'], rows)
