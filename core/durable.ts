// Nothing is told before it is durable: a machine around another one, which journals what the inner one does. It knows no disk: the store's
// word comes in as a command, what the store is to do goes out as an effect.
//
//   command ──inner machine──> step ──a record──> gathering ──Append──> the store writes one batch at a time
//                               │ none: waits for the record before it                   │
//                               └──held, in order──────────────────────> Release <───────┴── Written, or Unwritten
//
// A step that is no record, a question, could have seen the records before it and waits for the last of them; where none is unwritten, nobody
// waits. While a batch is written the next one gathers: a slow disk makes larger batches, not fewer commands a second (group commit).
//
// A batch that is not written, and everything since, has not happened: the state is the last durable one, and whoever asked is told to ask
// again. What nobody asked, and so nobody repeats, is done again.
import * as option from 'fp-ts/lib/Option.js'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import * as roll from './roll.js'
import { after, epoch, latest, type Instant } from './time.js'
import { limits } from './limits.js'
import type { Machine, Stamped, Transition, Violation } from './transition.js'
import type { Actor } from './actor.js'

/** The batch under way is durable. By `Self`. */
export interface Written {
  readonly _tag: 'Written'
}

/** The batch under way is not durable, and nothing of it is there; the store works on. (One that cannot say so ends the program.) By `Self`. */
export interface Unwritten {
  readonly _tag: 'Unwritten'
}

export const written: Written = { _tag: 'Written' }
export const unwritten: Unwritten = { _tag: 'Unwritten' }

/** Make these records durable, all or none, behind those before; then say `Written` or `Unwritten`. There is never a second one meanwhile. */
export interface Append<C> {
  readonly _tag: 'Append'
  /** oldest first; one at least */
  readonly records: ReadonlyArray<Stamped<C>>
  /** the inner state's position behind the last of them */
  readonly position: number
}

/** A step of the inner machine is durable, or sees only what is: carry out its effects, then answer. */
export interface Release<R, F> {
  readonly _tag: 'Release'
  readonly by: Actor
  readonly effects: ReadonlyArray<F>
  readonly response: option.Option<R>
}

/** A step that nobody has been told of. */
interface Held<C, R, F> {
  readonly input: Stamped<C>
  readonly effects: ReadonlyArray<F>
  readonly response: option.Option<R>
  /** it stands in the journal, or will */
  readonly isRecord: boolean
}

/** Newest first: one more costs the same however many there are. */
interface Chain<A> {
  readonly item: A
  readonly before: Chain<A> | undefined
}

interface Batch<S, C, R, F> {
  /** its records, and what only asked and waits for them */
  readonly steps: Chain<Held<C, R, F>>
  /** the state behind the last of these */
  readonly after: S
}

export interface Durable<S, C, R, F> {
  /** behind every command */
  readonly newest: S
  /** behind the last durable record, with all that needs none: what is told of at most, and what a failure goes back to */
  readonly kept: S
  /** what the store is writing */
  readonly writing: Batch<S, C, R, F> | undefined
  /** the records since, and what only asked behind the first of them; `undefined` while nothing is written */
  readonly gathering: Chain<Held<C, R, F>> | undefined
  /** steps in both */
  readonly held: number
  /** nothing is written before: the last batch failed a moment ago */
  readonly resumes: Instant
  /** what is done again then, by what it is about; empty while something is written */
  readonly postponed: roll.Roll<string, Stamped<C>>
}

/** What the transformer must know of the inner machine. */
export interface Journaling<S, C, R, F> {
  /** counts the commands that belong into the journal; 0 or 1 more with each step */
  readonly position: (state: S) => number
  /** What becomes of a command that came to nothing, since it could not be written or too many wait. Right: the step in its place, which is no
   *  record; whoever asked is told to ask again. Left: nobody asked. It is done again when something can be written, but for one that a later
   *  command about the same, which is this text, makes needless. */
  readonly instead: (kept: S, input: Stamped<C>) => Either<string, Transition<S, R, F>>
}

