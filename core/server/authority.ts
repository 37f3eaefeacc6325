// Who may do what. `PROTOCOL.md` has this as a table (rules A1 to A9), and `spec/model/rights` as another.
import * as roll from '../roll.js'
import { isLoopback, isPrivate } from '../address.js'
import type { Keyed, State } from './state.js'
import { isDisposable, isOwner } from './owners.js'
import type { Actor } from '../actor.js'
import type { ListName } from '../names.js'
import type { Order } from '../wire/sealed/index.js'
import type { Command } from './command.js'
import type { Admission } from './config.js'

/** Whether a classic datagram from that source is looked at. */
export const isAdmitted = (policy: Admission, ip: string): boolean => {
  switch (policy) {
    case 'off': return false
    case 'loopback': return isLoopback(ip)
    case 'lan': return isPrivate(ip)
    case 'open': return true
  }
}

/** Whether a command of this kind can be that actor's at all. */
export const isGivenBy = (by: Actor, { _tag }: Command): boolean => {
  switch (_tag) {
    case 'Ask':
    case 'Seek': return by._tag === 'Key'
    case 'Operate':
    case 'Close': return by._tag === 'Operator'
    case 'Start':
    case 'Moved':
    case 'Judged': return by._tag === 'Self'
    case 'Wake': return by._tag === 'Self' || by._tag === 'Operator'
    case 'Register':
    case 'Create':
    case 'QueryLists':
    case 'Join':
    case 'Leave':
    case 'Exit':
    case 'ImStart':
    case 'ImComplete':
    case 'Save':
    case 'Malformed': return by._tag === 'Classic' || by._tag === 'Operator'
  }
}

/** Whether the list is this contact's; true where there is none, which is for the verb to say. */
const owns = (state: State, by: Keyed, name: ListName): boolean => {
  const list = roll.get(state.lists, name)
  return list === undefined || isOwner(list, by)
}

const mayDelete = (state: State, by: Keyed, name: ListName): boolean => {
  const list = roll.get(state.lists, name)
  return list === undefined || isDisposable(list, by)
}

/** Whether a contact with a key may give that order. What is about a contact is that contact's own. */
export const mayContact = (state: State, by: Keyed, order: Order): boolean => {
  switch (order._tag) {
    case 'Create':
    case 'QueryLists':
    case 'ImStart':
    case 'ImComplete':
    case 'Withdraw':
    case 'Ticket':
    case 'Locks':
    case 'Suspect':
    case 'Where':
    case 'Members': return true
    case 'Enqueue': return mayContact(state, by, order.change)
    case 'Delete': return mayDelete(state, by, order.list)
    case 'Invite': return owns(state, by, order.list)
    case 'Leave': return order.contact === by.card.name || (roll.has(state.lists, order.list) && owns(state, by, order.list))
    case 'Join':
    case 'Exit': return order.contact === by.card.name
    case 'Register':
    case 'Release':
    case 'Save':
    case 'Unlock':
    case 'Forget': return false
  }
}

/** Whether the operator may give that order: all but what a contact says with its key. */
export const mayOperator = (order: Order): boolean => {
  switch (order._tag) {
    case 'Register':
    case 'ImStart':
    case 'ImComplete':
    case 'Suspect':
    case 'Where':
    case 'Enqueue':
    case 'Ticket': return false
    case 'Create':
    case 'Delete':
    case 'QueryLists':
    case 'Members':
    case 'Invite':
    case 'Join':
    case 'Leave':
    case 'Exit':
    case 'Release':
    case 'Save':
    case 'Locks':
    case 'Unlock':
    case 'Withdraw':
    case 'Forget': return true
  }
}
