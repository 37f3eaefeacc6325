// When a sealed peer sends again, what it knows of the server's clock, and the chance that it draws on.
import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { delivery, entropy, limits, peer, ProcessId, type Instant, type ListName, type sealed } from '../../core/index.js'
import { answered, factorOf, lossless, patienceOf } from '../../core/delivery/loss.js'
import { attempt, restarted, sampled } from '../../core/delivery/attempt.js'
import { identity } from '../arbitraries/keys.js'
import { Client, firstProcess } from '../model/client.js'
import { Sender } from '../model/sending.js'

const { clock, timer } = peer.sealed
const at = (ms: number): Instant => ms as Instant
const create: peer.sealed.Wish = { _tag: 'Create', list: 'l' as ListName, policy: 'sealed' }

/** When each send of the request left, from the first on; of a server that never answers. */
const sendings = (client: Client): ReadonlyArray<number> => {
  const before = client.requests().length
  const times: number[] = []
  client.ask(create)
  while (client.requests().length > before + times.length || client.state.phase._tag === 'Asking') {
    if (client.requests().length > before + times.length) times.push(client.now)
    client.pass(client.wakeAt() - client.now)
  }
  return times.map((time) => time - (times[0] ?? 0))
}

/** A client that has a session: the first answer waited for it, and says nothing of how long others take. */
const introduced = (): Client => new Client().ask(create).pass(900).answer(200)

const waits = (times: ReadonlyArray<number>): ReadonlyArray<number> => times.slice(1).map((time, i) => time - (times[i] ?? 0))

describe('the timer of a sealed peer', () => {
  it('doubles its wait from 1 s to 2 s, adds up to a quarter by chance, and stops after 12 sends', () => {
    const ratios: number[] = []
    for (let seed = 0; seed < 300; seed++) {
      const times = sendings(new Client({ seed }))
      equal(times.length, limits.requestSends)
      waits(times).forEach((ms, i) => ratios.push(ms / (i === 0 ? 1000 : 2000)))
    }
    ok(ratios.every((ratio) => ratio >= 1 && ratio <= 1.25))
    const shares = [0, 1, 2, 3, 4].map((fifth) => ratios.filter((ratio) => Math.min(4, Math.floor((ratio - 1) * 20)) === fifth).length / ratios.length)
    ok(shares.every((share) => share > 0.15 && share < 0.25), shares.join(' '))
  })

  it('waits as long as answers take and vary, at least 30 ms, and doubles that', () => {
    const quick = introduced().ask(create).pass(2).answer(200)
    waits(sendings(quick)).forEach((ms, i) => {
      const base = Math.min(2000, 30 * 2 ** i)
      ok(ms >= base && ms <= Math.ceil(base * 1.25), `wait ${i}: ${ms}`)
    })
    const slow = introduced().ask(create).pass(900).answer(200)
    equal(timer.rto(slow.state.estimate), 2000)
  })

  it('smooths as RFC 6298 says', () => {
    const first = timer.sampled(undefined, 100)
    deepEqual(first, { srtt: 100, rttvar: 50 })
    deepEqual(timer.sampled(first, 180), { srtt: 110, rttvar: 57.5 })
    equal(timer.rto(first), 300)
    equal(timer.rto(undefined), 1000)
  })

  it('keeps its time when a clock goes back', () => {
    const client = new Client().ask(create).pass(900)
    client.now = 0
    equal(client.wake().state.at, 0)
    client.now = 5000
    client.wake()
    client.now = 0
    equal(client.wake().state.at, 5000)
  })

  it('learns nothing from the first answer, from a request that was sent twice, nor from an answer across a sleep, nor from a later part', () => {
    equal(introduced().ask(create).pass(1500).answer(200).state.estimate, undefined)
    const slept = introduced().ask(create).sleep(60_000).answer(200)
    deepEqual([slept.state.estimate, slept.state.courier.clock, slept.last('Answered').code], [undefined, [], 200])
    equal(new Client().ask(create).pass(500).answer(200).state.estimate, undefined)
    const client = introduced().ask({ _tag: 'QueryLists' })
    const names = Array.from({ length: 200 }, (_, i) => `the list number ${i}` as ListName)
    const [first, ...rest] = client.replies(1, { code: 200, body: { _tag: 'Lists', names } })
    client.pass(100).hear(first as sealed.Reply).pass(500)
    rest.forEach((part) => client.hear(part))
    deepEqual([client.last('Answered').lists?.length, client.state.estimate], [200, { srtt: 100, rttvar: 50 }])
  })
})

