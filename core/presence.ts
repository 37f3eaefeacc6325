// Who is there: a machine beside the directory, which is told whom the channel hears and whom co-members miss, and judges each contact with a key.
// Only its judgements go into the directory and its journal; what it judges by is of this process and ends with it.
//
//         ┌─────────────────────────heard───────────────────────────────┐
//         v                                                             │
//       alive ──missed by a co-member──> suspect ──probes of 3 s, all of them unanswered──> away ──heard──> alive
//         └──────────────────────────────────75 s without a record──────────────────────────────^
//
// Silence counts while we listen: for 75 s after a start, after a sleep, and after standing still, nobody becomes suspect or away.
import * as t from 'io-ts'
import * as option from 'fp-ts/lib/Option.js'
import * as agenda from './agenda.js'
import * as knocks from './knocks.js'
import * as table from './table.js'
import { limits } from './limits.js'
import { after, earliest, epoch, latest, type Instant } from './time.js'
import { act, follow, type Machine, type Transition, type Violation } from './transition.js'
import type { PublicKey } from './keys.js'
import type { Knock as KnockFrame } from './wire/sealed/frame.js'

export const Presence = t.keyof({ alive: null, suspect: null, away: null })
export type Presence = t.TypeOf<typeof Presence>

/** Given by `Self`, all of it. */
export type Command =
  /** the program has started: these are its contacts, as the directory has them, and nobody else is */
  | { readonly _tag: 'Start'; readonly contacts: ReadonlyArray<{ readonly key: PublicKey; readonly presence: Presence }> }
  /** the machine was asleep, and heard nobody */
  | { readonly _tag: 'Slept' }
  /** a process has registered with that key, a moment ago */
  | { readonly _tag: 'Known'; readonly key: PublicKey }
  /** the key is no contact's any more */
  | { readonly _tag: 'Gone'; readonly key: PublicKey }
  /** an authentic record of that key has come */
  | { readonly _tag: 'Heard'; readonly key: PublicKey }
  /** a co-member had no answer from it */
  | { readonly _tag: 'Missed'; readonly key: PublicKey }
  /** a co-member looks for it */
  | { readonly _tag: 'Sought'; readonly key: PublicKey; readonly knock: KnockFrame }
  | { readonly _tag: 'Wake' }

export const wake: Command = { _tag: 'Wake' }

/** Ask that key for a sign of life; any record of it is one. `again`: those of a second are unanswered, so a hello goes along. */
export interface Probe {
  readonly _tag: 'Probe'
  readonly key: PublicKey
  readonly again: boolean
}

/** It is so from now on. */
export interface Judge {
  readonly _tag: 'Judge'
  readonly key: PublicKey
  readonly presence: Presence
}

/** Tell that key who looks for it (V13). */
export interface Knock {
  readonly _tag: 'Knock'
  readonly key: PublicKey
  readonly knock: KnockFrame
}

export type Effect = Probe | Judge | Knock

interface Watched {
  readonly presence: Presence
  /** the newest record; of a contact that was there at the start, the start */
  readonly heard: Instant
  /** when a co-member's word about it was taken last */
  readonly missed: Instant | undefined
  /** that it was told of, of the last `limits.helloSpanMs` */
  readonly knocks: ReadonlyArray<knocks.Knocked>
  /** since then, unanswered; 1 to `limits.probes` while suspect */
  readonly probes: number
  /** when the next probe is due, or the last one has been in vain; while suspect */
  readonly next: Instant
  /** when it is looked at; at its deadline or before it. `undefined` while away */
  readonly look: Instant | undefined
}

export interface State {
  readonly at: Instant
  /** nobody is judged suspect or away before */
  readonly judges: Instant
  readonly contacts: table.Table<PublicKey, Watched>
  /** all `look`s */
  readonly looks: agenda.Agenda
}

export const initial: State = { at: epoch, judges: epoch, contacts: table.empty(), looks: agenda.empty }

type Step = Transition<State, never, Effect>

const step = act<State, Effect>
const then = follow<State, Effect>

const alive = (heard: Instant, missed: Instant | undefined, knocked: Watched['knocks'] = []): Watched =>
  ({ presence: 'alive', heard, missed, knocks: knocks.recent(knocked, heard), probes: 0, next: epoch, look: undefined })

