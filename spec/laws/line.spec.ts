// A peer and a server with a line between them that keeps its order but loses and delays what it likes: whatever the peer says was
// answered is what the server answered to that very request.
import { deepEqual, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { classic, classicActor, operator, peer, self, server, type Address, type Instant } from '../../core/index.js'
import { wish } from '../arbitraries/peer.js'

const own = { ip: '192.168.2.2', port: 22002 } as Address
const home = { ip: '192.168.2.1', port: 22000 } as Address

interface Trip { readonly text: string; readonly at: number }

/** What happens to a datagram: lost, or so many ms late. Each direction keeps its order. */
const fate = fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 3, arbitrary: fc.integer({ min: 0, max: 4500 }) })

describe('a line that loses and delays', () => {
  it('never makes the peer tell an answer to one request as the answer to another', () => {
    const met = new Set<string>()
    fc.assert(
      fc.property(fc.array(fc.tuple(wish(), fc.nat(9000)), { maxLength: 12 }), fc.array(fate, { minLength: 1, maxLength: 60 }), (wishes, fates) => {
        const directory = server.machine()
        const machine = peer.machine(peer.config(own, home, false))
        let [state, listing, now, drawn] = [peer.initial, server.initial, 0, 0]
        const [toServer, toPeer]: [Trip[], Trip[]] = [[], []]
        const answers = new Map<string, Set<number>>()
        const post = (line: Trip[], text: string): void => {
          const delay = fates[drawn++ % fates.length]
          if (delay !== undefined) line.push({ text, at: Math.max(now + delay, line[line.length - 1]?.at ?? 0) })
        }
        const give = (by: Parameters<typeof machine.reduce>[1]['by'], command: peer.Command): void => {
          const step = machine.reduce(state, { at: now as Instant, by, command })
          state = step.state
          for (const effect of step.effects) {
            if (effect._tag === 'Send' && effect.packet._tag === 'Request') post(toServer, classic.encodeRequest(effect.packet.request))
            if (effect._tag !== 'Announce' || (effect.notice._tag !== 'Answered' && effect.notice._tag !== 'AnsweredLate')) continue
            const { about, code, _tag } = effect.notice
            met.add(_tag)
            ok(answers.get([about.word, ...about.args].join('-_-'))?.has(code), `${_tag} ${about.word}: ${code}`)
          }
        }
        const arriveAtServer = ({ text }: Trip): void => {
          const request = classic.decodeRequest(text)
          const step = directory.reduce(listing, { at: now as Instant, by: classicActor(own.ip, own.port), command: isLeft(request) ? request.left : request.right })
          listing = step.state
          const response = step.response._tag === 'Some' ? step.response.value : server.done
          const reply = server.classicReply(response)
          answers.set(text, (answers.get(text) ?? new Set()).add(reply.code))
          post(toPeer, classic.encodeReply(reply))
        }
        const arriveAtPeer = ({ text }: Trip): void => {
          const reply = classic.decodeReply(text)
          give(classicActor(home.ip, home.port), { _tag: 'Hear', packet: isLeft(reply) ? reply.left : reply.right })
        }
        const pass = (ms: number): void => {
          const end = now + ms
          for (;;) {
            const wake = machine.wakeAt(state)
            const due = [toServer[0]?.at, toPeer[0]?.at, wake._tag === 'Some' ? wake.value : undefined].map((at) => at ?? Infinity)
            const next = Math.min(...due)
            if (next > end) break
            now = Math.max(now, next)
            if (next === due[0]) arriveAtServer(toServer.shift() as Trip)
            else if (next === due[1]) arriveAtPeer(toPeer.shift() as Trip)
            else give(self, peer.wake)
          }
          now = end
        }
        for (const [wished, ms] of wishes) {
          give(operator, { _tag: 'Ask', wish: wished, text: undefined, im: String(drawn) })
          if (state.phase._tag === 'Composing') give(operator, { _tag: 'Drop' })
          pass(ms)
          if (state.phase._tag === 'Composing') give(operator, { _tag: 'Drop' })
        }
        pass(60_000)
        deepEqual(machine.violations(state), [])
      }),
      { numRuns: 1500 },
    )
    deepEqual([...met].sort(), ['Answered', 'AnsweredLate'])
  })
})
