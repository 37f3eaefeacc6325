// A server that lies. Inside it keeps the rules, so that the oracle knows what would be true; what it tells is something else, and signed by it.
// Whatever it says, nobody shows what its initiator has not signed, nothing is shown twice, nobody dies of it, and whoever knows a member's key sends
// nothing to a ring with another one.
import { right } from 'fp-ts/lib/Either.js'
import { pins, sealed, type ContactName, type delivery, type Digest, type Instant, type PublicKey, type server } from '../../core/index.js'
import { boxFor } from './boxes.js'
import { nameOf } from './names.js'
import type { Perfidy as Kind } from './perfidies.js'
import type { House } from './roles.js'

/** Whose keys the server has made. */
const nobody = 1000

const years = 10 * 365 * 24 * 3600 * 1000
const jumpMost = 3_600_000

/** What is broken even by a server that lies. */
const certain: ReadonlySet<string> = new Set(['I3', 'I4', 'I10', 'R7', 'MTU', 'W4', 'W5'])

export const isExcusable = (rule: string): boolean => !certain.has(rule)

const seatOf = (name: string, who: number): sealed.Ring['members'][number] => {
  const { signs, seals } = boxFor(who).own
  return { _tag: 'Keyed', name: name as ContactName, signs, seals }
}

export class Perfidy {
  readonly #kind: Kind
  readonly #house: House
  /** rings that are none, by hash; and those with another key than a member has */
  readonly #rings = new Map<Digest, sealed.Ring>()
  readonly #swapped = new Set<Digest>()
  #told = 0

  constructor(kind: Kind, house: House) {
    this.#kind = kind
    this.#house = house
  }

  /** Everybody has met everybody before it lied. */
  get pins(): pins.Pins {
    const { server, ciphers } = this.#house
    return ciphers.slice(1).reduce((met, { own }, i) => pins.pinContact(met, { server: server.own.id, name: nameOf(i + 1), id: own.id }), pins.none)
  }

  /** What a member does about it: it notices, and it sends nothing to a ring with another key in it than a member has. */
  watch(who: number, effects: ReadonlyArray<delivery.Effect>): void {
    const { sometimes, oracle } = this.#house
    for (const effect of effects) {
      if (effect._tag === 'Persist' && effect.record._tag === 'Sent' && this.#swapped.has(effect.record.grant.ring)) {
        oracle.violated('R7', who, 'it sends to a ring with another key than the one that it knows')
      }
      if (effect._tag === 'Announce' && effect.notice._tag === 'NotBegun' && (effect.notice.name === 'Blocked' || effect.notice.name === 'Forged')) sometimes.hit('perfidy noticed')
    }
  }

  /** A ring that it has made up. */
  ringOf(digest: Digest): server.Response | undefined {
    const ring = this.#rings.get(digest)
    return ring === undefined ? undefined : { _tag: 'Told', digest, ring }
  }

  /** What it says instead. */
  said(response: server.Response, to: PublicKey): server.Response {
    if (response._tag !== 'Answered') return response
    if (this.#kind === 'jumps') return { ...response, at: Math.max(0, response.at + Math.round((2 * this.#house.chance() - 1) * jumpMost)) as Instant }
    if (response.outcome._tag === 'Left') return response
    const reply = response.outcome.right
    if (reply._tag === 'Granted') return { ...response, outcome: right({ ...reply, grant: this.#granted(reply.grant) }) }
    if (reply._tag !== 'Members' || this.#kind !== 'swaps') return response
    const members = reply.members.map((row) => (row.name === this.#victim && row.keys?.seals !== to ? { ...row, keys: boxFor(nobody).own } : row))
    return { ...response, outcome: right({ ...reply, members }) }
  }

  get #victim(): string {
    return nameOf(1 + (this.#house.plan.dice % this.#house.plan.members))
  }

  #granted(grant: sealed.Grant): sealed.Grant {
    this.#told += 1
    const seats = this.#house.oracle.grants.known.get(grant.im)?.seats.map((who) => seatOf(nameOf(who), who)) ?? []
    const last = seats.length - 1
    switch (this.#kind) {
      case 'swaps': {
        const ring = this.#ring(grant, seats.map((seat) => (seat.name === this.#victim ? seatOf(seat.name, nobody) : seat)))
        if (ring !== grant.ring) this.#swapped.add(ring)
        return { ...grant, ring }
      }
      case 'ghosts': return { ...grant, ring: this.#ring(grant, [...seats, seatOf('ghost', nobody)]), path: [...grant.path, seats.length] }
      case 'forks': return this.#told % 2 === 0 || last < 0 ? grant : {
        ...grant, ring: this.#ring(grant, seats.toReversed()), initiator: last - grant.initiator, path: grant.path.map((place) => last - place).toReversed(),
      }
      case 'strays': return { ...grant, path: [...new Set([...grant.path, grant.initiator, last + 3])].toSorted((a, b) => a - b) }
      case 'lasts': return { ...grant, until: (grant.until + years) as Instant }
      case 'wavers': return { ...grant, no: grant.no + this.#told, until: (grant.until + 1000 * this.#told) as Instant }
      case 'jumps': return grant
    }
  }

  #ring({ list, epoch }: sealed.Grant, members: sealed.Ring['members']): Digest {
    const ring = { list, epoch, members }
    const digest = boxFor(0).hash(sealed.ringBytes(sealed.encodeRing(ring)))
    this.#rings.set(digest, ring)
    return digest
  }
}
