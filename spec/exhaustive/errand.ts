// The production server alone, at which members send, and others wait to join or to leave: every order in which all that may be asked, whatever time passes
// between. What is bounded is how often each is done, and how time passes: to the next instant at which the server has something to do, where it wakes or
// is late.
import { keyed, operator, roll, self, server, type Actor, type ContactName, type Instant, type ListName, type Order, type ProcessId, type sealed, type Tag } from '../../core/index.js'
import { commit, identity, nonce } from '../arbitraries/keys.js'
import { unhurried } from '../arbitraries/server.js'

/** What may be done, and how often. */
export interface Errands {
  /** the members of each list, by number of contact */
  readonly lists: ReadonlyArray<ReadonlyArray<number>>
  readonly contacts: number
  /** messages: of whom, and in which list */
  readonly starts: ReadonlyArray<readonly [number, number]>
  /** what is waited for, if it has to be: by whom, and in which list. A list that is none: an exit */
  readonly changes: ReadonlyArray<readonly ['Join' | 'Leave' | 'Exit', number, number]>
  /** withdrawals; forced ends of a list; starts of the server anew; judgements of contact 1; wakes that come late */
  readonly withdraws: number
  readonly unlocks: number
  readonly restarts: number
  readonly judgements: number
  readonly lates: number
}

/** What of that is left. */
export interface Left {
  readonly starts: ReadonlyArray<boolean>
  readonly changes: ReadonlyArray<boolean>
  readonly withdraws: number
  readonly unlocks: number
  readonly restarts: number
  readonly judgements: number
  readonly lates: number
}

/** One thing that is done. `late`: time passes, and nobody wakes the server. */
export interface Errand {
  readonly text: string
  readonly at: Instant
  readonly by: Actor
  readonly command: server.Command | undefined
  readonly left: Left
}

export const config: server.Config = { ...server.defaults, classicRate: unhurried, keyRate: unhurried, registerRate: unhurried }

const nameOf = (contact: number): ContactName => `c${contact}` as ContactName
const listOf = (list: number): ListName => `l${list}` as ListName

const began = 1_000_000 as Instant
const lateMs = 2500

const asked = (state: server.State, contact: number, order: Order, proven?: boolean): readonly [Actor, server.Command] => {
  const { bound } = roll.get(state.contacts, nameOf(contact)) ?? {}
  const ask: server.Command = {
    _tag: 'Ask', boot: bound?.boot ?? 0, seq: (bound?.last?.seq ?? 0) + 1, order, identity: identity(contact), address: { ip: '192.0.2.1', port: 22000 } as never, ...(proven === undefined ? {} : { proven }),
  }
  return [keyed(identity(contact).seals), ask]
}

/** Everybody is registered, and on their lists. */
export const opened = ({ lists, contacts }: Errands): server.State => {
  const reduce = server.reduce(config)
  const orders = [
    ...Array.from({ length: contacts }, (_, n): readonly [number, Order] => [n, { _tag: 'Register', contact: nameOf(n), signs: identity(n).signs, proof: '', nonce: nonce(n) }]),
    ...lists.flatMap((members, list): ReadonlyArray<readonly [number, Order]> => [
      [members[0] ?? 0, { _tag: 'Create', list: listOf(list), policy: 'sealed' }],
      ...members.map((n): readonly [number, Order] => [n, { _tag: 'Join', list: listOf(list), contact: nameOf(n) }]),
    ]),
  ]
  const start = reduce(server.initial, { at: began, by: self, command: { _tag: 'Start', process: 'aa'.repeat(8) as ProcessId, settings: server.settingsOf(config) } }).state
  return orders.reduce((state, [n, order]) => {
    const [by, command] = asked(state, n, order)
    return reduce(state, { at: began, by, command }).state
  }, start)
}

export const allOf = ({ starts, changes, withdraws, unlocks, restarts, judgements, lates }: Errands): Left => ({
  starts: starts.map(() => true), changes: changes.map(() => true), withdraws, unlocks, restarts, judgements, lates,
})

const changeOf = ([tag, contact, list]: Errands['changes'][number]): sealed.Change =>
  tag === 'Exit' ? { _tag: tag, contact: nameOf(contact) } : { _tag: tag, contact: nameOf(contact), list: listOf(list) }

