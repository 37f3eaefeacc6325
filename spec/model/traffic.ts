// A village in which messages go round all the time: whoever is on a list begins some, tells what became of others, truly or not, leaves and comes
// back, while time goes on and the server is started anew now and then.
import fc from 'fast-check'
import {
  keyed, limits, operator, roll, self, server, table, type Actor, type Address, type ImId, type Instant, type ListName, type Order, type ProcessId, type sealed, type Stamped, type Tag,
} from '../../core/index.js'
import { commit, identity, nonce } from '../arbitraries/keys.js'
import { Chronicle } from './chronicle.js'
import { about, free, home, listName, name, on, village, type Desk } from './desk.js'

type Input = Stamped<server.Command>

/** One step of it. */
export interface Stride {
  readonly before: server.State
  readonly input: Input
  readonly after: server.State
}

export interface Live {
  readonly list: ListName
  readonly im: server.Im
  readonly granted: server.Granted
}

/** The ongoing messages with grants, of all lists. */
export const liveIn = ({ lists }: server.State): ReadonlyArray<Live> =>
  roll.values(lists).flatMap(({ name: list, ims }) => ims.flatMap((im) => (im.granted === undefined ? [] : [{ list, im, granted: im.granted }])))

export const isLive = (state: server.State, id: ImId): boolean => liveIn(state).some(({ granted }) => granted.grant.im === id)

/** What ended that message of the n-th key's contact, as far as it is remembered. */
export const endOf = (state: server.State, n: number, id: ImId): string | undefined =>
  server.keyedBy(state, identity(n).seals)?.bound.past.over.find(({ im }) => im === id)?.end

/** The server has started again, as its next process. */
export const restarted = (stage: Desk, process: string, config: server.Config = free): void => {
  stage.give(self, { _tag: 'Start', process: process.repeat(16) as ProcessId, settings: server.settingsOf(config) })
}

const isProof = ({ im, granted: { grant } }: Live, state: server.State, { by: actor, command }: Input): boolean => {
  if (actor._tag !== 'Key' || command._tag !== 'Ask' || command.order._tag !== 'ImComplete' || command.proven !== true) return false
  const list = roll.get(state.lists, grant.list)
  const places = list === undefined ? [] : server.membersOf(list).map((card) => card.name)
  const who = server.keyedBy(state, actor.key)?.card.name
  const isConcerned = who === im.initiator || grant.path.some((place) => places[place] === who)
  const told = [...command.order.stored, ...command.order.closed].sort((a, b) => a - b)
  return isConcerned && command.order.im === grant.im && JSON.stringify(told) === JSON.stringify(grant.path)
}

/** Why the message has ended with that step; `undefined`: nothing has happened that may end it. */
export const whyEnded = (live: Live, { before, input, after }: Stride): string | undefined => {
  const { by: actor, command } = input
  if (command._tag === 'Wake' && (actor._tag === 'Self' || actor._tag === 'Operator') && after.at >= live.granted.ends) return 'expired'
  if (actor._tag === 'Operator' && command._tag === 'Operate' && command.order._tag === 'Release') {
    const oldest = roll.get(before.lists, command.order.list)?.ims.find(({ initiator }) => initiator === live.im.initiator)
    return command.order.list === live.list && command.order.contact === live.im.initiator && oldest === live.im ? 'forced' : undefined
  }
  if (actor._tag === 'Operator' && command._tag === 'Operate' && command.order._tag === 'Unlock') return command.order.list === live.list ? 'forced' : undefined
  if (actor._tag === 'Operator' && command._tag === 'Operate' && command.order._tag === 'Forget') {
    const contact = roll.get(before.contacts, command.order.contact)
    return contact !== undefined && table.has(contact.lists, live.list) ? 'forced' : undefined
  }
  return isProof(live, before, input) ? 'proof' : undefined
}

const villagers = ['Alice', 'Bob', 'Mallory'].map(name)
const lists = ['l', 'o'].map(listName)

/** What a move asks for, in that state; `ms` later. */
interface Asked {
  readonly by: Actor
  readonly command: server.Command
  readonly ms?: number
}

type Move = (state: server.State) => Asked

const by = (n: number, order: Order, proven?: boolean): Move => (state) => {
  const bound = server.keyedBy(state, identity(n).seals)?.bound
  const numbers = { boot: bound?.boot ?? 0, seq: (bound?.last?.seq ?? 0) + 1 }
  return { by: keyed(identity(n).seals), command: { _tag: 'Ask', ...numbers, order, identity: undefined, address: home, ...(proven === undefined ? {} : { proven }) } }
}

const one = <A>(all: ReadonlyArray<A>, pick: number): A | undefined => all[pick % Math.max(1, all.length)]
const noIm = 'f'.repeat(28) as ImId

