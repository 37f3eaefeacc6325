// The end of an own message, as far as its initiator can bring it about: the report, and what the server is told (R18, R19).
import { isRight } from 'fp-ts/lib/Either.js'
import * as diary from '../diary.js'
import * as roll from '../roll.js'
import { announce } from '../effect.js'
import { codeName } from '../wire/classic/code.js'
import type { ImId } from '../keys.js'
import type { Answer } from '../wire/sealed/answer.js'
import { awaits } from './leaf.js'
import { completion, kept, open, ownWith, reportOf } from './own.js'
import { changed, isLive, ringOf, withOwn, withoutCustody, type Own, type State } from './state.js'
import { persist, step, tell, then, type Effect, type Step } from './transitions.js'

const complete = (own: Own): Effect => ({ _tag: 'Request', ticket: `complete ${own.grant.im}`, order: completion(own) })

/** Whether the server has ended it with the grant: there was nobody whom it could have gone to (R5). */
const isForNobody = (state: State, { grant }: Own): boolean =>
  grant.path.length === 0 && ringOf(state, grant)?.members.every(({ _tag }) => _tag === 'Keyed') === true

/** Told and written. */
const telling = (state: State, own: Own, isAgain: boolean): Step => {
  const told = ownWith(own, { phase: 'told', copies: isAgain ? own.copies : [], given: [] })
  const notice = reportOf(state, own, isAgain)
  const mark: diary.Mark = { _tag: 'Reported', im: own.grant.im, report: kept(notice, own.leaves) }
  const next = diary.marked(state.diary, mark)
  const now = withOwn(isRight(next) ? changed(state, { diary: next.right }) : state, told)
  // what is written is what the diary has: of a message that it has forgotten nothing is
  const written = isRight(next) ? [persist(mark)] : []
  return step(isAgain ? now : withoutCustody(now, own.grant.im), ...written, announce(notice))
}

/** What is known is told, and written; the server is told what proves it, if anything has to be proven. Not before every classic member has bounced its
 *  copy or been silent (R29). */
export const report = (state: State, own: Own, isAgain: boolean): Step => {
  if (!isAgain && awaits(own.leaves)) return step(withOwn(withoutCustody(state, own.grant.im), ownWith(own, { phase: 'leaves' })))
  return then(telling(state, own, isAgain), (now) => (isForNobody(now, own) ? step(now) : step(now, complete(own))))
}

/** The same again, better known, where it is nothing that the server is told. */
export const retold = (state: State, own: Own): Step => telling(state, own, true)

/** All that can be known of it is known. */
export const isSettled = (own: Own): boolean => open(own).length === 0

/** What the server says of its end. Receipts that do not add up are all asked for once more, one by one (R18). */
export const completed = (state: State, im: ImId, answer: Answer | undefined): Step => {
  const own = roll.get(state.own, im)
  if (own === undefined || answer === undefined) return step(state)
  if (codeName(answer.code) === 'BadProof' && !own.disputed && isLive(state, own.grant)) return step(withOwn(state, ownWith(own, { disputed: true, phase: 'over' })))
  const outcome = answer.body._tag === 'Ended' ? answer.body.outcome : (codeName(answer.code) ?? String(answer.code))
  return tell(state, { _tag: 'Released', im, list: own.grant.list, outcome })
}
