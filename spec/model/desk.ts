// A server at which keys, classic programs and the operator ask, one request after the other; every invariant is checked after each.
import { deepEqual, equal } from 'node:assert/strict'
import {
  classic, classicActor, keyed, operator, roll, server, table, type Actor, type Address, type ContactName, type ImId, type Instant, type ListName, type Order, type Policy, type sealed, type Tag,
} from '../../core/index.js'
import { commit, identity, nonce } from '../arbitraries/keys.js'
import { unhurried } from '../arbitraries/server.js'

export const free: server.Config = { ...server.defaults, classicRate: unhurried, keyRate: unhurried, registerRate: unhurried }
export const home = { ip: '192.168.2.7', port: 22000 } as Address
const lan = classicActor(home.ip, home.port)
export const name = (text: string): ContactName => text as ContactName
export const listName = (text: string): ListName => text as ListName

/** A server that is asked step by step: each `ask` is the key's next request, each answer is a code. */
export class Desk {
  state = server.initial
  effects: ReadonlyArray<server.Effect> = []
  now = 0
  readonly #config: server.Config
  readonly #boots = new Map<number, number>()
  readonly #seqs = new Map<number, number>()

  constructor(config: server.Config = free) {
    this.#config = config
  }

  give(by: Actor, command: server.Command): server.Response | undefined {
    const step = server.reduce(this.#config)(this.state, { at: (this.now += 1) as Instant, by, command })
    this.state = step.state
    this.effects = step.effects
    deepEqual(server.violations(step.state), [])
    if (step.response._tag === 'Some') return step.response.value
    const [effect] = step.effects
    return effect?._tag === 'Bind' || effect?._tag === 'Part' ? effect.answer : undefined
  }

  code(response: server.Response | undefined): number {
    return response === undefined ? 0 : server.classicReply(response).code
  }

  register(n: number, contact: string, change: { nonce?: number; from?: Address; proof?: number | undefined } = {}): number {
    const asked: Order = { _tag: 'Register', contact: name(contact), signs: identity(n).signs, proof: '', nonce: nonce(change.nonce ?? n) }
    const shown = 'proof' in change ? change.proof : n
    const response = this.give(keyed(identity(n).seals), {
      _tag: 'Ask', boot: 0, seq: 0, order: asked, identity: shown === undefined ? undefined : identity(shown), address: change.from ?? home,
    })
    const reply = response?._tag === 'Answered' && response.outcome._tag === 'Right' ? response.outcome.right : undefined
    if (reply?._tag === 'Registered') {
      if (this.#boots.get(n) !== reply.boot) this.#seqs.set(n, 0)
      this.#boots.set(n, reply.boot)
    }
    return this.code(response)
  }

  /** What that key's contact is called; throws where there is none. */
  name(n: number): string {
    const contact = server.keyedBy(this.state, identity(n).seals)
    if (contact === undefined) throw new Error(`key ${n} is nobody's`)
    return contact.card.name
  }

  boot(n: number): number {
    return this.#boots.get(n) ?? 0
  }

  asked(n: number, asked: Order, seq: number, boot = this.boot(n), proven?: boolean): server.Response | undefined {
    return this.give(keyed(identity(n).seals), { _tag: 'Ask', boot, seq, order: asked, identity: undefined, address: home, ...(proven === undefined ? {} : { proven }) })
  }

  next(n: number): number {
    const seq = (this.#seqs.get(n) ?? 0) + 1
    this.#seqs.set(n, seq)
    return seq
  }

  ask(n: number, asked: Order): number {
    return this.code(this.asked(n, asked, this.next(n)))
  }

  /** The grant of that im-start; throws where there is none. */
  granted(n: number, asked: Order): sealed.Grant {
    const response = this.asked(n, asked, this.next(n))
    const outcome = response === undefined ? undefined : server.outcomeOf(response)
    if (outcome?._tag !== 'Right' || outcome.right._tag !== 'Granted') throw new Error(`not granted: ${JSON.stringify(outcome)}`)
    return outcome.right.grant
  }

  /** What is said to an im-complete: an outcome, or a code. */
  completed(n: number, asked: Order, proven = true): string | number {
    const response = this.asked(n, asked, this.next(n), this.boot(n), proven)
    const outcome = response === undefined ? undefined : server.outcomeOf(response)
    return outcome?._tag === 'Right' && outcome.right._tag === 'Ended' ? outcome.right.outcome : this.code(response)
  }

  operate(asked: Order): number {
    return this.code(this.give(operator, { _tag: 'Operate', order: asked }))
  }

  classic(text: string, by: Actor = lan): string {
    const request = classic.decodeRequest(text.replaceAll(' ', '-_-'))
    const response = this.give(by, request._tag === 'Left' ? request.left : request.right)
    return response === undefined ? 'nothing' : classic.encodeReply(server.classicReply(response)).replace('-_-null', '')
  }
}

export const on = (_tag: 'Join' | 'Leave' | 'Release' | 'Invite', list: string, contact: string): Order => ({ _tag, list: listName(list), contact: name(contact) })
/** An im-start, of a short text to all, unless it says otherwise. */
export const start = (list: string, change: Partial<Order & { readonly _tag: 'ImStart' }> = {}): Order =>
  ({ _tag: 'ImStart', list: listName(list), commit: commit(0), size: 5, patience: 'once', again: null, ...change })
/** An im-complete by which everybody else has it, unless it says otherwise. */
export const complete = (im: ImId, stored: ReadonlyArray<number>, closed: ReadonlyArray<number> = []): Order =>
  ({ _tag: 'ImComplete', im, stored, closed, tag: '0'.repeat(32) as Tag })
export const create = (list: string, policy: Policy = 'sealed'): Order => ({ _tag: 'Create', list: listName(list), policy })
export const about = (_tag: 'Exit' | 'Forget', contact: string): Order => ({ _tag, contact: name(contact) })

/** Alice (0), who owns the list l, Bob (1) and Mallory (2) are on it; Carol is a classic contact on the open list o. */
export const village = (config = free, stage = new Desk(config)): Desk => {
  for (const [n, contact] of ['Alice', 'Bob', 'Mallory'].entries()) equal(stage.register(n, contact), 200)
  equal(stage.ask(0, create('l')), 200)
  for (const [n, contact] of ['Alice', 'Bob', 'Mallory'].entries()) equal(stage.ask(n, on('Join', 'l', contact)), 200)
  equal(stage.ask(1, create('o', 'open')), 200)
  equal(stage.classic('register Carol 192.168.2.9 22000'), '200')
  equal(stage.classic('join o Carol'), '200')
  return stage
}

/** All that a directory says, but for what is kept of requests, and of their rates. */
export const picture = (state: server.State): unknown => ({
  contacts: roll.values(state.contacts).map(({ card, lists, bound }) => ({
    name: card.name, ip: card.ip, port: card.port, lists: table.entries(lists).length,
    ...(bound === undefined ? {} : { id: bound.identity.id, boot: bound.boot, nonce: bound.nonce, ongoing: bound.ongoing, owns: bound.owns.size, invited: bound.invited.size }),
  })),
  lists: roll.values(state.lists).map((list) => ({ ...list, members: server.membersOf(list).map((card) => card.name), guests: table.entries(list.guests).map(([id]) => id as string).sort() })),
  listing: state.listing,
})

