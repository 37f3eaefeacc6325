// A plan: everything that is to happen in one run, as data. It is drawn from a seed and options, it is JSON, and it can be made smaller: a failing
// run is shrunk by leaving out of its plan what it does not need (`shrink`), and what is left is kept for ever.
//
// What is not in it is drawn, while the world runs, from `dice`: which datagram is lost, how long another takes.
import { dice } from '../model/link.js'
import { perfidies, type Perfidy } from './perfidies.js'
import { givingTricks, tricks, type Trick } from './tricks.js'
import type { Options, Skies, Span } from './options.js'

/** Members count from 1; 0 is the server. Instants are ms of real time since the beginning. */
export type Fault =
  /** from then on, after that many effects more, it dies; it is back `goneMs` later, its wall clock moved by `jumpMs` */
  | { readonly _tag: 'Crash'; readonly at: number; readonly who: number; readonly effects: number; readonly goneMs: number; readonly jumpMs: number }
  /** whoever begins that message dies so many effects after */
  | { readonly _tag: 'Strike'; readonly message: number; readonly effects: number; readonly goneMs: number }
  | { readonly _tag: 'Pause'; readonly at: number; readonly who: number; readonly ms: number }
  | { readonly _tag: 'Sleep'; readonly at: number; readonly who: number; readonly ms: number }
  /** what these send to anybody else is lost, and the other way round where it is `mutual` */
  | { readonly _tag: 'Cut'; readonly at: number; readonly ms: number; readonly side: ReadonlyArray<number>; readonly mutual: boolean }
  /** its datagrams, in and out, are held back, and then come all at once */
  | { readonly _tag: 'Clog'; readonly at: number; readonly who: number; readonly ms: number }
  /** it asks to leave the list, and later to join it again; `waits`: by tickets; `detached`: nobody asks what came of that of the join */
  | { readonly _tag: 'Move'; readonly at: number; readonly who: number; readonly ms: number; readonly waits?: boolean; readonly detached?: boolean }
  /** the operator ends the oldest message of whoever that is */
  | { readonly _tag: 'Force'; readonly at: number; readonly who: number }
  /** the operator ends all messages of the list */
  | { readonly _tag: 'Unlock'; readonly at: number }
  /** it asks for nothing that it has missed, and gives nothing, for a while; or takes no message */
  | { readonly _tag: 'Apart'; readonly at: number; readonly who: number; readonly ms: number }
  | { readonly _tag: 'Mute'; readonly at: number; readonly who: number; readonly ms: number }

/** Somebody sends a text of so many bytes; or sends an earlier one again to whoever gave no receipt. */
export interface Message {
  readonly at: number
  readonly from: number
  readonly bytes: number
  /** which of the earlier ones, by number */
  readonly again: number | undefined
}

/** A member that breaks the rules. */
export interface Rogue {
  readonly who: number
  readonly trick: Trick
}

export interface Plan {
  /** of whatever the world draws */
  readonly dice: number
  readonly members: number
  readonly skies: Skies
  /** how fast each process's clock runs, the server's first */
  readonly rates: ReadonlyArray<number>
  readonly messages: ReadonlyArray<Message>
  readonly faults: ReadonlyArray<Fault>
  readonly rogues: ReadonlyArray<Rogue>
  readonly stormMs: number
  /** members whose address changes again and again; machines under load; how the server lies, if it does. Kept plans may be older than these */
  readonly rebinders?: ReadonlyArray<number>
  readonly burdened?: ReadonlyArray<number>
  readonly perfidy?: Perfidy
}

type Chance = () => number

const whole = (chance: Chance, [least, most]: Span): number => least + Math.floor(chance() * (most - least + 1))

const milderSkies = (chance: Chance, skies: Skies): Skies => ({
  ...skies,
  loss: skies.loss * chance(),
  duplication: skies.duplication * chance(),
  corruption: skies.corruption * chance(),
  tail: skies.tail * chance(),
  delayMs: [skies.delayMs[0], Math.round(skies.delayMs[0] + (skies.delayMs[1] - skies.delayMs[0]) * chance())],
  reordering: skies.reordering && chance() < 0.7,
})

/** Somebody of the members, or the server. */
const anybody = (chance: Chance, members: number): number => whole(chance, [0, members])

const many = <A>(chance: Chance, span: Span, make: () => A): ReadonlyArray<A> => Array.from({ length: whole(chance, span) }, make)

const sideOf = (chance: Chance, members: number): ReadonlyArray<number> => {
  const share = chance()
  const side = Array.from({ length: members + 1 }, (_, i) => i).filter(() => chance() < share)
  return side.length === 0 || chance() < 0.25 ? [whole(chance, [1, members])] : side
}