type Step<S, C, R, F> = Transition<Durable<S, C, R, F>, never, Append<C> | Release<R, F>>

const act = <S, C, R, F>(state: Durable<S, C, R, F>, effects: Step<S, C, R, F>['effects'] = []): Step<S, C, R, F> => ({ state, response: option.none, effects })

const nothing: roll.Roll<string, never> = roll.empty()

/** Nothing is written. (Both shapes are written out: measured, a question takes 0.7 µs more with spreads.) */
const idle = <S, C, R, F>(state: S, resumes: Instant, postponed: Durable<S, C, R, F>['postponed']): Durable<S, C, R, F> => ({
  newest: state, kept: state, writing: undefined, gathering: undefined, held: 0, resumes, postponed,
})

type Waiting<S, C, R, F> = Pick<Durable<S, C, R, F>, 'newest' | 'kept' | 'writing' | 'gathering' | 'held'>

/** Something is written, or is about to be. */
const waiting = <S, C, R, F>({ newest, kept, writing, gathering, held }: Waiting<S, C, R, F>): Durable<S, C, R, F> => ({
  newest, kept, writing, gathering, held, resumes: epoch, postponed: nothing,
})

/** Begins with a state that is durable. */
export const kept = <S, C, R, F>(state: S): Durable<S, C, R, F> => idle(state, epoch, nothing)

const link = <A>(before: Chain<A> | undefined, item: A): Chain<A> => ({ item, before })

/* eslint-disable functional/no-let, functional/no-loop-statements, functional/immutable-data, no-restricted-syntax -- a recursion as deep as the
   chain, which a stalled disk makes tens of thousands long, would exhaust the stack */
/** Oldest first. */
const inOrder = <A>(chain: Chain<A> | undefined): ReadonlyArray<A> => {
  const items: A[] = []
  for (let rest = chain; rest !== undefined; rest = rest.before) items.push(rest.item)
  return items.reverse()
}
/* eslint-enable functional/no-let, functional/no-loop-statements, functional/immutable-data, no-restricted-syntax */

/** One after the other, each in the state that the one before it left. */
const inTurn = <A, S, C, R, F>(items: ReadonlyArray<A>, first: Durable<S, C, R, F>, next: (d: Durable<S, C, R, F>, item: A) => Step<S, C, R, F>): Step<S, C, R, F> => {
  type Done = { readonly state: Durable<S, C, R, F>; readonly effects: Chain<Append<C> | Release<R, F>> | undefined }
  const { state, effects } = items.reduce<Done>((so, item) => {
    const step = next(so.state, item)
    return { state: step.state, effects: step.effects.reduce<Done['effects']>(link, so.effects) }
  }, { state: first, effects: undefined })
  return act(state, inOrder(effects))
}

/** What is put off, without what this command, which changes nothing, is about too: it is so already. */
const stillPostponed = <S, C, R, F>({ journaling }: Inner<S, C, R, F>, { kept: last, postponed }: Durable<S, C, R, F>, input: Stamped<C>): Durable<S, C, R, F>['postponed'] => {
  if (roll.size(postponed) === 0) return postponed
  const instead = journaling.instead(last, input)
  return isLeft(instead) ? roll.remove(postponed, instead.left) : postponed
}

/** Nobody waits, and nothing is done. */
const isSilent = <R, F>({ effects, response }: Pick<Transition<unknown, R, F>, 'effects' | 'response'>): boolean => effects.length === 0 && option.isNone(response)

type Told<C, R, F> = Pick<Held<C, R, F>, 'input' | 'effects' | 'response'>

const release = <C, R, F>({ input: { by }, effects, response }: Told<C, R, F>): Release<R, F> => ({ _tag: 'Release', by, effects, response })

const releases = <C, R, F>(steps: ReadonlyArray<Told<C, R, F>>): ReadonlyArray<Release<R, F>> => steps.filter((step) => !isSilent(step)).map(release)

