// What a wish becomes on the wire, and what it is called in a notice.
import { named } from '../asking.js'
import type { ContactName } from '../../names.js'
import type { Identity } from '../../keys.js'
import type { Change, Order } from '../../wire/sealed/order.js'
import type { About } from '../notice.js'
import type { Wish } from './command.js'
import type { Config } from './config.js'
import type { State } from './state.js'

const changeOf = (state: State, wish: Extract<Wish, { readonly _tag: Change['_tag'] }>): Change | undefined => {
  const contact: ContactName | undefined = wish.contact ?? state.registered
  return contact === undefined ? undefined : { ...wish, contact }
}

/** What is asked when messages are in the way of a change: which ones they are. */
export const lockQuestion = ({ registered }: State, change: Change): Order => ({
  _tag: 'Locks',
  list: change._tag === 'Exit' ? null : change.list,
  contact: change._tag !== 'Leave' && change.contact === registered ? registered : null,
})

/** The order for a wish. `undefined`: it needs a contact who acts, and none is registered from here. */
export const orderOf = (config: Config, state: State, server: Identity, wish: Wish): Order | undefined => {
  switch (wish._tag) {
    case 'Register': return { ...wish, signs: config.own.signs, proof: config.prove(server.id), nonce: state.nonce }
    case 'Create':
    case 'Delete':
    case 'QueryLists':
    case 'Members':
    case 'Invite':
    case 'Save':
    case 'Withdraw':
    case 'Ticket':
    case 'Locks':
    case 'Forget': return wish
    case 'Join':
    case 'Leave':
    case 'Exit': return changeOf(state, wish)
    case 'Enqueue': {
      const change = changeOf(state, wish.change)
      return change === undefined ? undefined : { _tag: 'Enqueue', change }
    }
  }
}

/** Whose such an order is. */
const owners: { readonly [K in Order['_tag']]?: string } = {
  Join: 'nobody puts another contact on a list: ask it to join, and invite it first where the list is closed',
  Leave: 'only the contact itself, the owner of the list and the operator take it off',
  Exit: 'a contact exits itself; of one whose keys are lost the operator frees the name',
  Invite: 'only the owner of the list and the operator invite',
  Delete: 'only the owner of the list and the operator delete it',
}

/** What a notice says of the code of an answer to that order. */
export const namedFor = (order: Order, code: number): ReturnType<typeof named> => {
  const plain = named(code)
  return plain.name === 'NotAllowed' ? { ...plain, sentence: owners[order._tag === 'Enqueue' ? order.change._tag : order._tag] ?? plain.sentence } : plain
}

const words = {
  Register: 'register',
  Create: 'create',
  Delete: 'delete',
  QueryLists: 'query-lists',
  Members: 'members',
  Invite: 'invite',
  Join: 'join',
  Leave: 'leave',
  Exit: 'exit',
  ImStart: 'im-start',
  ImComplete: 'im-complete',
  Release: 'im-complete',
  Where: 'where',
  Suspect: 'suspect',
  Save: 'save',
  Forget: 'forget',
  Enqueue: 'enqueue',
  Withdraw: 'withdraw',
  Ticket: 'ticket',
  Locks: 'locks',
  Unlock: 'unlock',
} as const satisfies { readonly [K in Order['_tag']]: string }

const argumentsOf = (order: Order): ReadonlyArray<string> => {
  switch (order._tag) {
    case 'Register':
    case 'Exit':
    case 'Forget': return [order.contact]
    case 'Create': return order.policy === 'sealed' ? [order.list] : [`--${order.policy}`, order.list]
    case 'Delete':
    case 'Unlock':
    case 'Members': return [order.list]
    case 'Enqueue': return [words[order.change._tag], ...argumentsOf(order.change)]
    case 'Withdraw':
    case 'Ticket': return [String(order.ticket)]
    case 'Locks': return [order.list, order.contact].filter((name) => name !== null)
    case 'QueryLists': return []
    case 'Save': return [order.file]
    case 'Invite':
    case 'Join':
    case 'Leave':
    case 'Release': return [order.list, order.contact]
    case 'ImStart': return [order.list]
    case 'ImComplete': return [order.im]
    case 'Where': return [order.list, ...order.ids]
    case 'Suspect': return [order.id]
  }
}

export const aboutOf = (order: Order): About => ({ word: words[order._tag], args: argumentsOf(order) })
