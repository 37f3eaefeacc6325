// Orders, each executed at most once: a client's by `(boot, seq)` of its key, the operator's as they come.
//
//   boot, seq          answered with                                         changes
//   no contact         NotRegistered                                         nothing
//   another boot       Stale                                                 nothing
//   a question         the answer as it is now                               nothing
//   seq = the last     the stored outcome                                    nothing
//   seq < the last     nothing: the client has given it up                   nothing
//   seq > the last     the outcome, which is stored, refusals too            what was ordered
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { isNone } from 'fp-ts/lib/Option.js'
import * as roll from '../roll.js'
import { mayContact, mayOperator } from './authority.js'
import type { Ask } from './command.js'
import { exit } from './contacts.js'
import { stirred, unfenced } from './fences.js'
import { register } from './keys.js'
import { create, join, leave, members } from './lists.js'
import { allNames } from './listing.js'
import { imComplete, imStart } from './granting.js'
import { locks } from './locks.js'
import { forget, release, unlock } from './messages.js'
import { disinvited, invite, remove } from './owners.js'
import { pour } from '../rate.js'
import { suspect, where } from './presence.js'
import { enqueue, serve, ticket, withdraw } from './queue.js'
import { refuse } from './refusal.js'
import { outcomeOf, type Answered, type Outcome } from './reply.js'
import { save } from './saving.js'
import { isKeyed, keyedBy, rebound, remembering, withContact, type Keyed, type State } from './state.js'
import { act, answer, bind, part, type Effect, type Step } from './transitions.js'
import type { Actor } from '../actor.js'
import type { PublicKey } from '../keys.js'
import type { ContactName, ListName } from '../names.js'
import { isRead, type Change, type Order } from '../wire/sealed/index.js'
import type { Config } from './config.js'

/** The one outcome that a contact's step has. */
const outcomeIn = ({ response }: Step): Outcome => (isNone(response) ? refuse.NotAllowed : outcomeOf(response.value))

/** Whoever was put off a list, and did not leave it, needs a new invitation. */
const dismissed = (step: Step, by: Keyed | undefined, list: ListName, name: ContactName): Step => {
  if (by?.card.name === name || outcomeIn(step)._tag === 'Left') return step
  const contact = roll.get(step.state.contacts, name)
  return contact !== undefined ? { ...step, state: disinvited(step.state, list, contact) } : step
}

/** Who is on which list has changed: what waits may need other lists. */
const moving = (step: Step): Step => (step.state.queue.tickets.length === 0 ? step : { ...step, state: stirred(step.state) })

const cleared = (step: Step, list: ListName): Step => (roll.has(step.state.lists, list) ? step : { ...step, state: unfenced(step.state, list) })

/** What a message is in the way of waits. */
const queueing = (step: Step, before: State, by: Keyed, change: Change): Step => {
  const outcome = outcomeIn(step)
  return isLeft(outcome) && outcome.left._tag === 'Ongoing' ? enqueue(before, by, change) : step
}

/** Does what is ordered; `by` is `undefined` for the operator, who begins and completes no message with a grant. */
const perform = (config: Config, state: State, by: Keyed | undefined, order: Order, proven: boolean): Step => {
  switch (order._tag) {
    case 'Register': return answer(state, refuse.NotAllowed)
    case 'Create': return create(config, state, order.list, order.policy, by)
    case 'Delete': return cleared(remove(config, state, order.list), order.list)
    case 'QueryLists': return answer(state, allNames(state))
    case 'Members': return answer(state, members(state, by, order.list))
    case 'Invite': return invite(config, state, order.list, order.contact)
    case 'Join': return moving(join(config, 'sealed', state, order.list, order.contact))
    case 'Leave': return moving(dismissed(leave('sealed', state, order.list, order.contact), by, order.list, order.contact))
    case 'Exit': return exit('sealed', state, order.contact)
    case 'Forget': return forget(state, order.contact)
    case 'ImStart': return by === undefined ? answer(state, refuse.NotAllowed) : imStart(config, state, by, order)
    case 'ImComplete': return by === undefined ? answer(state, refuse.NotAllowed) : imComplete(state, by, order, proven)
    case 'Suspect': return by === undefined ? answer(state, refuse.NotAllowed) : suspect(state, by, order.id)
    case 'Where': return by === undefined ? answer(state, refuse.NotAllowed) : where(state, by, order)
    case 'Release': return release(state, order.list, order.contact)
    case 'Save': return save(state, order.file)
    case 'Enqueue': return by === undefined ? answer(state, refuse.NotAllowed) : queueing(perform(config, state, by, order.change, false), state, by, order.change)
    case 'Withdraw': return withdraw(state, by, order.ticket)
    case 'Ticket': return answer(state, by === undefined ? refuse.NotAllowed : ticket(state, by, order.ticket))
    case 'Locks': return answer(state, locks(state, by, order.list, order.contact))
    case 'Unlock': return unlock(state, order.list)
  }
}

const isOf = (key: PublicKey, effect: Effect): boolean => effect._tag === 'Part' && effect.key === key

