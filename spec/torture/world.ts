// What one player of the kill torture knows: its contacts, its lists, and its part of the list that all share. Nobody but the player changes any
// of it, so that it can be compared with what a server has kept. Dumb on purpose: arrays and scans, in the order in which the rules are written.
//
// Only in the shared list do the players meet: somebody else's message there may keep a member from joining, leaving or going (463).
import type { ContactName, ListName, Order, Policy } from '../../core/index.js'

/** What changes the directory; how a register is written is the wire's. */
export type Deed = { readonly _tag: 'Register'; readonly contact: ContactName } | Extract<Order, { readonly _tag: 'Create' | 'Delete' | 'Join' | 'Leave' | 'Exit' }> | Message

/** Of the classic wire. */
export type Message = About<'ImStart'> | About<'ImComplete'>
interface About<K> { readonly _tag: K; readonly list: ListName; readonly contact: ContactName }

export interface KnownList {
  readonly name: ListName
  readonly policy: Policy
  readonly isOwned: boolean
  /** own ones only, in order of joining */
  readonly members: ReadonlyArray<ContactName>
  /** who began own messages, oldest first */
  readonly ongoing: ReadonlyArray<ContactName>
}

export interface World {
  /** in order of registration; one at most with a key */
  readonly contacts: ReadonlyArray<ContactName>
  /** in order of creation, the shared one first */
  readonly lists: ReadonlyArray<KnownList>
}

/** The list that all share: open, and nobody's. */
export const square = 'square' as ListName

export const beginning: World = { contacts: [], lists: [{ name: square, policy: 'open', isOwned: false, members: [], ongoing: [] }] }

/** messages of a contact with a key at once */
const mostMessages = 4

const listOf = ({ lists }: World, name: ListName): KnownList | undefined => lists.find((list) => list.name === name)

const isOn = (contact: ContactName, list: KnownList): boolean => list.members.includes(contact)

/** What may be answered where a message in one of `lists` is in the way; messages of others are known of in no shared list. */
const unlessHeld = (lists: ReadonlyArray<KnownList>): ReadonlyArray<number> => {
  if (lists.some(({ ongoing }) => ongoing.length > 0)) return [463]
  return lists.some(({ name }) => name === square) ? [200, 463] : [200]
}

const removing = (world: World, list: KnownList | undefined): ReadonlyArray<number> => {
  if (list === undefined) return [460]
  const isFree = world.lists.includes(list) && list.name !== square && list.members.length === 0
  return list.isOwned || isFree ? unlessHeld([list]) : [403]
}

type OnMember = Extract<Deed, { readonly _tag: 'Join' | 'Leave' }> | Message

const aboutMember = (world: World, isKeyed: boolean, { _tag, list: name, contact }: OnMember): ReadonlyArray<number> => {
  if (!world.contacts.includes(contact)) return [459]
  const list = listOf(world, name)
  if (list === undefined) return [460]
  if (_tag === 'Join') {
    if (list.policy === 'closed' && !list.isOwned) return [423]
    return isOn(contact, list) ? [461] : unlessHeld([list, ...world.lists.filter((other) => isOn(contact, other))])
  }
  if (!isOn(contact, list)) return [464]
  if (_tag === 'Leave') return unlessHeld([list])
  if (_tag === 'ImComplete') return list.ongoing.includes(contact) ? [200] : [465]
  return isKeyed && world.lists.flatMap(({ ongoing }) => ongoing).length >= mostMessages ? [429] : [200]
}

/** The codes that the deed may be answered with. */
export const codesOf = (world: World, isKeyed: boolean, deed: Deed): ReadonlyArray<number> => {
  if (deed._tag === 'Register') return [!isKeyed && world.contacts.includes(deed.contact) ? 455 : 200]
  if (isKeyed && world.contacts.length === 0) return [401]
  switch (deed._tag) {
    case 'Create': return [listOf(world, deed.list) === undefined ? 200 : 457]
    case 'Delete': return removing(world, listOf(world, deed.list))
    case 'Exit': return world.contacts.includes(deed.contact) ? unlessHeld(world.lists.filter((list) => isOn(deed.contact, list))) : [459]
    case 'Join':
    case 'Leave':
    case 'ImStart':
    case 'ImComplete': return aboutMember(world, isKeyed, deed)
  }
}

const without = <A>(all: ReadonlyArray<A>, one: A): ReadonlyArray<A> => all.toSpliced(all.indexOf(one), all.includes(one) ? 1 : 0)

const changed = (world: World, name: ListName, change: (list: KnownList) => Partial<KnownList>): World => ({
  ...world,
  lists: world.lists.map((list) => (list.name === name ? { ...list, ...change(list) } : list)),
})

/** The world in which the deed was done. */
export const after = (world: World, isKeyed: boolean, deed: Deed): World => {
  switch (deed._tag) {
    case 'Register': return { ...world, contacts: [...without(world.contacts, deed.contact), deed.contact] }
    case 'Create': return { ...world, lists: [...world.lists, { name: deed.list, policy: deed.policy, isOwned: isKeyed, members: [], ongoing: [] }] }
    case 'Delete': return { ...world, lists: world.lists.filter(({ name }) => name !== deed.list) }
    case 'Exit': {
      const lists = world.lists.map((list) => ({ ...list, isOwned: false, members: without(list.members, deed.contact) }))
      return { contacts: without(world.contacts, deed.contact), lists }
    }
    case 'Join': return changed(world, deed.list, ({ members }) => ({ members: [...members, deed.contact] }))
    case 'Leave': return changed(world, deed.list, ({ members }) => ({ members: without(members, deed.contact) }))
    case 'ImStart': return changed(world, deed.list, ({ ongoing }) => ({ ongoing: [...ongoing, deed.contact] }))
    case 'ImComplete': return changed(world, deed.list, ({ ongoing }) => ({ ongoing: without(ongoing, deed.contact) }))
  }
}

/** The ring that an im-start brings, as far as its members are own ones. */
export const ringOf = (world: World, name: ListName, initiator: ContactName): ReadonlyArray<ContactName> => [
  initiator,
  ...without(listOf(world, name)?.members ?? [], initiator),
]

/** What of it stands in a saved file: contacts without keys, and open lists with those of their members. */
export const savedPart = ({ contacts, lists }: World, isKeyed: boolean): string =>
  JSON.stringify({
    contacts: isKeyed ? [] : contacts,
    lists: lists.filter(({ policy }) => policy === 'open').map(({ name, members }) => [name, isKeyed ? [] : members]),
  })
