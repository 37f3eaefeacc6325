// Classic requests to measure with: bursts of them, the answer that each must have, and what undoes a burst outside the clock.
import { exchange, type Exchange } from './load.js'
import { dice, shuffled } from './report.js'

export interface Case {
  readonly name: string
  readonly target: number
  readonly setup: ReadonlyArray<Exchange>
  readonly clocked: ReadonlyArray<Exchange>
  readonly undo: ReadonlyArray<Exchange>
}

const done = '200-_-null'

export const numbered = (word: string, count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `${word}_${String(i).padStart(4, '0')}`)

const port = (i: number): number => 22000 + 2 * i

export const lists = numbered('list', 150)
export const contacts = numbered('contact', 100)
const registered = [
  ...contacts.map((contact, i) => exchange(`register-_-${contact}-_-127.0.0.1-_-${port(i)}`, done)),
  ...lists.map((list) => exchange(`create-_-${list}`, done)),
]

const membersOf = (list: number): ReadonlyArray<number> => Array.from({ length: 5 }, (_, i) => (list * 7 + i * 23) % contacts.length)
export interface Membership {
  readonly list: string
  readonly at: number
  readonly contact: number
}

export const memberships: ReadonlyArray<Membership> = lists.flatMap((list, i) => membersOf(i).map((contact) => ({ list, at: i, contact })))

const asked = (word: string, { list, contact }: { readonly list: string; readonly contact: number }, reply = done): Exchange =>
  exchange([word, list, contacts[contact]].join('-_-'), reply)

export const queryLists = (): Case => {
  const names = numbered('list', 20)
  const reply = `200-_-{"num_lists": 20, "list_names": [${names.map((name) => JSON.stringify(name)).join(', ')}]}`
  return {
    name: 'query-lists',
    target: 0.75,
    setup: names.map((name) => exchange(`create-_-${name}`, done)),
    clocked: Array.from({ length: 1500 }, () => exchange('query-lists', reply)),
    undo: [],
  }
}

export const join = (): Case => {
  const order = shuffled([...memberships, ...memberships], dice(1))
  const seen = new Set<unknown>()
  const clocked = order.map((membership) => {
    const isSecond = seen.has(membership)
    seen.add(membership)
    return asked('join', membership, isSecond ? '461-_-null' : done)
  })
  return { name: 'join', target: 0.75, setup: registered, clocked, undo: memberships.map((membership) => asked('leave', membership)) }
}

const ringOf = (members: ReadonlyArray<number>): string => {
  const entries = members.map((i) => `{"name": "${contacts[i] ?? ''}", "ip": "127.0.0.1", "port": ${port(i)}}`)
  return `200-_-{"num_contacts_in_list": ${members.length}, "contact_list": [${entries.join(', ')}]}`
}

export const imStart = (): Case => ({
  name: 'im-start',
  target: 0.7,
  setup: [...registered, ...memberships.map((membership) => asked('join', membership))],
  clocked: shuffled(memberships, dice(2)).map(({ list, at, contact }) =>
    asked('im-start', { list, contact }, ringOf([contact, ...membersOf(at).filter((other) => other !== contact)])),
  ),
  undo: memberships.map((membership) => asked('im-complete', membership)),
})