/** When it is due to be judged, or probed. */
const deadline = ({ judges }: State, { presence, heard, next }: Watched): Instant | undefined => {
  const silent = after(heard, limits.awayAfterMs)
  switch (presence) {
    case 'alive': return latest(silent, judges)
    case 'suspect': return latest(earliest(silent, next), judges)
    case 'away': return undefined
  }
}

const without = ({ looks }: State, key: PublicKey, look: Instant | undefined): agenda.Agenda => (look === undefined ? looks : agenda.remove(looks, { at: look, id: key }))

/** Field by field, here and below: a copy of a copy by `...` has another shape in the engine each time, and all that reads or changes it is slow (measured). */
const changed = ({ at, judges, contacts, looks }: State, change: Partial<State>): State => ({ at, judges, contacts, looks, ...change })

const watchedWith = ({ presence, heard: since, missed: told, knocks: all, probes, next, look: at }: Watched, change: Partial<Watched>): Watched => ({
  presence, heard: since, missed: told, knocks: all, probes, next, look: at, ...change,
})

/** The contact is this now. Whoever is heard again and again is looked at when it would have been due before: the deadline is moved then. */
const put = (state: State, key: PublicKey, watched: Watched): State => {
  const { at, judges, contacts } = state
  const look = table.get(contacts, key)?.look
  const due = deadline(state, watched)
  if (look !== undefined && due !== undefined && look <= due && look > at) return { at, judges, contacts: table.set(contacts, key, watchedWith(watched, { look })), looks: state.looks }
  const rest = without(state, key, look)
  return { at, judges, contacts: table.set(contacts, key, watchedWith(watched, { look: due })), looks: due === undefined ? rest : agenda.add(rest, { at: due, id: key }) }
}

const judge = (key: PublicKey, presence: Presence): Judge => ({ _tag: 'Judge', key, presence })

/** Nobody is judged for a while: what was not heard until now says nothing. */
const frozen = (state: State): State => changed(state, { judges: after(state.at, limits.awayAfterMs) })

const start = (before: State, contacts: Extract<Command, { readonly _tag: 'Start' }>['contacts']): State => {
  const state = frozen(before)
  const watchedAt = (place: number): Watched => {
    const presence = contacts[place]?.presence ?? 'alive'
    return watchedWith(alive(state.at, undefined), { presence, look: presence === 'away' ? undefined : state.judges })
  }
  const looks = contacts.filter(({ presence }) => presence !== 'away').map(({ key }) => ({ at: state.judges, id: key }))
  return changed(state, { contacts: table.from(contacts.map(({ key }) => key), watchedAt), looks: agenda.from(looks) })
}

const heard = (state: State, key: PublicKey, watched: Watched): Step => {
  const now = put(state, key, alive(state.at, watched.missed, watched.knocks))
  return watched.presence === 'alive' ? step(now) : step(now, judge(key, 'alive'))
}

const gone = (state: State, key: PublicKey): State => {
  const watched = table.get(state.contacts, key)
  return watched === undefined ? state : changed(state, { contacts: table.remove(state.contacts, key), looks: without(state, key, watched.look) })
}

/** One probe more. */
const probed = (state: State, key: PublicKey, watched: Watched): Step =>
  step(put(state, key, watchedWith(watched, { probes: watched.probes + 1, next: after(state.at, limits.probeMs) })), { _tag: 'Probe', key, again: watched.probes > 0 && watched.probes % limits.probesAHello === 0 })

/** A co-member's word counts once in a while, so that nobody makes the journal grow by it. */
const missed = (state: State, key: PublicKey, watched: Watched): Step => {
  const isTold = watched.missed !== undefined && state.at < after(watched.missed, limits.suspectMs)
  if (watched.presence !== 'alive' || isTold || state.at < state.judges) return step(state)
  return then(step(state, judge(key, 'suspect')), (now) => probed(now, key, watchedWith(watched, { presence: 'suspect', missed: now.at })))
}