describe("what a peer knows of its server's clock", () => {
  /** How a server's clock runs beside ours: `ahead` ms at the beginning, and faster or slower by up to a thousandth. */
  const clocks = fc.record({ ahead: fc.double({ min: 0, max: 1e12, noNaN: true }), rate: fc.double({ min: 0.999, max: 1.001, noNaN: true }) })
  const exchange = fc.record({ think: fc.double({ min: 0, max: 5000, noNaN: true }), there: fc.double({ min: 0, max: 5000, noNaN: true }), back: fc.double({ min: 0, max: 5000, noNaN: true }) })

  it('is an upper bound, whatever was delayed, lost or answered late', () => {
    fc.assert(
      fc.property(clocks, fc.array(exchange, { minLength: 1, maxLength: 10 }), fc.double({ min: 0, max: 1e6, noNaN: true }), ({ ahead, rate }, exchanges, later) => {
        const own = (x: number): Instant => at(Math.floor(x))
        const server = (x: number): Instant => at(Math.floor(ahead + x * rate))
        let [x, known] = [1e6, clock.nothing]
        for (const { think, there, back } of exchanges) {
          const first = x + think
          x = first + there + back
          known = clock.learn(known, { process: firstProcess, at: server(first + there), since: own(first) }, own(x))
          ok((clock.hi(known, firstProcess, own(x)) ?? -1) >= server(x))
        }
        ok((clock.hi(known, firstProcess, own(x + later)) ?? -1) >= server(x + later))
      }),
      { numRuns: 2000 },
    )
  })

  it('is the best of the exchanges with that process, and of the two newest processes', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)).filter(ProcessId.is)
    ok(a !== undefined && b !== undefined && c !== undefined)
    const rough = clock.learn(clock.nothing, { process: a, at: at(5000), since: at(0) }, at(900))
    const fine = clock.learn(rough, { process: a, at: at(6000), since: at(1000) }, at(1010))
    equal(clock.hi(fine, a, at(1010)), 6013)
    equal(clock.hi(clock.learn(fine, { process: a, at: at(6100), since: at(1000) }, at(1200)), a, at(1200)), clock.hi(fine, a, at(1200)))
    const three = [b, c].reduce((known, process) => clock.learn(known, { process, at: at(1), since: at(2000) }, at(2000)), fine)
    deepEqual([a, b, c].map((process) => clock.hi(three, process, at(1)) !== undefined), [false, true, true])
    equal(clock.hi(clock.nothing, a, at(0)), undefined)
  })

  it('may be bettered, unless a later process is known to have answered, and an answer that was long on its way says nothing of that', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((digit) => digit.repeat(16)).filter(ProcessId.is)
    ok(a !== undefined && b !== undefined && c !== undefined)
    const known = [[b, 100, 900], [a, 200, 210], [a, 205, 2000], [c, 5, 2500]] as const
    const late = known.reduce((so, [process, since, now]) => clock.learn(so, { process, at: at(1), since: at(since) }, at(now)), clock.nothing)
    deepEqual([a, b, c].map((process) => clock.isAsked(late, process)), [true, true, false])
    const fresh = clock.learn(late, { process: b, at: at(1), since: at(3000) }, at(3010))
    deepEqual([a, b, c].map((process) => clock.isAsked(fresh, process)), [false, true, false])
  })

  it('comes with every reply, is forgotten in a sleep, and comes back with a pong', () => {
    const client = new Client().ask(create).pass(20).answer(200)
    const known = (): number | undefined => clock.hi(client.state.courier.clock, firstProcess, at(client.now))
    ok((known() ?? -1) >= client.serverNow)
    client.sleep(3_600_000)
    equal(known(), undefined)
    const ping = client.all('Seal').map(({ frame }) => frame).find((frame) => frame._tag === 'Ping')
    ok(ping !== undefined)
    const shown = { at: at(client.serverNow), process: firstProcess }
    client.pass(10).hear({ _tag: 'Pong', echo: 'ffffffffffffffff', clock: shown })
    equal(known(), undefined)
    client.hear({ _tag: 'Pong', echo: ping.echo, clock: shown })
    const bound = known()
    ok(bound !== undefined && bound >= client.serverNow && bound <= client.serverNow + 5)
  })

  it('comes back from a server that is farther away than the time from one ping to the next', () => {
    const client = new Sender()
    client.sends('hello')
    client.tellsRing()
    client.sleep(0)
    const known = (): number | undefined => clock.hi(client.state.courier.clock, firstProcess, at(client.now))
    const wayMs = 400
    const before = client.pings().length - 1
    const underWay = client.pings().slice(before).map((echo) => ({ echo, here: client.now + wayMs }))
    for (let ms = 0; ms < 2000 && known() === undefined; ms += 10) {
      client.pass(10)
      client.pings().slice(before + underWay.length).forEach((echo) => underWay.push({ echo, here: client.now + wayMs }))
      underWay.filter(({ here }) => here === client.now).forEach(({ echo }) => client.says({ _tag: 'Pong', echo, clock: { at: at(client.serverNow - wayMs / 2), process: firstProcess } }))
    }
    ok((known() ?? -1) >= client.serverNow)
    ok(underWay.length > 1)
  })
})