const recordsOf = <C, R, F>(steps: ReadonlyArray<Held<C, R, F>>): ReadonlyArray<Stamped<C>> =>
  steps.filter(({ isRecord }) => isRecord).map(({ input }) => input)

/** Somebody outside, who asks again. */
const isClient = ({ by }: Stamped<unknown>): boolean => by._tag === 'Classic' || by._tag === 'Key'

/** The machine within, and what is known of it. */
interface Inner<S, C, R, F> {
  readonly machine: Machine<S, C, R, F>
  readonly journaling: Journaling<S, C, R, F>
}

/** What gathered is written, unless something is. */
const begin = <S, C, R, F>({ journaling }: Inner<S, C, R, F>, step: Step<S, C, R, F>): Step<S, C, R, F> => {
  const { newest, kept: last, writing, gathering, held } = step.state
  if (writing !== undefined || gathering === undefined) return step
  const append: Append<C> = { _tag: 'Append', records: recordsOf(inOrder(gathering)), position: journaling.position(newest) }
  return act(waiting({ newest, kept: last, writing: { steps: gathering, after: newest }, gathering: undefined, held }), [...step.effects, append])
}

/** The batch is durable: the next one is begun, and whoever waited for this one is told. */
const onWritten = <S, C, R, F>(inner: Inner<S, C, R, F>, d: Durable<S, C, R, F>): Step<S, C, R, F> => {
  const { newest, writing, gathering, held } = d
  if (writing === undefined) return act(d)
  const steps = inOrder(writing.steps)
  const next = begin(inner, act(waiting({ newest, kept: writing.after, writing: undefined, gathering, held: held - steps.length })))
  return act(next.state, [...next.effects, ...releases(steps)])
}