const begin = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(2), fc.nat(7), fc.constantFrom(0, 439, 440, 9000, limits.textBytes), fc.constantFrom('once', 'once', 'twice', 'thrice'), fc.nat(11), fc.subarray([0, 1, 2]))
    .map(([n, where, size, patience, pick, to]): Move => (state) => {
      const past = server.keyedBy(state, identity(n).seals)?.bound.past.over ?? []
      const root = pick < 3 ? one(past, where) : undefined
      const isKnown = where > 0 || to.length !== 1
      const again = root === undefined ? null : { root: isKnown ? root.root : noIm, to: to.map((other) => identity(other).id) }
      const list = root?.list ?? lists[where === 0 ? 1 : 0] ?? listName('l')
      return by(n, { _tag: 'ImStart', list, commit: root === undefined || to.length === 2 ? commit(pick) : root.commit, size, patience, again })(state)
    })

const tell = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(2), fc.nat(9), fc.nat(9), fc.nat(9)).map(([n, pick, how, doubt]): Move => (state) => {
    const live = one(liveIn(state), pick)
    const over = one(server.keyedBy(state, identity(n).seals)?.bound.past.over ?? [], doubt)
    if (how === 3 && over !== undefined) return by(n, { _tag: 'ImComplete', im: over.im, stored: [], closed: [], tag: '0'.repeat(32) as Tag })(state)
    const path = live?.granted.grant.path ?? []
    const own = villagers.findIndex((villager) => villager === live?.im.initiator)
    const some = how === 0 ? path.slice(1) : how === 1 ? [] : how === 2 ? [...path, 1] : path
    const told = { stored: some.filter((place) => (place + how) % 2 === 0), closed: some.filter((place) => (place + how) % 2 > 0) }
    return by(how > 4 && own >= 0 ? own : n, { _tag: 'ImComplete', im: live?.granted.grant.im ?? noIm, ...told, tag: '0'.repeat(32) as Tag }, doubt > 1)(state)
  })

/** Until just before a lease ends, or until it does; often the clock is looked at then. */
const wait = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(9), fc.constantFrom(-1, 0, 0, 1, 3000), fc.nat(3)).map(([pick, away, how]): Move => (state) => {
    const ends = one(liveIn(state), pick)?.granted.ends ?? state.at
    const ms = Math.max(1, ends - state.at + away)
    return how === 0 ? { by: operator, command: { _tag: 'Operate', order: { _tag: 'QueryLists' } }, ms } : { by: how === 1 ? operator : self, command: server.wake, ms }
  })

const force = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.constantFrom(...villagers), fc.constantFrom(...lists)).map(([who, list]): Move => () => ({ by: operator, command: { _tag: 'Operate', order: on('Release', list, who) } }))

/** With the classic leases of that configuration, or the usual ones. */
const start = (config: server.Config): fc.Arbitrary<Move> =>
  fc.tuple(fc.constantFrom('1', '2', 'e'), fc.constantFrom(config, free)).map(([digit, { classicLeaseMs }]): Move => () => {
    const settings = { ...server.settingsOf(config), classicLeaseMs }
    return { by: self, command: { _tag: 'Start', process: digit.repeat(16) as ProcessId, settings } }
  })

const moving = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(2), fc.nat(6), fc.constantFrom(...lists)).map(([n, what, list]): Move => {
    const who = villagers[n] ?? name('Alice')
    const register: Order = { _tag: 'Register', contact: who, signs: identity(n).signs, proof: '', nonce: nonce(40 + what) }
    const orders: ReadonlyArray<Order> = [on('Join', list, who), on('Join', list, who), on('Leave', list, who), { _tag: 'Exit', contact: who }, { _tag: 'Delete', list }, { _tag: 'Create', list, policy: 'sealed' }]
    const order = orders[what]
    if (order !== undefined) return by(n, order)
    return () => ({ by: keyed(identity(n).seals), command: { _tag: 'Ask', boot: 0, seq: 1, order: register, identity: identity(n), address: home } })
  })

const move = (): fc.Arbitrary<Move> => fc.tuple(fc.nat(2), fc.nat(9)).map(([n, port]): Move => () => ({ by: self, command: { _tag: 'Moved', key: identity(n).seals, address: { ip: home.ip, port: 4000 + port } as Address } }))

/** A change is wanted as soon as it may be: one's own, or, of whoever owns the list, another's. */
const enqueue = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(2), fc.nat(9), fc.constantFrom(...lists)).map(([n, what, list]): Move => (state) => {
    const who = villagers[n] ?? name('Alice')
    const other = villagers[(n + 1) % 3] ?? who
    const isOn = table.has(roll.get(state.contacts, who)?.lists ?? table.empty<ListName, number>(), list)
    const changes: ReadonlyArray<Order> = [about('Exit', who), on('Leave', list, other), on(isOn ? 'Join' : 'Leave', list, who)]
    return by(n, { _tag: 'Enqueue', change: (changes[what] ?? on(isOn ? 'Leave' : 'Join', list, who)) as sealed.Change })(state)
  })

