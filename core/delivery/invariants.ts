// What is true of every courier after every step, as code. The numbers are those of `spec/PROTOCOL.md`.
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { placeOf } from './seats.js'
import { ringOf, type State } from './state.js'
import type { PublicKey } from '../keys.js'
import type { Violation } from '../transition.js'

const broken = (rule: string, holds: boolean, what: string): ReadonlyArray<Violation> => (holds ? [] : [{ rule, what }])

/** Every broken promise of a courier of that key; empty unless we are wrong. */
export const violations =
  (own: PublicKey) =>
  (state: State): ReadonlyArray<Violation> => [
    ...roll.values(state.custody).flatMap((custody) => {
      const { grant, kind, trail, attempt } = custody
      const ring = ringOf(state, grant)
      const me = ring === undefined ? -1 : placeOf(ring, own)
      const isMine = roll.has(state.own, grant.im)
      const isTaken = roll.get(state.accepted, grant.im)?.passed === true
      return [
        ...broken('R12', isMine || isTaken, `${grant.im} is passed on by a member that has not taken it`),
        ...broken('R12', isMine || trail.visited.at(-1) === me, `${grant.im} goes on without this member's receipts`),
        ...broken('R12', kind === 'home' ? attempt.member === grant.initiator : isMine || attempt.member > me, `${grant.im} goes back to ${attempt.member}`),
        ...broken('R13', custody.sentTo.includes(attempt.member), `${grant.im} is awaited of a member that it was not sent to`),
      ]
    }),
    ...roll.values(state.accepted).flatMap(({ grant, status }) => {
      const known = roll.get(state.diary.inbox.roots, grant.root)
      return broken('R10', known === undefined || (known.status === 'closed') === (status === 'closed'), `${grant.im} is ${status} here, and not in the diary`)
    }),
    ...roll.values(state.own).flatMap(({ grant, receipts, best }) => [
      ...broken('R19', receipts.every(({ member }) => grant.path.includes(member)), `a receipt for ${grant.im} is of nobody on its path`),
      ...broken('R19', new Set(receipts.map(({ member }) => member)).size === receipts.length, `a member has two receipts for ${grant.im}`),
      ...broken('R18', best === undefined || best.visited.every((member) => receipts.some((one) => one.member === member)), `a sum is believed for ${grant.im}, and not all that are in it`),
    ]),
    ...roll.values(state.own).flatMap(({ grant: { im }, phase }) =>
      broken('R18', state.underWay.includes(im) === (phase !== 'told'), `${im} is ${phase}, and ${phase === 'told' ? 'its time is still awaited' : 'nobody brings it to its end'}`),
    ),
    ...broken('R12', roll.size(state.accepted) <= limits.grantsRemembered, 'more grants are remembered than may be'),
  ]