describe('chance in the core', () => {
  it('is the same for the same seed, spread evenly, and does not come round', () => {
    const drawn: number[] = []
    let seed = 7
    for (let i = 0; i < 65_536; i++) {
      const draw = entropy.next(seed)
      deepEqual(entropy.next(seed), draw)
      drawn.push(draw.value)
      seed = draw.seed
    }
    ok(drawn.every((value) => value >= 0 && value < 1))
    equal(new Set(drawn).size, drawn.length)
    const shares = Array.from({ length: 16 }, (_, bin) => drawn.filter((value) => Math.floor(value * 16) === bin).length)
    ok(shares.every((share) => Math.abs(share - 4096) < 256), shares.join(' '))
  })
})

describe('the measure of loss', () => {
  const after = (times: ReadonlyArray<number>): number => factorOf(times.reduce(answered, lossless))

  it('is none where each send is answered, and gives more time where more is lost', () => {
    deepEqual([[], [1, 1, 1, 1], [2, 2, 1, 2, 2, 3, 2, 2], [4, 4, 4, 4, 4, 4, 4, 4]].map(after), [1, 1, 2, 3])
  })

  it('counts what comes of a send once', () => equal(after([1, 1, 0, 0, 0, 1]), 1))

  it('and the way to a member are not told by an answer behind a word that it is busy', () => {
    const state = delivery.initial(1)
    const { seals } = identity(0)
    const busy = { have: 0n } as Parameters<typeof restarted>[2]
    const sent = { ...attempt(1, 100 as Instant), sends: 3 }
    const again = restarted(delivery.pace, sent, busy, 200 as Instant)
    const [known, unknown] = [{ ...sent, sends: 1 }, again].map((tried) => sampled({ ...state, at: 300 as Instant }, seals, tried))
    deepEqual([known, unknown].map((one) => [one?.neighbours.size, one?.loss.answers]), [[1, answered(lossless, 1).answers], [0, lossless.answers]])
    deepEqual([again.sends, again.heard, restarted(delivery.pace, { ...sent, busy: 9 }, busy, 200 as Instant).heard], [1, 1, 3])
  })

  it('is not made by one member that was not there at first', () => equal(after([1, 1, 1, 12]), 1))

  it('tells 10 %, 30 % and 50 % of loss each way apart, but for a measure of eight', () => {
    const measured = (loss: number): ReadonlyArray<number> => {
      let [drawn, known] = [entropy.next(7), lossless]
      return Array.from({ length: 4000 }, () => {
        let sends = 1
        for (drawn = entropy.next(drawn.seed); drawn.value > (1 - loss) ** 2; drawn = entropy.next(drawn.seed)) sends += 1
        known = answered(known, sends)
        return factorOf(known)
      })
    }
    const share = (loss: number, factors: ReadonlyArray<number>): number => measured(loss).filter((factor) => factors.includes(factor)).length
    deepEqual([share(0.1, [1]), share(0.3, [2, 3]), share(0.5, [3])].map((count) => count > 3500), [true, true, true])
  })

  it('forgets what was long ago', () => equal(after([...Array.from({ length: 20 }, () => 5), ...Array.from({ length: 20 }, () => 1)]), 1))

  it('makes nobody less patient than its user', () => {
    deepEqual([patienceOf(lossless, 'thrice'), patienceOf(lossless, 'once'), patienceOf([8, 8, 8, 8, 8].reduce(answered, lossless), 'twice')], ['thrice', 'once', 'thrice'])
  })

  it('makes an im-start leave oftener than other requests, and for as long as a lease may run', () => {
    const start = peer.sealed.paceOf({ _tag: 'ImStart', list: 'l' as ListName, commit: '' as never, size: 1, patience: 'once', again: null })
    const usual = peer.sealed.paceOf({ _tag: 'QueryLists' })
    ok(start.sends > usual.sends && start.highestMs < usual.highestMs && start.sends * start.highestMs >= limits.leaseMs)
  })
})
