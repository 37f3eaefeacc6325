// The production server of a scene, asked by its members: who they are and on which list, what it grants them, and what it makes of receipts. After each
// step all that it promises is looked at.
import { keyed, roll, self, server, type sealed, type ContactId, type ContactName, type Instant, type Order, type PublicKey } from '../../core/index.js'
import type { Presence } from '../../core/presence.js'
import { unhurried } from '../arbitraries/server.js'
import { instants, list, processId, promised, serverBox, signed, type Granted, type Member, type Scene } from './scene.js'

/** Of receipts: they end the message; they are right, and not of all; they are not right; the message has ended. */
export type Verdict = 'proof' | 'partial' | 'wrong' | 'over'

const config: server.Config = { ...server.defaults, classicRate: unhurried, keyRate: unhurried, registerRate: unhurried, hash: serverBox.hash }
const reduce = server.reduce(config)

const nameAt = (place: number): ContactName => `m${place}` as ContactName

const stepped = (state: server.State, at: Instant, by: Parameters<typeof reduce>[1]['by'], command: server.Command): server.Step => {
  const step = reduce(state, { at, by, command })
  const [broken] = [...server.violations(step.state), ...server.movedMembers(state, step.state)]
  if (broken !== undefined) throw new Error(`the server breaks ${broken.rule}: ${broken.what}`)
  return step
}

const outcomeOf = ({ response }: server.Step): server.Outcome => {
  if (response._tag === 'None') throw new Error('the server does not answer')
  return server.outcomeOf(response.value)
}

class Office {
  #state = server.initial
  readonly #members: ReadonlyArray<Member>

  constructor(members: ReadonlyArray<Member>) {
    this.#members = members
    this.#do(instants.first, self, { _tag: 'Start', process: processId, settings: server.settingsOf(config) })
    for (const { place, config: { own, address } } of members) {
      const order: Order = { _tag: 'Register', contact: nameAt(place), signs: own.signs, proof: '', nonce: `${place}`.repeat(32) as never }
      this.#do(instants.first, keyed(own.seals), { _tag: 'Ask', boot: 0, seq: 0, order, identity: own, address })
    }
    this.#order(instants.first, 0, { _tag: 'Create', list, policy: 'sealed' })
    members.forEach(({ place }) => this.#order(instants.first, place, { _tag: 'Join', list, contact: nameAt(place) }))
  }

  /** Those are there, or not, as far as the server can tell. */
  judge(places: ReadonlyArray<number>, presence: Presence): void {
    for (const place of places) this.#do(instants.first, self, { _tag: 'Judged', key: this.#key(place), presence })
  }

  /** A message of that member to all who are there; or again, to those. */
  grant(at: Instant, place: number, again?: { readonly first: Granted; readonly to: ReadonlyArray<number> }): Granted {
    const to = (again?.to ?? []).flatMap((one): ReadonlyArray<ContactId> => this.#members.filter(({ place: other }) => other === one).map(({ config: { own } }) => own.id))
    const outcome = this.#order(at, place, { _tag: 'ImStart', list, ...promised, patience: 'once', again: again === undefined ? null : { root: again.first.grant.root, to } })
    if (outcome._tag === 'Left' || outcome.right._tag !== 'Granted') throw new Error('the server grants nothing')
    const { grant } = outcome.right
    const told = this.#do(at, keyed(this.#key(place)), { _tag: 'Seek', ring: grant.ring }).response
    if (told._tag === 'None' || told.value._tag !== 'Told') throw new Error('the server does not know its own ring')
    return signed(told.value.ring, grant)
  }

  /** The time of all messages is over. */
  expire(at: Instant): void {
    this.#do(at, self, { _tag: 'Wake' })
  }

  /** What it would say now, and goes on as if it had not been asked. */
  verdictOn(at: Instant, place: number, order: Extract<sealed.Order, { readonly _tag: 'ImComplete' }>): Verdict {
    const outcome = outcomeOf(stepped(this.#state, at, keyed(this.#key(place)), this.#asked(place, order)))
    if (outcome._tag === 'Left') return outcome.left._tag === 'BadProof' ? 'wrong' : 'over'
    const ending = outcome.right._tag === 'Ended' ? outcome.right.outcome : undefined
    return ending === 'proof' ? 'proof' : ending === 'recorded' ? 'partial' : 'over'
  }

  #key(place: number): PublicKey {
    return (this.#members[place] as Member).key
  }

  #asked(place: number, order: Order): server.Command {
    const { bound } = roll.get(this.#state.contacts, nameAt(place)) ?? {}
    const asked = server.askOf(serverBox, this.#state, this.#key(place), { ip: '192.0.2.1', port: 22000 }, { _tag: 'Request', boot: bound?.boot ?? 0, seq: (bound?.last?.seq ?? 0) + 1, order, have: 0n } as never)
    if (asked === undefined) throw new Error('nobody is reached there')
    return asked
  }

  #order(at: Instant, place: number, order: Order): server.Outcome {
    const outcome = outcomeOf(this.#do(at, keyed(this.#key(place)), this.#asked(place, order)))
    if (outcome._tag === 'Left') throw new Error(`the server refuses ${order._tag}: ${outcome.left._tag}`)
    return outcome
  }

  #do(at: Instant, by: Parameters<typeof reduce>[1]['by'], command: server.Command): server.Step {
    const step = stepped(this.#state, at, by, command)
    this.#state = step.state
    return step
  }
}

/** What has been granted in a scene: to a message that is over, where it is sent again, and to those that go on; and who gave it. */
export interface Grants {
  readonly first: Granted
  readonly live: ReadonlyArray<Granted>
  readonly office: Office
}

export const grantsOf = ({ again, away, absent, beside }: Scene, members: ReadonlyArray<Member>): Grants => {
  const office = new Office(members)
  office.judge(absent, 'away')
  const first = office.grant(instants.first, 0)
  office.judge(absent, 'alive')
  if (again !== undefined) {
    office.expire(instants.second)
    office.judge(away, 'away')
    const to = members.flatMap(({ place }) => (place === 0 || (again.includes(place) && !away.includes(place)) ? [] : [place]))
    return { first, live: [office.grant(instants.second, 0, { first, to })], office }
  }
  if (beside === undefined) return { first, live: [first], office }
  const others = members.flatMap(({ place }) => (place === 1 || beside.includes(place) ? [] : [place]))
  office.judge(others, 'away')
  const other = office.grant(instants.first, 1)
  office.judge(others, 'alive')
  return { first, live: [first, other], office }
}