/** A few in a thousand faults strike at the same moment as another: trouble comes in company. */
const faultsOf = (chance: Chance, options: Options, members: number, messages: ReadonlyArray<Message>): ReadonlyArray<Fault> => {
  const { stormMs } = options
  const instant = (): number => {
    const near = messages[Math.floor(chance() * messages.length)]
    return near !== undefined && chance() < 0.7 ? near.at + whole(chance, [0, 1500]) : whole(chance, [0, stormMs])
  }
  const who = (): number => whole(chance, [1, members])
  const effects = (): number => whole(chance, [0, options.boundary])
  return [
    ...many(chance, options.crashes, (): Fault =>
      chance() < options.initiators
        ? { _tag: 'Strike', message: Math.floor(chance() * messages.length), effects: effects(), goneMs: whole(chance, options.goneMs) }
        : { _tag: 'Crash', at: instant(), who: who(), effects: effects(), goneMs: whole(chance, options.goneMs), jumpMs: 0 },
    ),
    ...many(chance, options.serverCrashes, (): Fault => ({
      _tag: 'Crash', at: instant(), who: 0, effects: effects(), goneMs: whole(chance, options.serverGoneMs), jumpMs: chance() < 0.5 ? 0 : whole(chance, options.jumpMs),
    })),
    ...many(chance, options.pauses, (): Fault => ({ _tag: 'Pause', at: instant(), who: anybody(chance, members), ms: whole(chance, options.pauseMs) })),
    ...many(chance, options.sleeps, (): Fault => ({ _tag: 'Sleep', at: instant(), who: who(), ms: whole(chance, options.sleepMs) })),
    ...many(chance, options.partitions, (): Fault => ({
      _tag: 'Cut', at: instant(), ms: whole(chance, options.partitionMs), side: sideOf(chance, members), mutual: chance() >= options.oneWay,
    })),
    ...many(chance, options.clogs, (): Fault => ({ _tag: 'Clog', at: instant(), who: anybody(chance, members), ms: whole(chance, options.clogMs) })),
    ...many(chance, options.moves, (): Fault => ({ _tag: 'Move', at: instant(), who: who(), ms: whole(chance, options.moveMs) })),
    ...many(chance, options.forces, (): Fault => {
      const message = messages[Math.floor(chance() * messages.length)]
      return { _tag: 'Force', at: (message?.at ?? 0) + whole(chance, [50, 2500]), who: message?.from ?? 1 }
    }),
    ...many(chance, options.mutes, (): Fault => ({ _tag: 'Mute', at: instant(), who: who(), ms: whole(chance, options.muteMs) })),
  ]
}

/** Of so many one has a ring of any size, as likely as any other; all others have a small one. */
const anySizeEvery = 8
/** sizes of small rings */
const smallSizes = 10

/** Small rings are as interesting as large ones, and cheaper. */
const membersOf = (chance: Chance, [least, most]: Span): number =>
  chance() < 1 / anySizeEvery ? whole(chance, [least, most]) : least + Math.floor(chance() ** 2 * Math.min(smallSizes, most - least + 1))

const messagesOf = (chance: Chance, options: Options, members: number): ReadonlyArray<Message> => {
  const { textBytes: [least, most] } = options
  const count = whole(chance, options.messages)
  const starts = Array.from({ length: count }, () => whole(chance, [0, Math.max(0, options.stormMs - 5000)])).sort((a, b) => a - b)
  return starts.map((at, i) => ({
    at,
    from: whole(chance, [1, members]),
    bytes: whole(chance, [least, chance() < options.long ? most : Math.min(most, 200)]),
    again: i > 2 && chance() < 0.15 ? Math.floor(chance() * i) : undefined,
  }))
}

/** Where somebody catches up there is more to do for them. */
const roguesOf = (chance: Chance, { rogues, catchesUp }: Options, members: number): ReadonlyArray<Rogue> => {
  const all: ReadonlyArray<Trick> = catchesUp ? [...tricks, ...givingTricks, ...givingTricks] : tricks
  return many(chance, [Math.min(rogues[0], members - 2), Math.min(rogues[1], members - 2)], (): Rogue => ({
    who: whole(chance, [1, members]), trick: all[Math.floor(chance() * all.length)] ?? 'alters',
  }))
}

const waiting = (chance: Chance, { waits }: Options, fault: Fault): Fault => (fault._tag === 'Move' && waits > 0 ? { ...fault, waits: chance() < waits } : fault)

const detaching = (chance: Chance, { detached }: Options, fault: Fault): Fault => (fault._tag === 'Move' && detached > 0 ? { ...fault, detached: chance() < detached } : fault)

/** The same for the same seed and options. */
export const planOf = (seed: number, options: Options): Plan => {
  const chance = dice(Math.imul(seed, 0x9e3779b1) ^ 0x5bd1e995)
  const members = membersOf(chance, options.members)
  const messages = messagesOf(chance, options, members)
  const plan: Plan = {
    dice: Math.floor(chance() * 2 ** 32),
    members,
    skies: chance() < options.milder ? milderSkies(chance, options.skies) : options.skies,
    rates: Array.from({ length: members + 1 }, () => 1 + (2 * chance() - 1) * options.drift),
    messages,
    faults: faultsOf(chance, options, members, messages),
    rogues: chance() < options.roguish ? roguesOf(chance, options, members) : [],
    stormMs: options.stormMs,
  }
  // drawn behind all else: what was drawn before them is as it was without
  const rebinders = many(chance, options.rebindings, () => whole(chance, [1, members]))
  const burdened = options.burdened === 0 ? [] : Array.from({ length: members + 1 }, (_, who) => who).filter(() => chance() < options.burdened)
  const perfidy = chance() < options.perfidious ? perfidies[Math.floor(chance() * perfidies.length)] : undefined
  const faults = [...plan.faults.map((fault) => waiting(chance, options, fault)), ...many(chance, options.unlocks, (): Fault => ({ _tag: 'Unlock', at: whole(chance, [0, options.stormMs]) }))]
  const aparts = many(chance, options.aparts, (): Fault => ({ _tag: 'Apart', at: whole(chance, [0, options.stormMs]), who: whole(chance, [1, members]), ms: whole(chance, options.muteMs) }))
  return { ...plan, faults: [...faults.map((fault) => detaching(chance, options, fault)), ...aparts], rebinders, burdened, ...(perfidy === undefined ? {} : { perfidy }) }
}
