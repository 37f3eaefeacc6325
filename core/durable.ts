// Nothing is told before it is durable: a machine around another one, which journals what the inner one does. It knows no disk: the store's
// word comes in as a command, what the store is to do goes out as an effect.
//
//   command ──inner machine──> step ──its position grew──> gathered ──Append──> the store writes one batch at a time
//                               │                                                      │
//                               └──held, in order, also where nothing grew──> Release <──┴── Written, or Unwritten
//
// A step that follows an unwritten one could have seen it, so it waits too, also when it only asks; where nothing is unwritten, nobody waits. While
// a batch is written the next one gathers: a slow disk makes larger batches, not fewer commands a second (group commit).
//
// A batch that is not written, and everything since, has not happened: the state is the last durable one, and whoever asked is told to ask
// again. What the program itself noted beside the journal is noted again.
import * as option from 'fp-ts/lib/Option.js'
import { after, epoch, latest, type Instant } from './time.js'
import { limits } from './limits.js'
import { act, type Machine, type Stamped, type Transition, type Violation } from './transition.js'
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

/** Steps, newest first: one more costs the same however many wait. */
interface Chain<A> {
  readonly item: A
  readonly before: Chain<A> | undefined
}

interface Batch<S, C, R, F> {
  readonly steps: Chain<Held<C, R, F>>
  /** the state behind the last of them */
  readonly after: S
}

export interface Durable<S, C, R, F> {
  /** behind every command */
  readonly newest: S
  /** behind the last durable record, with all that needs none: what is told of at most, and what a failure goes back to */
  readonly kept: S
  /** what the store is writing */
  readonly writing: Batch<S, C, R, F> | undefined
  /** what came since; `undefined` while nothing is written */
  readonly gathering: Chain<Held<C, R, F>> | undefined
  /** steps in both */
  readonly held: number
  /** nothing is written before: the last batch failed a moment ago */
  readonly resumes: Instant
}

/** What the transformer must know of the inner machine. */
export interface Journaling<S, C, R> {
  /** counts the commands that belong into the journal; 0 or 1 more with each step */
  readonly position: (state: S) => number
  /** what whoever asked is told when it has not happened and may be asked again; `kept` is the state */
  readonly busy: (kept: S, input: Stamped<C>) => option.Option<R>
}

type Step<S, C, R, F> = Transition<Durable<S, C, R, F>, never, Append<C> | Release<R, F>>

/** Begins with a state that is durable. */
export const kept = <S, C, R, F>(state: S): Durable<S, C, R, F> => ({
  newest: state, kept: state, writing: undefined, gathering: undefined, held: 0, resumes: epoch,
})

/* eslint-disable functional/no-let, functional/no-loop-statements, functional/immutable-data, no-restricted-syntax -- a recursion as deep as the
   chain, which a stalled disk makes tens of thousands long, would exhaust the stack */
/** Oldest first. */
const inOrder = <A>(chain: Chain<A> | undefined): ReadonlyArray<A> => {
  const items: A[] = []
  for (let link = chain; link !== undefined; link = link.before) items.push(link.item)
  return items.reverse()
}
/* eslint-enable functional/no-let, functional/no-loop-statements, functional/immutable-data, no-restricted-syntax */

const released = <C, R, F>({ input: { by }, effects, response }: Held<C, R, F>): Release<R, F> => ({ _tag: 'Release', by, effects, response })

/** Nobody waits, and nothing is done. */
const isSilent = <C, R, F>({ effects, response }: Held<C, R, F>): boolean => effects.length === 0 && option.isNone(response)

const releases = <C, R, F>(steps: ReadonlyArray<Held<C, R, F>>): ReadonlyArray<Release<R, F>> => steps.filter((step) => !isSilent(step)).map(released)

const recordsOf = <C, R, F>(steps: ReadonlyArray<Held<C, R, F>>): ReadonlyArray<Stamped<C>> =>
  steps.filter(({ isRecord }) => isRecord).map(({ input }) => input)

/** What gathered is written now; where it only asks, it sees what is durable and is told. */
const begin = <S, C, R, F>({ position }: Journaling<S, C, R>, d: Durable<S, C, R, F>): Step<S, C, R, F> => {
  if (d.gathering === undefined) return act({ ...d, kept: d.newest })
  const steps = inOrder(d.gathering)
  const records = recordsOf(steps)
  if (records.length === 0) return act({ ...d, kept: d.newest, gathering: undefined, held: d.held - steps.length }, ...releases(steps))
  const writing = { steps: d.gathering, after: d.newest }
  return act({ ...d, writing, gathering: undefined }, { _tag: 'Append', records, position: position(d.newest) })
}

