// How much is lost on this peer's ways: found out from how often something had to be sent until it was answered, newer answers counting for more. Where
// much is lost, a message is given more time (`ring.md`, the lease: up to three times, of a peer that measures more than 20 % of loss).
import type { Patience } from './command.js'

/** Sums that fade: of sends, and of answers to them. */
export interface Loss {
  readonly sends: number
  readonly answers: number
}

/** Nothing is lost, until it is found out: as if it had always been so. Fewer, and the three slow answers of a neighbour that starts made the next message
 *  hold its list twice as long. */
export const lossless: Loss = { sends: 8, answers: 8 }

/** What is left of the sums with each answer: the last eight or so make the measure. */
const kept = 7 / 8

/** Sends of one exchange that count. One that took more says little of loss, and much of somebody who was not there at first: a member that was started
 *  again must not make the next message hold its list three times as long. */
const most = 4

/** With something that was sent so often before it was answered, behind the answer before; 0: that one has come twice. */
export const answered = (loss: Loss, times: number): Loss =>
  times === 0 ? loss : { sends: kept * loss.sends + Math.min(times, most), answers: kept * loss.answers + 1 }

/** What is measured where of exchanges 36 % and 64 % come to nothing, both ways together: 20 % and 40 % of loss each way. A send is answered after q of
 *  them have come to nothing, so that 1 + q + q^2 + q^3 sends count. */
const some = 0.35
const much = 0.57

/** How much more time a message needs than usual. */
export const factorOf = ({ sends, answers }: Loss): 1 | 2 | 3 => {
  const lost = 1 - answers / sends
  return lost > much ? 3 : lost > some ? 2 : 1
}

const patiences: { readonly [factor in 1 | 2 | 3]: Patience } = { 1: 'once', 2: 'twice', 3: 'thrice' }
const times: { readonly [P in Patience]: number } = { once: 1, twice: 2, thrice: 3 }

/** At least as patient as its user. */
export const patienceOf = (loss: Loss, wanted: Patience): Patience => {
  const factor = factorOf(loss)
  return factor > times[wanted] ? patiences[factor] : wanted
}
