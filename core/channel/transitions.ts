// The kinds of step of a channel. It answers nobody by a response: datagrams and delivered frames are effects.
import { none } from 'fp-ts/lib/Option.js'
import type { Send } from '../effect.js'
import type { PublicKey } from '../keys.js'
import type { Frame } from '../wire/sealed/index.js'
import { follow, type Transition } from '../transition.js'
import type { Place, State } from './state.js'

/** A frame from whoever holds that key, over the session `via`. `place`: where it has shown that it receives; undefined while it has not. */
export interface Deliver {
  readonly _tag: 'Deliver'
  readonly from: PublicKey
  readonly via: number
  readonly place: Place | undefined
  readonly frame: Frame
}

/** The newest authentic record of a known key came from there, and it has shown that it receives there. */
export interface Moved {
  readonly _tag: 'Moved'
  readonly key: PublicKey
  readonly place: Place
}

/** The known key has sealed something. Said once in `limits.heardMs` of each session. */
export interface Heard {
  readonly _tag: 'Heard'
  readonly key: PublicKey
}

/** No hello to that key is answered; what waited for it is given up. */
export interface Lost {
  readonly _tag: 'Lost'
  readonly key: PublicKey
}

export type Effect = Send<Uint8Array> | Deliver | Moved | Heard | Lost

export type Response = never

export type Step<H, K> = Transition<State<H, K>, Response, Effect>

const nothing: ReadonlyArray<Effect> = []

export const quiet = <H, K>(state: State<H, K>): Step<H, K> => ({ state, response: none, effects: nothing })

export const step = <H, K>(state: State<H, K>, ...effects: ReadonlyArray<Effect>): Step<H, K> => ({ state, response: none, effects })

export const then = <H, K>(before: Step<H, K>, next: (state: State<H, K>) => Step<H, K>): Step<H, K> => follow(before, next)
