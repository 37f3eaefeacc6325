// What the directory keeps of who is there: the judgement, which a machine beside it makes (`core/presence`), and whom co-members miss (`ring.md`, R26).
import { isLeft, right } from 'fp-ts/lib/Either.js'
import * as roll from '../roll.js'
import * as table from '../table.js'
import { rowsFor } from './lists.js'
import { refuse } from './refusal.js'
import { done } from './reply.js'
import { answer, type Sought, type Step } from './transitions.js'
import { changed, keyedBy, keyedOf, rebound, withContact, type Keyed, type State } from './state.js'
import type { ContactId, PublicKey } from '../keys.js'
import type { MemberRow, Order } from '../wire/sealed/index.js'
import type { ContactName } from '../names.js'
import type { Presence } from '../presence.js'

/** The contact of that key is so from now on; the same state where it is, or nobody has that key. */
export const judged = (state: State, key: PublicKey, presence: Presence): State => {
  const contact = keyedBy(state, key)
  if (contact === undefined || contact.bound.presence === presence) return state
  return withContact(changed(state, { position: state.position + 1 }), rebound(contact, { presence }))
}

/** Whether nothing has been heard of it for long. Of a contact without a key nobody knows. */
export const isAway = (state: State, name: ContactName | undefined): boolean => name !== undefined && roll.get(state.contacts, name)?.bound?.presence === 'away'

const areTogether = (one: Keyed, other: Keyed): boolean => table.entries(one.lists).some(([list]) => table.has(other.lists, list))

/** A co-member is looked after. Changes nothing. Refuses with NoSuchContact: nobody has that id, or it is on no list with whoever asks. */
export const suspect = (state: State, by: Keyed, id: ContactId): Step => {
  const other = keyedOf(state, id)
  if (other === undefined || !areTogether(by, other)) return answer(state, refuse.NoSuchContact)
  return { ...answer(state, done), effects: [{ _tag: 'Doubt', key: other.bound.identity.seals }] }
}

/** Those of the members, with keys, and not whoever asks. */
const wanted = (rows: ReadonlyArray<MemberRow>, ids: ReadonlyArray<ContactId>, { bound }: Keyed): ReadonlyArray<MemberRow> =>
  rows.filter(({ keys }) => keys !== undefined && keys.id !== bound.identity.id && ids.includes(keys.id))

/** Says where these members of a list are, and looks for each that is not away. Changes nothing. Refuses with NoSuchList, NotMember. */
export const where = (state: State, by: Keyed, { list, ids }: Order & { readonly _tag: 'Where' }): Step => {
  const all = rowsFor(state, by, list)
  if (isLeft(all)) return answer(state, all)
  const found = wanted(all.right.members, ids, by)
  const { card: { ip, port }, bound: { identity } } = by
  const effects = found.flatMap(({ keys, presence }): ReadonlyArray<Sought> =>
    keys === undefined || presence === 'away' ? [] : [{ _tag: 'Sought', key: keys.seals, knock: { _tag: 'Knock', list, by: identity.seals, ip, port } }],
  )
  return { ...answer(state, right({ ...all.right, members: found })), effects }
}