/** About a ticket that waits or has waited, often an own one; at times the operator withdraws one. */
const ticket = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(2), fc.nat(9), fc.nat(5), fc.nat(3)).map(([n, pick, what, whose]): Move => (state) => {
    const waiting = one(state.queue.tickets, pick)
    const own = villagers.findIndex((villager) => villager === waiting?.by)
    const served = one(server.keyedBy(state, identity(n).seals)?.bound.past.served ?? [], pick)
    const number = (what < 4 ? waiting?.number : served?.ticket) ?? pick
    if (what === 1 && pick % 2 === 0) return { by: operator, command: { _tag: 'Operate', order: { _tag: 'Withdraw', ticket: whose === 0 ? (served?.ticket ?? pick) : number } } }
    return by(whose > 0 && own >= 0 && what < 4 ? own : n, { _tag: what === 0 || what === 4 ? 'Withdraw' : 'Ticket', ticket: number })(state)
  })

const look = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(3), fc.option(fc.constantFrom(...lists, listName('nowhere'))), fc.option(fc.constantFrom(...villagers)), fc.boolean()).map(([n, list, who, isOwn]): Move => (state) => {
    const contact = isOwn && who !== null ? (villagers[n] ?? who) : who
    const order: Order = { _tag: 'Locks', list, contact }
    return n === 3 ? { by: operator, command: { _tag: 'Operate', order } } : by(n, order)(state)
  })

/** When messages are stuck, and are no more. */
const turns = (state: server.State): ReadonlyArray<number> =>
  roll.values(state.lists).flatMap(({ ims }) => ims.flatMap(({ since, leased }) => (leased === undefined ? [] : [since + 60_000, leased.ends - 60_000])))

/** Until a fence may begin, or must end, or just before that. */
const waitForFence = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(3), fc.constantFrom(-1, 0, 0, 1, 260)).map(([pick, away]): Move => (state) => {
    const instants = [...state.queue.tickets.map(({ since }) => since + 2000), ...roll.values(state.lists).map(({ open }) => Number(open)), ...turns(state)].filter((at) => at > state.at)
    const wanted = pick === 0 ? turns(state).find((at) => at > state.at) : undefined
    return { by: self, command: server.wake, ms: Math.max(1, (wanted ?? one(instants, pick) ?? state.at) - state.at + away) }
  })

/** Carol, who has no key, begins and ends messages in the open list. */
const classically = (): fc.Arbitrary<Move> =>
  fc.nat(6).map((what): Move => () => ({ by: operator, command: { _tag: what === 0 ? 'ImComplete' : what === 1 ? 'Leave' : what === 2 ? 'Join' : 'ImStart', list: listName('o'), contact: name('Carol') } }))

const unlock = (): fc.Arbitrary<Move> =>
  fc.tuple(fc.nat(4), fc.constantFrom(...lists), fc.constantFrom(...villagers)).map(([what, list, who]): Move => () => ({ by: operator, command: { _tag: 'Operate', order: what === 0 ? about('Forget', who) : { _tag: 'Unlock', list } } }))

const queueing = [
  { weight: 9, arbitrary: enqueue() }, { weight: 6, arbitrary: ticket() }, { weight: 3, arbitrary: look() }, { weight: 8, arbitrary: waitForFence() }, { weight: 8, arbitrary: classically() },
  { weight: 1, arbitrary: unlock() },
]

const founding = new Chronicle()
const founded = village(free, founding).state

/** What made the village from which all traffic begins. */
export const beginnings: ReadonlyArray<Input> = founding.records.map(server.inputOf)

/** Up to `length` steps from a village in which everybody is on a list; `isQueued`: some wait until they may change lists, and Carol sends too. */
export const traffic = (length: number, isQueued = false, config: server.Config = free): fc.Arbitrary<ReadonlyArray<Stride>> =>
  fc.array(
    fc.oneof(
      { weight: 9, arbitrary: begin() }, { weight: 9, arbitrary: tell() }, { weight: 4, arbitrary: wait() }, { weight: 1, arbitrary: force() }, { weight: 1, arbitrary: start(config) },
      { weight: 5, arbitrary: moving() }, { weight: 1, arbitrary: move() },
      ...(isQueued ? queueing : []),
    ),
    { maxLength: length, size: 'max' },
  ).map((moves) => {
    const reduce = server.reduce(config)
    let before = founded
    return moves.map((next) => {
      const { by: actor, command, ms = 7 } = next(before)
      const input = { at: (before.at + ms) as Instant, by: actor, command }
      const stride = { before, input, after: reduce(before, input).state }
      before = stride.after
      return stride
    })
  })
