// What a player does next, drawn by chance: mostly what can be done, now and then what must be refused.
import { square, type Deed, type World } from './world.js'
import type { ContactName, ListName, Policy } from '../../core/index.js'

/** Whole numbers below n. */
export type Roll = (n: number) => number

/** What a player calls its own: every name begins with `name`. */
export interface Names {
  readonly contacts: ReadonlyArray<ContactName>
  readonly lists: ReadonlyArray<ListName>
}

/** A player with a key has one contact, one without has some. */
export const namesOf = (name: string, isKeyed: boolean): Names => ({
  contacts: (isKeyed ? [name] : [0, 1, 2].map((i) => `${name}.${i}`)) as ReadonlyArray<string> as ReadonlyArray<ContactName>,
  lists: [0, 1, 2, 3].map((i) => `${name}.list${i}`) as ReadonlyArray<string> as ReadonlyArray<ListName>,
})

export const isNamed = (player: string, name: string): boolean => name === player || name.startsWith(`${player}.`)

const one = <A>(roll: Roll, all: ReadonlyArray<A>): A => all[roll(all.length)] as A

/** An exit is rare: who registers again has to say hello again, of which a busy server takes 20 a second from one network. */
const kinds: ReadonlyArray<readonly [Deed['_tag'], number]> = [
  ['Join', 36], ['Leave', 24], ['Create', 24], ['Delete', 12], ['ImStart', 24], ['ImComplete', 6], ['Register', 12], ['Exit', 1],
]
const bag = kinds.flatMap(([kind, count]) => Array.from({ length: count }, () => kind))

/** A message that is ongoing ends soon, since it stands in the way of others. */
const ending = (roll: Roll, { lists }: World, isKeyed: boolean): Deed | undefined => {
  // with a key it would take a proof of others
  if (isKeyed) return undefined
  const busy = lists.filter(({ ongoing }) => ongoing.length > 0)
  if (busy.length === 0 || roll(3) === 0) return undefined
  const list = one(roll, busy)
  return { _tag: 'ImComplete', list: list.name, contact: one(roll, list.ongoing) }
}

/** The next deed. Only an open list is of use to contacts without keys. */
export const draw = (roll: Roll, world: World, names: Names, isKeyed: boolean): Deed => {
  const contact = one(roll, names.contacts)
  if (world.contacts.length === 0) return { _tag: 'Register', contact }
  const end = ending(roll, world, isKeyed)
  if (end !== undefined) return end
  const _tag = one(roll, bag)
  const list = one(roll, names.lists)
  switch (_tag) {
    case 'Register':
    case 'Exit': return { _tag, contact }
    case 'Create': return { _tag, list, policy: isKeyed ? one<Policy>(roll, ['open', 'sealed', 'closed']) : 'open' }
    case 'Delete': return isKeyed ? { _tag, list } : { _tag: 'Join', list, contact }
    case 'ImStart':
    case 'ImComplete': return { _tag: isKeyed ? 'Join' : _tag, list: roll(3) === 0 ? square : list, contact }
    case 'Join':
    case 'Leave': return { _tag, list: roll(3) === 0 ? square : list, contact }
  }
}