const without = (all: ReadonlyArray<boolean>, index: number): ReadonlyArray<boolean> => all.map((is, i) => is && i !== index)

type Place = Pick<Errand, 'at' | 'left'>

const sent = (state: server.State, { at, left }: Place, { starts, changes }: Errands): ReadonlyArray<Errand> => [
  ...starts.flatMap(([contact, list], i): ReadonlyArray<Errand> => {
    if (left.starts[i] !== true) return []
    const [by, command] = asked(state, contact, { _tag: 'ImStart', list: listOf(list), commit: commit(0), size: 5, patience: 'once', again: null })
    return [{ text: `contact ${contact} begins a message in list ${list}`, at, by, command, left: { ...left, starts: without(left.starts, i) } }]
  }),
  ...changes.flatMap((change, i): ReadonlyArray<Errand> => {
    if (left.changes[i] !== true) return []
    const [by, command] = asked(state, change[1], { _tag: 'Enqueue', change: changeOf(change) })
    return [{ text: `contact ${change[1]} wants to ${change[0].toLowerCase()}`, at, by, command, left: { ...left, changes: without(left.changes, i) } }]
  }),
]

const ended = (state: server.State, { at, left }: Place): ReadonlyArray<Errand> =>
  roll.values(state.lists).flatMap(({ ims }) => ims.flatMap(({ granted, initiator }): ReadonlyArray<Errand> => {
    if (granted === undefined) return []
    const { im, path } = granted.grant
    const [by, command] = asked(state, Number(initiator.slice(1)), { _tag: 'ImComplete', im, stored: path, closed: [], tag: '0'.repeat(32) as Tag }, true)
    return [{ text: `the message of ${initiator} ends by a proof`, at, by, command, left }]
  }))

const rare = (state: server.State, { at, left }: Place): ReadonlyArray<Errand> => {
  const { tickets } = state.queue
  const { presence } = roll.get(state.contacts, nameOf(1))?.bound ?? {}
  return [
    ...(left.withdraws === 0 ? [] : tickets.map(({ number, by: name }): Errand => {
      const [by, command] = asked(state, Number(name.slice(1)), { _tag: 'Withdraw', ticket: number })
      return { text: `${name} waits no more`, at, by, command, left: { ...left, withdraws: left.withdraws - 1 } }
    })),
    ...(left.unlocks === 0 ? [] : roll.values(state.lists).filter((list) => server.count(list) > 0).map((list): Errand => (
      { text: `the operator ends all in ${list.name}`, at, by: operator, command: { _tag: 'Operate', order: { _tag: 'Unlock', list: list.name } }, left: { ...left, unlocks: left.unlocks - 1 } }
    ))),
    ...(left.restarts === 0 ? [] : [{
      text: 'the server starts anew', at, by: self, left: { ...left, restarts: left.restarts - 1 },
      command: { _tag: 'Start', process: `b${left.restarts}`.repeat(8) as ProcessId, settings: server.settingsOf(config) } as const,
    }]),
    ...(left.judgements === 0 || presence === undefined ? [] : [{
      text: `contact 1 is judged ${presence === 'away' ? 'alive' : 'away'}`, at, by: self, left: { ...left, judgements: left.judgements - 1 },
      command: { _tag: 'Judged', key: identity(1).seals, presence: presence === 'away' ? 'alive' : 'away' } as const,
    }]),
  ]
}

const passing = (state: server.State, { at, left }: Place): ReadonlyArray<Errand> => {
  const due = server.machine(config).wakeAt(state)
  if (due._tag === 'None') return []
  const then = Math.max(due.value, at) as Instant
  const late = (then + lateMs) as Instant
  return [
    { text: 'the server wakes', at: then, by: self, command: server.wake, left },
    ...(left.lates === 0 ? [] : [{ text: 'the server wakes late', at: late, by: self, command: undefined, left: { ...left, lates: left.lates - 1 } }]),
  ]
}

/** All that may be done next. */
export const errandsAt = (errands: Errands, state: server.State, at: Instant, left: Left): ReadonlyArray<Errand> => {
  const place = { at, left }
  return [...sent(state, place, errands), ...ended(state, place), ...rare(state, place), ...passing(state, place)]
}