/** The batch is durable: the next one is begun, and whoever waited for this one is told. */
const onWritten = <S, C, R, F>(journaling: Journaling<S, C, R>, d: Durable<S, C, R, F>): Step<S, C, R, F> => {
  if (d.writing === undefined) return act(d)
  const steps = inOrder(d.writing.steps)
  const next = begin(journaling, { ...d, kept: d.writing.after, writing: undefined, held: d.held - steps.length })
  const isWriting = next.state.writing !== undefined
  return act(next.state, ...(isWriting ? [...next.effects, ...releases(steps)] : [...releases(steps), ...next.effects]))
}

/** Somebody outside, who asks again. */
const isClient = ({ _tag }: Actor): boolean => _tag === 'Classic' || _tag === 'Key'

const refused = <S, C, R, F>({ busy }: Journaling<S, C, R>, state: S, input: Stamped<C>): ReadonlyArray<Release<R, F>> =>
  releases<C, R, F>([{ input, effects: [], response: busy(state, input), isRecord: false }])

/** Nothing since the last durable record has happened. What the program or its operator brought beside the journal is done again. */
const onUnwritten = <S, C, R, F>(machine: Machine<S, C, R, F>, journaling: Journaling<S, C, R>, d: Durable<S, C, R, F>, at: Instant): Step<S, C, R, F> => {
  if (d.writing === undefined) return act(d)
  const steps = [...inOrder(d.writing.steps), ...inOrder(d.gathering)]
  const isUndone = ({ input, isRecord }: Held<C, R, F>): boolean => isRecord || isClient(input.by)
  const told = steps.filter(isUndone).flatMap(({ input }) => refused<S, C, R, F>(journaling, d.kept, input))
  return steps.filter((step) => !isUndone(step)).reduce<Step<S, C, R, F>>((so, { input }) => {
    const again = decide(machine, journaling, so.state, input)
    return act(again.state, ...so.effects, ...again.effects)
  }, act({ ...kept(d.kept), resumes: after(at, limits.storeRetryMs) }, ...told))
}

const decide = <S, C, R, F>(machine: Machine<S, C, R, F>, journaling: Journaling<S, C, R>, d: Durable<S, C, R, F>, input: Stamped<C>): Step<S, C, R, F> => {
  if (d.held >= limits.stepsHeld && isClient(input.by)) return act(d, ...refused<S, C, R, F>(journaling, d.kept, input))
  const { state, response, effects } = machine.reduce(d.newest, input)
  const isRecord = journaling.position(state) > journaling.position(d.newest)
  if (isRecord && input.at < d.resumes) return act(d, ...refused<S, C, R, F>(journaling, d.kept, input))
  const step: Held<C, R, F> = { input, effects, response, isRecord }
  if (!isRecord && d.writing === undefined) return act({ ...d, newest: state, kept: state }, ...releases([step]))
  const next = { ...d, newest: state, gathering: { item: step, before: d.gathering }, held: d.held + 1 }
  return d.writing === undefined ? begin(journaling, next) : act(next)
}

type DurableMachine<S, C, R, F> = Machine<Durable<S, C, R, F>, C | Written | Unwritten, never, Append<C> | Release<R, F>>

/** `machine`, whose steps are told when they are durable. `Written` and `Unwritten` are heeded by `Self` only, and while a batch is under way. */
export const durable = <S, C extends { readonly _tag: string }, R, F>(machine: Machine<S, C, R, F>, journaling: Journaling<S, C, R>): DurableMachine<S, C, R, F> => {
  const isWord = (command: C | Written | Unwritten): command is Written | Unwritten => command._tag === 'Written' || command._tag === 'Unwritten'
  return {
    reduce: (d, { at, by, command }) => {
      if (!isWord(command)) return decide(machine, journaling, d, { at, by, command })
      if (by._tag !== 'Self') return act(d)
      return command._tag === 'Written' ? onWritten(journaling, d) : onUnwritten(machine, journaling, d, at)
    },
    wake: machine.wake,
    wakeAt: ({ newest, resumes }) => option.map((at: Instant) => latest(at, resumes))(machine.wakeAt(newest)),
    violations: (d) => [...machine.violations(d.newest), ...disagreements(journaling, d)],
  }
}

/** D1 and D2, as far as a state can show them. */
const disagreements = <S, C, R, F>({ position }: Journaling<S, C, R>, { newest, kept: last, writing, gathering, held }: Durable<S, C, R, F>): ReadonlyArray<Violation> => {
  const steps = [...inOrder(writing?.steps), ...inOrder(gathering)]
  const isSettled = writing !== undefined || (gathering === undefined && newest === last)
  return [
    ...(isSettled ? [] : [{ rule: 'D1', what: 'something waits, or is not durable, and nothing is being written' }]),
    ...(position(newest) - position(last) === recordsOf(steps).length ? [] : [{ rule: 'D2', what: 'the records that wait are not those that the newest state has more' }]),
    ...(steps.length === held ? [] : [{ rule: 'D2', what: `${steps.length} steps wait, ${held} are counted` }]),
  ]
}
