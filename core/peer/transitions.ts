// The kinds of step of a peer, and how steps follow each other within one reduction.
// A peer owes nobody a datagram: whatever it has to say goes to its user as notices, in order, so there is no response.
import { announce, exit, type Announce, type Exit, type Send } from '../effect.js'
import { idle, type Fault, type State } from './state.js'
import type { Relay } from '../wire/classic/relay.js'
import type { Request } from '../wire/classic/request.js'
import { act, follow, type Transition } from '../transition.js'
import type { Notice } from './notice.js'
import type { Refusal } from './refusal.js'

/** What leaves a peer: requests to the server (from P), messages to neighbours (from P + 1). */
export type Packet = { readonly _tag: 'Request'; readonly request: Request } | { readonly _tag: 'Relay'; readonly relay: Relay }

export type Effect = Send<Packet> | Announce<Notice> | Exit<Fault | undefined>

export type Response = never

export type Step = Transition<State, Response, Effect>

export const step = act<State, Effect>
export const then = follow<State, Effect>

/** The user is told. */
export const tell = (state: State, ...notices: ReadonlyArray<Notice>): Step => step(state, ...notices.map(announce))

/** Remembers the first thing that went wrong. */
export const faulty = <S extends { readonly fault: Fault | undefined }>(state: S, fault: Fault): S => (state.fault === undefined ? { ...state, fault } : state)

/** What the user gave is not taken; nothing is sent. */
export const notTaken = (state: State, { _tag, sentence }: Refusal): Step =>
  tell(faulty(state, 'notTaken'), { _tag: 'NotTaken', name: _tag, sentence })

const isWaiting = (state: State): boolean => state.underWay.some(({ overdueAt }) => overdueAt !== undefined)

/** Nothing comes after this. Says which contacts the server still knows. */
export const end = (state: State): Step => {
  const left: ReadonlyArray<Notice> = state.registered.length === 0 ? [] : [{ _tag: 'StillRegistered', contacts: state.registered }]
  return step({ ...state, phase: idle, ended: true }, ...left.map(announce), exit(state.fault))
}

/** Nothing is awaited any more: the next line is wanted, or the peer ends if that was what it waited for. */
export const ready = (state: State): Step => {
  const rested: State = { ...state, phase: idle }
  if (!state.closing) return tell(rested, { _tag: 'Ready' })
  return isWaiting(rested) ? step(rested) : end(rested)
}

/** One more datagram that means nothing; said at the 1st, 10th, 100th ..., so that a flood cannot flood the screen. */
export const ignore = (state: State, expected: string): Step => {
  const count = state.ignored + 1
  const worthSaying = /^10*$/.test(String(count))
  return tell({ ...state, ignored: count }, ...(worthSaying ? [{ _tag: 'Ignored', count, expected } as const] : []))
}
