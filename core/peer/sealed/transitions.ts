// The kinds of step of a sealed peer, and how steps follow each other within one reduction. Like a classic one it owes nobody a datagram.
import { announce, exit, type Announce, type Exit, type Persist, type Send } from '../../effect.js'
import { faulty } from '../transitions.js'
import { idle, type State } from './state.js'
import type { Mark } from '../../diary.js'
import type { Jot, Seal } from '../../delivery/index.js'
import type { Pins } from '../../pins.js'
import { act, follow, type Transition } from '../../transition.js'
import type { Relay } from '../../wire/classic/relay.js'
import type { Fault } from '../state.js'
import type { Notice } from '../notice.js'
import type { Refusal } from './refusal.js'

/** What leaves a sealed peer in clear: the question who the server is (from P), and messages of classic members (from P + 1). */
export type Packet = { readonly _tag: 'Who' } | { readonly _tag: 'Relay'; readonly relay: Relay }

/** Keep these pins, for the next process. */
export interface Remember {
  readonly _tag: 'Remember'
  readonly pins: Pins
}

export type Effect = Send<Packet> | Seal | Remember | Persist<Mark> | Jot | Announce<Notice> | Exit<Fault | undefined>

export type Response = never

export type Step = Transition<State, Response, Effect>

export const step = act<State, Effect>
export const then = follow<State, Effect>

/** The user is told. */
export const tell = (state: State, ...notices: ReadonlyArray<Notice>): Step => step(state, ...notices.map(announce))

export { faulty }

/** What the user gave is not taken; nothing is sent. */
export const notTaken = (state: State, { _tag, sentence }: Refusal): Step =>
  tell(faulty(state, 'notTaken'), { _tag: 'NotTaken', name: _tag, sentence })

/** The pins are these now; they are stored where they are others than before. */
export const pinned = (state: State, pins: Pins): Step => (pins === state.pins ? step(state) : step({ ...state, pins }, { _tag: 'Remember', pins }))

/** Nothing comes after this. Says which contact the server still knows. */
export const end = (state: State): Step => {
  const left: ReadonlyArray<Notice> = state.registered === undefined ? [] : [{ _tag: 'StillRegistered', contacts: [state.registered] }]
  return step({ ...state, phase: idle, ended: true }, ...left.map(announce), exit(state.fault))
}

/** The next line is wanted. An errand may be under way: it goes on. */
export const wanting = (state: State): Step => (state.closing ? step(state) : tell(state, { _tag: 'Ready' }))

/** Nothing is awaited of the server any more: the next line is wanted. */
export const ready = (state: State): Step => wanting({ ...state, phase: idle })

/** One more datagram or frame that means nothing; said at the 1st, 10th, 100th ..., so that a flood cannot flood the screen. */
export const ignore = (state: State, expected: string): Step => {
  const count = state.ignored + 1
  const worthSaying = /^10*$/.test(String(count))
  return tell({ ...state, ignored: count }, ...(worthSaying ? [{ _tag: 'Ignored', count, expected } as const] : []))
}
