// The fault model, in one place: what may go wrong in a simulated world, how often, and for how long. A plan is drawn from a seed within these
// bounds (`plan`), and the world does what the plan says. Chances are from 0 to 1, each drawn for itself; spans are [least, most] in ms of real
// time, evenly spread; a number of faults is that of the whole run.
import type { Weather } from '../model/link.js'

export type Span = readonly [least: number, most: number]

/** What the network does to a datagram. On the plain wire a damaged one counts as sealed ones do: nobody opens it; on the sealed one a byte of it is
 *  another, and its receiver finds out. */
export interface Skies extends Weather {
  /** a datagram takes a time of `tailMs` instead */
  readonly tail: number
  readonly tailMs: Span
  /** a datagram to a port where nobody listens is answered by whoever is there: the system of its sender says so */
  readonly refusals: number
}

export interface Options {
  /** `plain`: frames go from machine to machine as if each two had a session. `sealed`: each machine stands behind its channel, its first session is
   *  still to be made, and what travels are datagrams in bytes */
  readonly wire: 'plain' | 'sealed'
  /** members whose address changes, without notice, every `rebindMs` */
  readonly rebindings: Span
  readonly rebindMs: number
  /** the chance of a machine to be under load whenever it is said hello to */
  readonly burdened: number
  /** the chance of a run that its server lies, in a way of its own (`perfidy`) */
  readonly perfidious: number

  /** members of the list, two at least, and messages that somebody begins */
  readonly members: Span
  readonly messages: Span
  /** bytes of a text; one of `long` many is drawn up to the highest */
  readonly textBytes: Span
  readonly long: number
  /** ms in which messages begin and faults happen; all ends well afterwards */
  readonly stormMs: number
  readonly skies: Skies
  /** whole runs, of all, in which the weather above is drawn milder: each of its chances times a number from 0 to 1 */
  readonly milder: number

  /** members, and how often they die; after which effect is drawn from 0 to `boundary`; how long they are gone */
  readonly crashes: Span
  readonly boundary: number
  readonly goneMs: Span
  /** of these, the share that strikes whoever has just begun a message */
  readonly initiators: number
  /** how often the server dies, and by how much its wall clock has jumped when it is back */
  readonly serverCrashes: Span
  readonly serverGoneMs: Span
  readonly jumpMs: Span
  /** processes, the server's too, that are stopped and go on as if nothing had been */
  readonly pauses: Span
  readonly pauseMs: Span
  /** machines that sleep: their monotonic clock stands still */
  readonly sleeps: Span
  readonly sleepMs: Span
  /** whether a program notices that it slept; false breaks an assumption, and I1 must fail */
  readonly isSleepNoticed: boolean
  /** how much faster or slower than real time a process's clock may run. Above 0.0005 it breaks an assumption, and I1 must fail */
  readonly drift: number
  /** groups that do not hear each other, or of which one does not hear the other */
  readonly partitions: Span
  readonly partitionMs: Span
  readonly oneWay: number
  /** members whose datagrams, in and out, are held back for a while and then come all at once */
  readonly clogs: Span
  readonly clogMs: Span
  /** members that leave, and join again */
  readonly moves: Span
  readonly moveMs: Span
  /** of these, the share that waits for it, by tickets, until no message is in the way */
  readonly waits: number
  /** of all of them, the share of which nobody asks what came of a join that waits */
  readonly detached: number
  /** messages that the operator ends by force */
  readonly forces: Span
  /** times that the operator ends all messages of the list */
  readonly unlocks: Span
  /** members that break the rules, each in a way of its own (`rogues`); and the chance of a run that there are any */
  readonly rogues: Span
  readonly roguish: number
  /** whether whoever was away asks co-members for what it has missed; and members that do without for a while, and give nothing either */
  readonly catchesUp: boolean
  readonly aparts: Span
  /** members that will not take a message for a while */
  readonly mutes: Span
  readonly muteMs: Span

  /** ms that a peer's diary takes to make a batch durable; the chance that one takes `stallMs`; that a batch under way at a crash is there */
  readonly diaryMs: Span
  readonly stall: number
  readonly stallMs: Span
  readonly survival: number
  /** the same of the server's disk; and the chance that it is found full, or broken, which ends the server */
  readonly diskMs: Span
  readonly full: number
  readonly broken: number
}

