// What is looked at of the server at which members send and others wait: scenes, and bugs that somebody might make, each with the promise that it breaks.
import { roll, type ContactName, type Instant, type ListName, type server } from '../../core/index.js'
import { honest, type Trick } from './waiting.js'
import type { Errand, Errands } from './errand.js'

export interface Queue {
  readonly name: string
  readonly errands: Errands
  /** what has to come about, or it has shown nothing */
  readonly wanted: ReadonlyArray<string>
}

const nothing: Errands = { contacts: 3, lists: [[0, 1]], starts: [], changes: [], withdraws: 0, unlocks: 0, restarts: 0, judgements: 0, lates: 0 }
const fenced = ['two messages go on at once', 'a list is fenced', 'somebody is served, or waits no more', 'contact  begins a message in list : Fenced']
const forced = ['the operator ends all in l: Done', 'several messages end at once']

const joining: Errands = { ...nothing, starts: [[0, 0], [1, 0], [0, 0]], changes: [['Join', 2, 0]] }
const both: Errands = { ...joining, changes: [['Join', 2, 0], ['Leave', 1, 0]] }

export const smallQueues: ReadonlyArray<Queue> = [
  { name: 'three messages of two members, one contact waits to join, the operator may end all', errands: { ...joining, unlocks: 1 }, wanted: [...fenced, ...forced] },
  {
    name: 'two messages of two members, one contact waits to join, or no more, the server starts anew, a member is judged away, and back',
    errands: { ...joining, starts: [[0, 0], [1, 0]], withdraws: 1, restarts: 1, judgements: 2 }, wanted: [...fenced, 'c waits no more: Done'],
  },
  { name: 'three messages of two members, one contact waits to join, a member to leave', errands: both, wanted: [...fenced, 'several are served at once'] },
  {
    name: 'messages in two lists, who is on both waits to leave the server, another to join', errands: { ...nothing, lists: [[0, 1], [1, 2]], starts: [[0, 0], [1, 1], [0, 0]], changes: [['Exit', 1, 0], ['Join', 2, 0]] },
    wanted: [...fenced, 'several are served at once', 'contact  wants to exit: Queued'],
  },
]

export const largeQueues: ReadonlyArray<Queue> = [
  { name: 'three messages of two members, two contacts wait to join, the server is late once', errands: { ...joining, contacts: 4, changes: [['Join', 2, 0], ['Join', 3, 0]], lates: 1 }, wanted: [...fenced, 'several are served at once'] },
  { name: 'three messages of two members, one contact waits to join, a member to leave, the operator may end all, the server starts anew', errands: { ...both, unlocks: 1, restarts: 1 }, wanted: [...fenced, ...forced] },
  {
    name: 'three messages in two lists, who is on both waits to leave the server, another to join, or no more',
    errands: { ...nothing, lists: [[0, 1], [1, 2]], starts: [[0, 0], [1, 1], [0, 0]], changes: [['Exit', 1, 0], ['Join', 2, 0]], withdraws: 1 }, wanted: [...fenced, 'c waits no more: Done'],
  },
]

export interface Cheat {
  readonly name: string
  readonly errands: Errands
  readonly trick: Trick
  readonly rule: string
}

type List = NonNullable<ReturnType<typeof listIn>>
const listIn = (state: server.State, name: string) => roll.get(state.lists, name as ListName)

const listed = (state: server.State, change: (list: List) => List): server.State =>
  ({ ...state, lists: roll.values(state.lists).reduce((so, list) => roll.set(so, list.name, change(list)), state.lists) })

const tagOf = ({ command }: Errand): string | undefined => (command?._tag === 'Ask' || command?._tag === 'Operate' ? command.order._tag : command?._tag)

const hasEnded = (errand: Errand): boolean => tagOf(errand) === 'ImComplete'
const isMeant = ({ granted }: List['ims'][number], { command }: Errand): boolean =>
  command?._tag === 'Ask' && command.order._tag === 'ImComplete' && granted?.grant.im === command.order.im

const backwards = (state: server.State, order: 1 | -1): server.State =>
  ({ ...state, queue: { ...state.queue, tickets: state.queue.tickets.toSorted((a, b) => order * (a.number - b.number)) } })