/** Nothing is written, and this cannot be either. */
const undone = <S, C, R, F>({ journaling }: Inner<S, C, R, F>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> => {
  const instead = journaling.instead(d.kept, input)
  if (isLeft(instead)) return act({ ...d, postponed: roll.set(d.postponed, instead.left, input) })
  const { state, effects, response } = instead.right
  return act(idle(state, d.resumes, d.postponed), releases([{ input, effects, response }]))
}

/** As many wait as may: whoever asked is told so at once. */
const turnedAway = <S, C, R, F>({ journaling }: Inner<S, C, R, F>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> => {
  const instead = journaling.instead(d.kept, input)
  return act(d, isLeft(instead) ? [] : releases([{ input, ...instead.right }]))
}

/** With a step that is a record, or waits for the one before it. */
const holding = <S, C, R, F>({ kept: last, writing, gathering, held }: Durable<S, C, R, F>, step: Held<C, R, F>, newest: S): Durable<S, C, R, F> =>
  step.isRecord || writing === undefined || gathering !== undefined
    ? waiting({ newest, kept: last, writing, gathering: link(gathering, step), held: held + 1 })
    : waiting({ newest, kept: last, writing: { steps: link(writing.steps, step), after: newest }, gathering, held: held + 1 })

const decide = <S, C, R, F>(inner: Inner<S, C, R, F>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> => {
  const { state, response, effects } = inner.machine.reduce(d.newest, input)
  const isRecord = inner.journaling.position(state) > inner.journaling.position(d.newest)
  if (isRecord && input.at < d.resumes) return undone(inner, d, input)
  const step: Held<C, R, F> = { input, effects, response, isRecord }
  if (!isRecord && d.writing === undefined && d.gathering === undefined) return act(idle(state, d.resumes, stillPostponed(inner, d, input)), isSilent(step) ? [] : [release(step)])
  if (!isClient(input)) return act(holding(d, step, state))
  // whom nobody answers need not wait, and a flood of these keeps nobody else from waiting
  if (!isRecord && isSilent(step)) return act(d)
  return d.held < limits.stepsHeld ? act(holding(d, step, state)) : turnedAway(inner, d, input)
}

/** Nothing since the last durable record has happened. Who asked from outside is told so; what the program or its operator gave is decided anew. */
const onUnwritten = <S, C, R, F>(inner: Inner<S, C, R, F>, d: Durable<S, C, R, F>, at: Instant): Step<S, C, R, F> => {
  if (d.writing === undefined) return act(d)
  const steps = [...inOrder(d.writing.steps), ...inOrder(d.gathering)]
  const back = idle<S, C, R, F>(d.kept, after(at, limits.storeRetryMs), nothing)
  return inTurn(steps, back, (so, { input }) => (isClient(input) ? undone : decide)(inner, so, { ...input, at }))
}

/** The gate opens: what was put off comes first. */
const resumed = <S, C, R, F>(inner: Inner<S, C, R, F>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> => {
  const again = roll.values(d.postponed).map((one) => ({ ...one, at: input.at }))
  return inTurn([...again, input], kept<S, C, R, F>(d.kept), (so, one) => decide(inner, so, one))
}

const onCommand = <S, C, R, F>(inner: Inner<S, C, R, F>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> =>
  begin(inner, d.resumes > epoch && input.at >= d.resumes ? resumed(inner, d, input) : decide(inner, d, input))

type DurableMachine<S, C, R, F> = Machine<Durable<S, C, R, F>, C | Written | Unwritten, never, Append<C> | Release<R, F>>

/** `machine`, whose steps are told when they are durable. `Written` and `Unwritten` are heeded by `Self` only, and while a batch is under way. */
export const durable = <S, C extends { readonly _tag: string }, R, F>(machine: Machine<S, C, R, F>, journaling: Journaling<S, C, R, F>): DurableMachine<S, C, R, F> => {
  const isWord = (command: C | Written | Unwritten): command is Written | Unwritten => command._tag === 'Written' || command._tag === 'Unwritten'
  const inner = { machine, journaling }
  return {
    reduce: (d, { at, by, command }) => {
      if (!isWord(command)) return onCommand(inner, d, { at, by, command })
      if (by._tag !== 'Self') return act(d)
      return command._tag === 'Written' ? onWritten(inner, d) : onUnwritten(inner, d, at)
    },
    wake: machine.wake,
    // not before `resumes`: what it wakes for could be a record, and would be due again at once
    wakeAt: ({ newest, resumes, postponed }) =>
      roll.size(postponed) > 0 ? option.some(resumes) : option.map((at: Instant) => latest(at, resumes))(machine.wakeAt(newest)),
    violations: (d) => [...machine.violations(d.newest), ...disagreements(journaling, d)],
  }
}

/** D1, D2, D8 and D10, as far as a state can show them. */
const disagreements = <S, C, R, F>({ position }: Journaling<S, C, R, F>, d: Durable<S, C, R, F>): ReadonlyArray<Violation> => {
  const { newest, kept: last, writing, gathering, held, postponed } = d
  const steps = [...inOrder(writing?.steps), ...inOrder(gathering)]
  const isSettled = writing === undefined ? gathering === undefined && newest === last : gathering !== undefined || newest === writing.after
  return [
    ...(isSettled ? [] : [{ rule: 'D1', what: 'something is not durable, and nobody writes it' }]),
    ...(position(newest) - position(last) === recordsOf(steps).length ? [] : [{ rule: 'D2', what: 'the records that wait are not those that the newest state has more' }]),
    ...(writing === undefined || position(writing.after) - position(last) === recordsOf(inOrder(writing.steps)).length ? [] : [{ rule: 'D2', what: 'the batch under way is not what its state has more' }]),
    ...(steps.length === held ? [] : [{ rule: 'D10', what: `${steps.length} steps wait, ${held} are counted` }]),
    ...(writing === undefined || roll.size(postponed) === 0 ? [] : [{ rule: 'D8', what: 'something is put off though the store writes' }]),
  ]
}