/** Its time has come: probed once more, or away; or it was heard meanwhile. */
const looked = (state: State, key: PublicKey, watched: Watched): Step => {
  const due = deadline(state, watched)
  if (due === undefined || due > state.at) return step(put(state, key, watched))
  const isSilent = after(watched.heard, limits.awayAfterMs) <= state.at
  if (watched.presence === 'suspect' && !isSilent && watched.probes < limits.probes) return probed(state, key, watched)
  return step(put(state, key, watchedWith(watched, { presence: 'away', knocks: knocks.recent(watched.knocks, state.at), probes: 0 })), judge(key, 'away'))
}

/** All that is due; of much only so much at once, so that whoever asks meanwhile need not wait. */
const look = (before: State, most: number): Step => {
  const due = agenda.soonest(before.looks)
  const watched = most === 0 || due === undefined || due.at > before.at ? undefined : table.get(before.contacts, due.id as PublicKey)
  return due === undefined || watched === undefined ? step(before) : then(looked(before, due.id as PublicKey, watched), (state) => look(state, most - 1))
}

/** Told to whoever is there, as often as may be. */
const sought = (state: State, key: PublicKey, watched: Watched, knock: KnockFrame): Step => {
  const told = watched.presence === 'away' ? undefined : knocks.taken(watched.knocks, { by: knock.by, at: state.at })
  return told === undefined ? step(state) : step(changed(state, { contacts: table.set(state.contacts, key, watchedWith(watched, { knocks: told })) }), { _tag: 'Knock', key, knock })
}

const about = (state: State, key: PublicKey, next: (state: State, key: PublicKey, watched: Watched) => Step): Step => {
  const watched = table.get(state.contacts, key)
  return watched === undefined ? step(state) : next(state, key, watched)
}

const decide = (state: State, command: Command): Step => {
  switch (command._tag) {
    case 'Start': return step(start(state, command.contacts))
    case 'Slept': return step(frozen(state))
    // whoever knocked before knocked at an earlier process
    case 'Known': return heard(state, command.key, watchedWith(table.get(state.contacts, command.key) ?? alive(state.at, undefined), { knocks: [] }))
    case 'Gone': return step(gone(state, command.key))
    case 'Heard': return about(state, command.key, heard)
    case 'Missed': return about(state, command.key, missed)
    case 'Sought': return about(state, command.key, (now, key, watched) => sought(now, key, watched, command.knock))
    case 'Wake': return look(state, limits.judgedAtOnce)
  }
}

/** Whoever was to look at somebody long ago, and did not, stood still, and has heard nobody meanwhile. */
const isLate = ({ looks }: State, at: Instant): boolean => {
  const due = agenda.first(looks)
  return due !== undefined && at >= after(due, limits.stoodStillMs)
}

const broken = (holds: boolean, what: string): ReadonlyArray<Violation> => (holds ? [] : [{ rule: 'V8', what }])

const ofWatched = (state: State, key: string, { presence, heard: since, knocks: told, probes, look: at }: Watched): ReadonlyArray<Violation> => [
  ...broken(presence === 'away' ? at === undefined : at !== undefined && agenda.has(state.looks, { at, id: key }), `${key} is ${presence}, and looked at ${at === undefined ? 'never' : `at ${at}`}`),
  ...broken(probes <= (presence === 'suspect' ? limits.probes : 0), `${key} is ${presence}, and was probed ${probes} times`),
  ...broken(told.length <= limits.knocksOfAll, `${key} was told of ${told.length} knocks`),
  ...broken(since <= state.at, `${key} was heard in the future`),
]

const violations = (state: State): ReadonlyArray<Violation> => {
  const all = table.entries(state.contacts)
  const watched = all.filter(([, { presence }]) => presence !== 'away').length
  return [...broken(agenda.size(state.looks) === watched, `${agenda.size(state.looks)} are looked at, of ${watched}`), ...all.flatMap(([key, one]) => ofWatched(state, key, one))]
}

/** Begins with `initial`, and a `Start`. */
export const machine: Machine<State, Command, never, Effect> = {
  reduce: (before, { at, command }) => {
    const state = changed(before, { at: latest(before.at, at) })
    return decide(isLate(state, state.at) ? frozen(state) : state, command)
  },
  wake,
  wakeAt: ({ looks }) => option.fromNullable(agenda.first(looks)),
  violations,
}