/** Parts of a step: an answer to a key that is a contact's no more, since its exit had waited for what it asked, leaves before the key is parted with. */
const parted = (step: Step, effects: ReadonlyArray<Effect>, by: Actor): Step => {
  const { response } = step
  const isGone = by._tag === 'Key' && !isNone(response) && effects.some((effect) => isOf(by.key, effect))
  if (!isGone) return { ...step, effects: [...step.effects, ...effects] }
  return act(step.state, [...step.effects, ...effects.map((effect) => (isOf(by.key, effect) ? part(by.key, response.value) : effect))])
}

/** Whatever a step of `by` did to `before`: if messages have ended with it, what waited for them is done. Who may do it is asked again. */
export const settled = (config: Config, before: State, by: Actor, step: Step): Step => {
  if (step.state.queue.tickets.length === 0 || step.state.ongoing >= before.ongoing) return step
  const { state, effects } = serve(step.state, before.position, (now, holder, change) => {
    const done = mayContact(now, holder, change) ? perform(config, now, holder, change, false) : answer(now, refuse.NotAllowed)
    return { step: done, outcome: outcomeIn(done) }
  })
  return state === step.state ? step : parted({ ...step, state }, effects, by)
}

/** An order of the operator. Refuses with NotAllowed, and as the verb does. */
export const operate = (config: Config, state: State, order: Order): Step =>
  mayOperator(order) ? perform(config, state, undefined, order, false) : answer(state, refuse.NotAllowed)

/** The outcome as the client will read it. */
export const answered = ({ at, process }: State, { boot, seq }: Ask, outcome: Outcome): Answered => ({ _tag: 'Answered', boot, seq, at, process, outcome })

const tell = (state: State, asked: Ask, outcome: Outcome): Step => answer(state, answered(state, asked, outcome))

const performBy = (config: Config, state: State, by: Keyed, { order, proven = false }: Ask): Step =>
  mayContact(state, by, order) ? perform(config, state, by, order, proven) : answer(state, refuse.NotAllowed)

const question = (config: Config, state: State, by: Keyed, asked: Ask): Step => {
  const questions = pour(config.keyRate, by.bound.questions, state.at)
  if (questions === undefined) return tell(state, asked, refuse.TooFast)
  const paid = questions === by.bound.questions ? state : withContact(state, rebound(by, { questions }))
  const step = performBy(config, paid, by, asked)
  const { state: told, response } = tell(paid, asked, outcomeIn(step))
  return { state: told, response, effects: step.effects }
}

/** Executes an order that is new, and stores its outcome with whoever gave it; an exit leaves nobody to store it with. */
const execute = (config: Config, state: State, by: Keyed, asked: Ask): Step => {
  const { seq } = asked
  const position = state.position + 1
  const orders = pour(config.keyRate, by.bound.orders, state.at)
  if (orders === undefined) return tell(remembering(state, position, by, { seq, outcome: refuse.TooFast }, by.bound.orders), asked, refuse.TooFast)
  const step = performBy(config, state, by, asked)
  const outcome = outcomeIn(step)
  const now = roll.get(step.state.contacts, by.card.name)
  if (!isKeyed(now)) return act(step.state, [part(by.bound.identity.seals, answered(state, asked, outcome))])
  return tell(remembering(step.state, position, now, { seq, outcome }, orders), asked, outcome)
}

const registering = (config: Config, state: State, key: PublicKey, asked: Ask, order: Order & { readonly _tag: 'Register' }): Step => {
  const { state: next, outcome, isBound } = register(config, state, key, asked, order)
  const response = answered(state, { ...asked, boot: 0 }, outcome)
  return isBound ? act(next, [bind(key, response)]) : answer(next, response)
}

/** A request of a key. Executed, it counts into `position`, refused or not, since its outcome is kept. */
export const ask = (config: Config, state: State, key: PublicKey, asked: Ask): Step => {
  const { order, boot, seq } = asked
  if (order._tag === 'Register') return registering(config, state, key, asked, order)
  const contact = keyedBy(state, key)
  if (contact === undefined) return tell(state, asked, refuse.NotRegistered)
  if (boot !== contact.bound.boot) return tell(state, asked, refuse.Stale)
  if (isRead(order)) return question(config, state, contact, asked)
  const { last } = contact.bound
  if (last === undefined || seq > last.seq) return execute(config, state, contact, asked)
  return seq === last.seq ? tell(state, asked, last.outcome) : act(state, [])
}

/** What a key asks of a server that has ended: answered as ever where nothing changes by it, so that what was done is not refused for being asked
 *  again. What is new is refused with Closing, and not done. */
export const askLate = (state: State, key: PublicKey, asked: Ask): Step => {
  const { order, boot, seq } = asked
  const contact = keyedBy(state, key)
  if (order._tag === 'Register') {
    const isRepeated = contact !== undefined && contact.card.name === order.contact && contact.bound.nonce === order.nonce
    return tell(state, { ...asked, boot: 0 }, isRepeated ? right({ _tag: 'Registered', boot: contact.bound.boot }) : refuse.Closing)
  }
  if (contact === undefined) return tell(state, asked, refuse.NotRegistered)
  if (boot !== contact.bound.boot) return tell(state, asked, refuse.Stale)
  const { last } = contact.bound
  if (isRead(order) || last === undefined || seq > last.seq) return tell(state, asked, refuse.Closing)
  return seq === last.seq ? tell(state, asked, last.outcome) : act(state, [])
}
