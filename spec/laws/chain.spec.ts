// What a sealed peer asks by itself behind a refusal: which messages are in the way of a change, so that whoever is refused is told by whom.
import { deepEqual, equal, match } from 'node:assert/strict'
import fc from 'fast-check'
import { sentenceFor } from '../../shell/cli/sentences.js'
import { Client, me } from '../model/client.js'
import type { ContactName, Instant, ListName, peer, sealed } from '../../core/index.js'

const friends = 'friends' as ListName
const bob = 'Bob' as ContactName

type Change = Extract<peer.sealed.Wish, { readonly _tag: 'Join' | 'Leave' | 'Exit' }>

const held = (now: number): sealed.AnswerBody => ({
  _tag: 'Locks',
  locks: [{ list: friends, im: undefined, initiator: bob, since: (now - 3000) as Instant, ends: (now + 5000) as Instant, waits: [me] }],
  tickets: [{ ticket: 7, by: bob, change: { _tag: 'Exit', contact: bob }, since: (now - 2000) as Instant, fenced: undefined, waits: [friends] }],
  expired: [],
})

const change = fc.oneof(
  fc.record({ _tag: fc.constantFrom('Join' as const, 'Leave' as const), list: fc.constant(friends), contact: fc.constantFrom(undefined, me, bob) }),
  fc.record({ _tag: fc.constant('Exit' as const), contact: fc.constantFrom(undefined, me, bob) }),
)

/** The lists and the contact that a refused change is about. */
const asked = (wish: Change): sealed.Order => ({
  _tag: 'Locks',
  list: wish._tag === 'Exit' ? null : wish.list,
  contact: wish._tag !== 'Leave' && (wish.contact ?? me) === me ? me : null,
})

describe('a change that a message is in the way of', () => {
  it('is told with what is in the way, before the next line is wanted; any other refusal with nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(change, fc.constantFrom(463, 463, 464, 403, 454)), { minLength: 1, maxLength: 6 }), (refusals) => {
        const client = new Client().registered()
        for (const [wish, code] of refusals) {
          const [told, sent] = [client.notices().length, client.requests().length]
          client.ask(wish).answer(code)
          if (code === 463) {
            deepEqual(client.requests().slice(sent + 1).map(({ order }) => order), [asked(wish)])
            deepEqual(client.notices().slice(told).map(({ _tag }) => _tag), ['Answered'])
            client.answer(200, held(client.serverNow))
          }
          deepEqual(client.notices().slice(told).map(({ _tag }) => _tag), code === 463 ? ['Answered', 'Locks', 'Ready'] : ['Answered', 'Ready'])
          equal(client.requests().length, sent + (code === 463 ? 2 : 1))
        }
      }),
    )
  })

  it('is told as it is by the clock of the server, which the peer knows to a round trip', () => {
    const client = new Client().registered()
    client.ask({ _tag: 'Leave', list: friends, contact: undefined }).pass(40).answer(463)
    const then = client.serverNow
    client.pass(20).answer(200, held(then))
    const { about, locks, tickets, now = 0 } = client.last('Locks')
    deepEqual(about, { word: 'locks', args: ['friends'] })
    deepEqual(locks, [{ list: 'friends', initiator: 'Bob', since: then - 3000, ends: then + 5000, waits: ['Me'] }])
    deepEqual(tickets, [{ ticket: 7, by: 'Bob', change: 'Exit', contact: 'Bob', since: then - 2000, waits: ['friends'] }])
    equal(now >= client.serverNow && now <= client.serverNow + 60, true, `${now} of ${client.serverNow}`)
    client.sleep(60_000).ask({ _tag: 'Locks', list: null, contact: null }).pass(10).answer(200, held(client.serverNow))
    equal((client.last('Locks').now ?? 0) >= client.serverNow, true)
  })

  it('is told of more than an answer has room for as the oldest, and how many more there are', () => {
    const client = new Client().registered().ask({ _tag: 'Locks', list: null, contact: null })
    const told = held(client.serverNow)
    if (told._tag !== 'Locks') throw new Error(told._tag)
    const { locks, behind } = client.answer(200, { ...told, _tag: 'OldestLocks', behind: { locks: 1, tickets: 20 } }).last('Locks')
    deepEqual([locks.length, behind], [1, { locks: 1, tickets: 20 }])
    const lines = sentenceFor(client.last('Locks'))?.text.split('\n') ?? []
    deepEqual([lines.length, lines[1], lines[3]], [4, 'and 1 more message holds a list', 'and 20 more changes wait'])
  })

  it('is refused all the same where nobody says what is in the way', () => {
    const client = new Client().registered()
    client.ask({ _tag: 'Exit', contact: undefined }).answer(463).pass(120_000)
    deepEqual(client.tags().slice(-2), ['Unanswered', 'Ready'])
    equal(client.state.fault, 'locked')
  })
})

describe('an order that is not for whoever gives it', () => {
  it('is told with whose it is, also where it waits', () => {
    const said = (wish: peer.sealed.Wish): string => new Client().registered().ask(wish).answer(403).last('Answered').sentence
    const join: Change = { _tag: 'Join', list: friends, contact: bob }
    const told = ([join, { _tag: 'Enqueue', change: join }, { _tag: 'Leave', list: friends, contact: bob }, { _tag: 'Exit', contact: bob }, { _tag: 'Delete', list: friends }, { _tag: 'Invite', list: friends, contact: bob }] as const).map(said)
    equal(told[0], told[1])
    equal(new Set(told).size, 5)
    for (const [i, word] of ['ask it to join', 'ask it to join', 'take it off', 'exits itself', 'delete it', 'invite'].entries()) match(told[i] ?? '', new RegExp(word))
    match(said({ _tag: 'QueryLists' }), /ask one of them/)
  })
})
