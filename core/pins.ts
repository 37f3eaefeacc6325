// Whom a peer has met before: the keys of servers by address, and the ids of contacts by server and name. What is met first is trusted and
// pinned (trust on first use); from then on anything else under that address or name is a change, which only a person may accept. A
// value: the machine holds it and says when it is to be stored.
import * as t from 'io-ts'
import { showAddress, type Address } from './address.js'
import { ContactId, PublicKey, type Identity } from './keys.js'
import { limits } from './limits.js'
import { ContactName } from './names.js'
import * as table from './table.js'

/** A contact as it is pinned: who `name` is at the server with the id `server`. */
export interface PinnedContact {
  readonly server: ContactId
  readonly name: ContactName
  readonly id: ContactId
}

/** Use the functions beside it. */
export interface Pins {
  /** by `host:port` in lower case */
  readonly servers: table.Table<string, Identity>
  /** by the server's id, a blank and the name */
  readonly contacts: table.Table<string, PinnedContact>
}

/** `new`: nothing is pinned there. `changed`: something else is. */
export type Verdict = 'new' | 'same' | 'changed'

export const none: Pins = { servers: table.empty(), contacts: table.empty() }

const serverKey = (address: Address): string => showAddress(address).toLowerCase()
const contactKey = (server: ContactId, name: ContactName): string => `${server} ${name}`

/** The keys pinned for the server at an address. */
export const server = (pins: Pins, address: Address): Identity | undefined => table.get(pins.servers, serverKey(address))

/** The id pinned for a name at a server. */
export const contact = (pins: Pins, of: ContactId, name: ContactName): ContactId | undefined => table.get(pins.contacts, contactKey(of, name))?.id

const compared = (pinned: ContactId | undefined, met: ContactId): Verdict => (pinned === undefined ? 'new' : pinned === met ? 'same' : 'changed')

/** What to think of a server that shows these keys. The id is a hash of both, so it alone is compared. */
export const judgeServer = (pins: Pins, address: Address, { id }: Identity): Verdict => compared(server(pins, address)?.id, id)

/** What to think of a contact of that name with that id. */
export const judgeContact = (pins: Pins, { server: of, name, id }: PinnedContact): Verdict => compared(contact(pins, of, name), id)

/** Replaces what is pinned: a person has said so. Takes no new one when there are `limits.pinnedServers`. */
export const acceptServer = (pins: Pins, address: Address, keys: Identity): Pins => {
  const key = serverKey(address)
  if (!table.has(pins.servers, key) && pins.servers.size >= limits.pinnedServers) return pins
  return { ...pins, servers: table.set(pins.servers, key, keys) }
}

/** Replaces what is pinned: a person has said so. Takes no new one when there are `limits.pinnedContacts`. */
export const acceptContact = (pins: Pins, met: PinnedContact): Pins => {
  const key = contactKey(met.server, met.name)
  if (!table.has(pins.contacts, key) && pins.contacts.size >= limits.pinnedContacts) return pins
  return { ...pins, contacts: table.set(pins.contacts, key, met) }
}

/** Pins a server that is new; the same pins otherwise: meeting somebody never changes what is pinned. */
export const pinServer = (pins: Pins, address: Address, keys: Identity): Pins =>
  judgeServer(pins, address, keys) === 'new' ? acceptServer(pins, address, keys) : pins

/** Pins a contact that is new; the same pins otherwise. */
export const pinContact = (pins: Pins, met: PinnedContact): Pins => (judgeContact(pins, met) === 'new' ? acceptContact(pins, met) : pins)

const Keys = t.strict({ id: ContactId, signs: PublicKey, seals: PublicKey })

/** Pins as they are stored: servers by `host:port`; contacts as server, name, id. Sorted, so that the same pins are the same text. */
export const Listed = t.strict({
  servers: t.readonlyArray(t.readonly(t.tuple([t.string, Keys]))),
  contacts: t.readonlyArray(t.readonly(t.tuple([ContactId, ContactName, ContactId]))),
})
export type Listed = t.TypeOf<typeof Listed>

const sorted = <V>(of: table.Table<string, V>): ReadonlyArray<readonly [string, V]> => [...table.entries(of)].sort(([a], [b]) => (a < b ? -1 : 1))

export const listed = ({ servers, contacts }: Pins): Listed => ({
  servers: sorted(servers),
  contacts: sorted(contacts).map(([, { server: of, name, id }]) => [of, name, id] as const),
})

/** The pins of a list; `undefined` where one place is named twice. */
export const fromListed = ({ servers, contacts }: Listed): Pins | undefined => {
  const pins: Pins = {
    servers: servers.reduce((all, [place, keys]) => table.set(all, place, keys), none.servers),
    contacts: contacts.reduce((all, [of, name, id]) => table.set(all, contactKey(of, name), { server: of, name, id }), none.contacts),
  }
  return pins.servers.size === servers.length && pins.contacts.size === contacts.length ? pins : undefined
}