const attended = (state: server.State, presenceOf: (name: string) => 'alive' | 'away' | undefined): server.State => ({
  ...state, contacts: roll.values(state.contacts).reduce((so, contact) => {
    const presence = presenceOf(contact.card.name)
    return contact.bound === undefined || presence === undefined ? so : roll.set(so, contact.card.name, { ...contact, bound: { ...contact.bound, presence } })
  }, state.contacts),
})
const presenceIn = (state: server.State) => (name: string): 'alive' | 'away' | undefined => (roll.get(state.contacts, name as ContactName)?.bound?.presence === 'away' ? 'away' : 'alive')

/** What the operator has ended is written down as if it had been proven. */
const flattered = (state: server.State): server.State => ({
  ...state, contacts: roll.values(state.contacts).reduce((so, contact) => (contact.bound === undefined ? so : roll.set(so, contact.card.name, {
    ...contact, bound: { ...contact.bound, past: { ...contact.bound.past, over: contact.bound.past.over.map((one) => ({ ...one, end: 'proof' as const })) } },
  })), state.contacts),
})

export const cheats: ReadonlyArray<Cheat> = [
  {
    name: 'a list is fenced in its open time', errands: both, rule: 'I12',
    trick: { ...honest, before: (state, errand) => (tagOf(errand) === 'Wake' ? listed(state, (list) => ({ ...list, open: 0 as Instant })) : state) },
  },
  {
    name: 'the youngest who waits is served first', errands: { ...joining, contacts: 4, changes: [['Join', 2, 0], ['Join', 3, 0]] }, rule: 'R24',
    trick: { before: (state) => backwards(state, -1), after: (state) => backwards(state, 1) },
  },
  {
    name: 'a message begins behind a fence', errands: joining, rule: 'R24',
    trick: {
      before: (state, errand) => (tagOf(errand) === 'ImStart' ? listed(state, (list) => ({ ...list, fence: undefined })) : state),
      after: (state, before, errand) => (tagOf(errand) === 'ImStart' ? listed(state, (list) => ({ ...list, fence: listIn(before, list.name)?.fence })) : state),
    },
  },
  {
    name: 'a start of the server holds nothing', errands: { ...joining, restarts: 1 }, rule: 'R22',
    trick: { ...honest, after: (state, before, errand) => (tagOf(errand) === 'Start' ? { ...state, lists: before.lists, granted: before.granted } : state) },
  },
  {
    name: 'who waits is served when one of two messages has ended', errands: joining, rule: 'I6',
    trick: {
      before: (state, errand) => (hasEnded(errand) ? { ...listed(state, (list) => ({ ...list, ims: list.ims.filter((im) => isMeant(im, errand)) })), ongoing: 1 } : state),
      after: (state, before, errand) => (!hasEnded(errand) ? state : {
        ...listed(state, (list) => ({ ...list, ims: listIn(before, list.name)?.ims.filter((im) => !isMeant(im, errand)) ?? [] })), ongoing: before.ongoing - 1,
      }),
    },
  },
  {
    name: 'what the operator ends is taken for proven', errands: { ...joining, unlocks: 1 }, rule: 'R21',
    trick: { ...honest, after: (state, _before, errand) => (tagOf(errand) === 'Unlock' ? flattered(state) : state) },
  },
  {
    name: 'whoever is away is put on a path', errands: { ...joining, judgements: 1, lists: [[0, 1, 2]], changes: [] }, rule: 'R4',
    trick: {
      before: (state, errand) => (tagOf(errand) === 'ImStart' ? attended(state, () => 'alive') : state),
      after: (state, before, errand) => (tagOf(errand) === 'ImStart' ? attended(state, presenceIn(before)) : state),
    },
  },
  {
    name: 'whoever does not wait any more leaves a fence', errands: { ...joining, withdraws: 1 }, rule: 'S19',
    trick: { ...honest, after: (state, before, errand) => (tagOf(errand) === 'Withdraw' ? listed(state, (list) => ({ ...list, fence: listIn(before, list.name)?.fence })) : state) },
  },
]
