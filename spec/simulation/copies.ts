// What the oracle holds against the copies of a message that a member sends: that what it passes on is durable there, once, and goes onward (I4, I9, R14).
import { isRight } from 'fp-ts/lib/Either.js'
import { sealed } from '../../core/index.js'
import type { Past } from './past.js'
import type { House, Known, Oracle, Peer } from './roles.js'

interface Sent {
  readonly to: number
  readonly frame: Extract<sealed.Frame, { readonly _tag: 'Relay' }>
  /** real ms at which its sender was last stopped or dead */
  readonly disturbedAt: number
}

/** ms in which a silent member is passed over, where its holder is not hindered. */
const passedWithinMs = 4000

export class Copies {
  readonly #house: House
  readonly #oracle: Oracle

  constructor(house: House, oracle: Oracle) {
    this.#house = house
    this.#oracle = oracle
  }

  /** I4, I9: a copy goes on. */
  sent(peer: Peer, past: Past, { to, frame, disturbedAt }: Sent): void {
    const known = this.#oracle.grants.known.get(frame.im)
    if (known === undefined) return this.#oracle.violated('I10', peer.who, `${frame.im} is sent, and was never granted`)
    if (frame.kind === 'missed') return this.#oracle.absences.given(peer, to, known)
    const before = past.passed.get(frame.im)
    const now = this.#house.clockwork.now
    if (frame.kind === 'direct') return
    if (before !== undefined && now - before.since > passedWithinMs && disturbedAt < before.since && !peer.isHeld) {
      this.#oracle.violated('R14', peer.who, `${frame.im} waited ${now - before.since} ms for ${before.to}`)
    }
    if (before?.to === to) return
    const trail = sealed.decodeTrail(frame.head)
    if (!isRight(trail)) return this.#oracle.violated('I9', peer.who, 'a trail that nobody can read')
    const { visited, tagI, notes } = trail.right
    if (peer.who !== known.initiator) this.#passed(peer, past, known, to, visited)
    const said = `${visited.join()} ${tagI}`
    if (before !== undefined && before.trail !== said) this.#oracle.violated('I9', peer.who, `${frame.im} is passed on twice`)
    past.passed.set(frame.im, { to, since: now, trail: said })
    const why = notes.at(-1)?.why
    if (before === undefined || why === undefined) return
    this.#house.sometimes.hit(
      why === 'silent' ? 'passed over for silence' : why === 'portClosed' ? 'passed over for a closed port' : why === 'remembered' ? 'passed over, remembered' : 'passed over for a refusal',
    )
  }

  #passed({ who }: Peer, past: Past, { grant, seats }: Known, to: number, visited: ReadonlyArray<number>): void {
    const me = seats.indexOf(who)
    if (!this.#oracle.isSettled(who, grant.root)) this.#oracle.violated('I4', who, `${grant.im} is passed on, and not durable`)
    if (!past.taken.has(grant.im)) this.#house.sometimes.hit('passed on after a restart')
    if (!past.heard.has(grant.im)) this.#oracle.violated('I9', who, `${grant.im} is passed on, and no ring copy of it came`)
    if (visited.at(-1) !== me || visited.some((place, i) => i > 0 && place <= (visited[i - 1] ?? -1))) this.#oracle.violated('I9', who, `the trail of ${grant.im} is ${visited.join(' ')}`)
    const target = seats.indexOf(to)
    if (target !== grant.initiator && target <= me) this.#oracle.violated('I9', who, `${grant.im} goes back to ${to}`)
  }
}
