// Contacts with a key: their register, where they are, and what is forgotten with them.
//
// A register is known by its nonce and not by `(boot, seq)`, which it gives out: repeated under the same nonce it gets the same reply and changes
// nothing but the address, if that. Under another it is a new process of the same contact, and the older one is over (ring protocol, R27).
import { right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import * as trie from '../trie.js'
import { sameAddress, type Address } from '../address.js'
import { pour } from '../rate.js'
import { isPlainName, type ContactName } from '../names.js'
import { card } from './contacts.js'
import { pourFrom } from './rates.js'
import { refuse } from './refusal.js'
import { pastOf } from './leases.js'
import { changed, keyedBy, rebound, withContact, withList, type Bound, type Contact, type Keyed, type State } from './state.js'
import type { Identity, PublicKey } from '../keys.js'
import type { Order } from '../wire/sealed/index.js'
import type { Ask } from './command.js'
import type { Config } from './config.js'
import type { Outcome } from './reply.js'

type Register = Order & { readonly _tag: 'Register' }

/** What a register came to; `isBound`: the key is a contact's, or another process's, from now on. */
export interface Registration {
  readonly state: State
  readonly outcome: Outcome
  readonly isBound: boolean
}

/** The state in which that contact is found there, also by everyone whose ring it is in. */
const at = (state: State, contact: Keyed, address: Address): State => {
  if (sameAddress(contact.card, address)) return state
  const moved: Contact = { ...contact, card: card(contact.card.name, address) }
  return table.entries(contact.lists).reduce((rest, [name, key]) => {
    const list = roll.get(rest.lists, name)
    return list === undefined ? rest : withList(rest, { ...list, members: trie.set(list.members, { key, card: moved.card }) })
  }, withContact(state, moved))
}

/** Moves as an order would: it goes into the journal, so that a key that flaps faster than it may order stays where it was. */
const moved = (config: Config, state: State, contact: Keyed, address: Address): State => {
  if (sameAddress(contact.card, address)) return state
  const orders = pour(config.keyRate, contact.bound.orders, state.at)
  return orders === undefined ? state : at(changed(state, { position: state.position + 1 }), rebound(contact, { orders }), address)
}

/** The state in which the contact of this key is found there; the same state where nothing is new, or it moves too fast. */
export const move = (config: Config, state: State, key: PublicKey, address: Address): State => {
  const contact = keyedBy(state, key)
  return contact === undefined ? state : moved(config, state, contact, address)
}

const renewed = (state: State, contact: Keyed, order: Register, address: Address): Registration => {
  const next = changed(state, { position: state.position + 1 })
  const renamed = rebound(contact, { boot: next.position, nonce: order.nonce, presence: 'alive', last: undefined })
  return { state: at(withContact(next, renamed), renamed, address), outcome: right({ _tag: 'Registered', boot: next.position }), isBound: true }
}

const unfit = (config: Config, state: State, name: ContactName, skeletons: ReadonlyArray<string>): Outcome | undefined => {
  if (!isPlainName(name)) return refuse.NameNotPlain
  if (roll.has(state.contacts, name)) return refuse.ContactExists
  if (skeletons.some((one) => table.has(state.keyed.skeletons, one))) return refuse.LookAlike
  return roll.size(state.contacts) >= config.maxContacts ? refuse.TooManyContacts : undefined
}

const added = (config: Config, state: State, identity: Identity, order: Register, address: Address): Registration => {
  const { contact: name, nonce } = order
  const skeletons = [...new Set(config.skeletons(name))]
  const refused = unfit(config, state, name, skeletons)
  if (refused !== undefined) return { state, outcome: refused, isBound: false }
  const boot = state.position + 1
  const bound: Bound = {
    identity, skeletons, boot, nonce, presence: 'alive', last: undefined, owns: table.empty(), invited: table.empty(), ongoing: 0, past: pastOf(state.keyed.debts, identity.seals),
    orders: 0, questions: 0,
  }
  return {
    state: {
      ...state,
      position: boot,
      contacts: roll.set(state.contacts, name, { card: card(name, address), lists: table.empty(), bound }),
      keyed: {
        keys: table.set(state.keyed.keys, identity.seals, name),
        ids: table.set(state.keyed.ids, identity.id, name),
        skeletons: skeletons.reduce((all, one) => table.set(all, one, name), state.keyed.skeletons),
        debts: state.keyed.debts.filter(({ key }) => key !== identity.seals),
      },
    },
    outcome: right({ _tag: 'Registered', boot }),
    isBound: true,
  }
}

/** The name is this key's from now on. Refuses with NotAllowed (no proof, or another contact's), OneName, TooFast, NameNotPlain, ContactExists,
 *  LookAlike, TooManyContacts. */
export const register = (config: Config, state: State, key: PublicKey, { identity, address }: Ask, order: Register): Registration => {
  const refused = (outcome: Outcome): Registration => ({ state, outcome, isBound: false })
  if (identity === undefined || address === undefined || identity.seals !== key) return refused(refuse.NotAllowed)
  const known = keyedBy(state, key)
  if (known !== undefined && known.card.name !== order.contact) return refused(refuse.OneName)
  if (known !== undefined && known.bound.identity.id !== identity.id) return refused(refuse.NotAllowed)
  if (known?.bound.nonce === order.nonce) {
    return { state: moved(config, state, known, address), outcome: right({ _tag: 'Registered', boot: known.bound.boot }), isBound: false }
  }
  const registrations = pourFrom(config.registerRate, state.sources.registrations, address.ip, state.at)
  if (registrations === undefined) return refused(refuse.TooFast)
  const poured = registrations === state.sources.registrations ? state : { ...state, sources: { ...state.sources, registrations } }
  return known === undefined ? added(config, poured, identity, order, address) : renewed(poured, known, order, address)
}