const clear: Skies = { loss: 0, duplication: 0, corruption: 0, delayMs: [1, 5], reordering: false, tail: 0, tailMs: [0, 0], refusals: 1 }

const never: Span = [0, 0]

/** Nothing goes wrong. */
export const fair: Options = {
  wire: 'plain',
  rebindings: never,
  rebindMs: 5000,
  burdened: 0,
  perfidious: 0,
  members: [3, 32],
  messages: [10, 12],
  textBytes: [1, 200],
  long: 0,
  stormMs: 60_000,
  skies: clear,
  milder: 0,
  crashes: never,
  boundary: 0,
  goneMs: [500, 15_000],
  initiators: 0.3,
  serverCrashes: never,
  serverGoneMs: [200, 12_000],
  jumpMs: [-3_600_000, 3_600_000],
  pauses: never,
  pauseMs: [1000, 10_000],
  sleeps: never,
  sleepMs: [2000, 60_000],
  isSleepNoticed: true,
  drift: 0.0004,
  partitions: never,
  partitionMs: [500, 20_000],
  oneWay: 0.5,
  clogs: never,
  clogMs: [500, 12_000],
  moves: never,
  moveMs: [500, 20_000],
  waits: 0,
  detached: 0,
  forces: never,
  unlocks: never,
  rogues: never,
  roguish: 0,
  catchesUp: false,
  aparts: never,
  mutes: never,
  muteMs: [1000, 20_000],
  diaryMs: [0, 3],
  stall: 0,
  stallMs: [100, 4000],
  survival: 0.5,
  diskMs: [0, 2],
  full: 0,
  broken: 0,
}

/** That share of all datagrams is lost, each way, and nothing else goes wrong. */
export const lossy = (loss: number): Options => ({ ...fair, skies: { ...clear, delayMs: [10, 25], loss } })

/** Whatever a network, a system and a user can do, on the way through a minute. */
export const rough: Options = {
  ...fair,
  perfidious: 0.06,
  long: 0.06,
  textBytes: [1, 4000],
  skies: { loss: 0.3, duplication: 0.5, corruption: 0.1, delayMs: [1, 60], reordering: true, tail: 0.01, tailMs: [500, 120_000], refusals: 0.7 },
  milder: 0.9,
  crashes: [0, 4],
  boundary: 12,
  serverCrashes: [0, 2],
  pauses: [0, 2],
  sleeps: [0, 2],
  partitions: [0, 2],
  clogs: [0, 2],
  moves: [0, 4],
  waits: 0.5,
  detached: 0.4,
  forces: [0, 1],
  unlocks: [0, 1],
  rogues: [1, 2],
  roguish: 0.15,
  mutes: [0, 1],
  stall: 0.02,
  full: 0.01,
  broken: 0.005,
}

/** Half of everything comes twice, and much of it late: no assumption on delay, loss or order. */
export const late: Options = { ...rough, skies: { ...rough.skies, duplication: 0.5, tail: 0.1 }, milder: 0 }

/** A list that is hardly ever at rest, and whose members come and go: what waits would wait for long. */
export const crowded: Options = { ...rough, members: [4, 8], messages: [120, 160], textBytes: [1, 200], long: 0, moves: [6, 12], waits: 0.9, detached: 0.4, unlocks: [0, 2], perfidious: 0, crashes: [2, 6], sleeps: [0, 1] }

/** Members are away for long, of much talk, and want to have it when they are back; who else breaks the rules does so in that. */
export const absent: Options = {
  ...rough, catchesUp: true, aparts: [0, 2], members: [3, 8], messages: [24, 36], long: 0.02, stormMs: 90_000, crashes: [1, 5], goneMs: [5000, 25_000], sleeps: [0, 2], pauses: [0, 3], pauseMs: [3000, 30_000],
  serverCrashes: [0, 1], partitions: [0, 3], moves: [0, 6], roguish: 0.3, rogues: [1, 2],
}

/** As rough, with a channel before each machine. Longer than a session lasts, so that some have to be renewed. */
export const sealedRough: Options = { ...rough, wire: 'sealed', rebindings: [0, 2], burdened: 0.2, stormMs: 150_000, messages: [12, 16], members: [3, 16] }

export const presets: ReadonlyMap<string, Options> = new Map([
  ['fair', fair],
  ['lossy', lossy(0.3)],
  ['rough', rough],
  ['late', late],
  ['crowded', crowded],
  ['absent', absent],
  ['sealed', sealedRough],
])
