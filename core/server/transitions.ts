// The kinds of step that the server's verbs end with.
import { none, some } from 'fp-ts/lib/Option.js'
import { done, type Response } from './reply.js'
import type { PublicKey } from '../keys.js'
import type { FileName } from '../names.js'
import type { Exit, WriteFile } from '../effect.js'
import type { Transition } from '../transition.js'
import type { Knock } from '../wire/sealed/index.js'
import type { State } from './state.js'

/** Why the server ends: all messages came to their end, or time (or a second signal) ended the wait for `ongoing` of them. */
export interface Ending {
  readonly ongoing: number
}

/** This key is a contact's, by the process that asked: tell and end the key's other sessions, keep the asking one, then send it the answer. */
export interface Bind {
  readonly _tag: 'Bind'
  readonly key: PublicKey
  readonly answer: Response
}

/** This key is no contact's any more: send it the answer, if there is one, then end all its sessions. */
export interface Part {
  readonly _tag: 'Part'
  readonly key: PublicKey
  readonly answer: Response | undefined
}

/** A co-member has had no answer from whoever holds that key. */
export interface Doubt {
  readonly _tag: 'Doubt'
  readonly key: PublicKey
}

/** A co-member looks for whoever holds that key. */
export interface Sought {
  readonly _tag: 'Sought'
  readonly key: PublicKey
  readonly knock: Knock
}

export type Effect = WriteFile<FileName, Response> | Exit<Ending> | Bind | Part | Doubt | Sought

export type Step = Transition<State, Response, Effect>

const noEffects: ReadonlyArray<Effect> = []
const agreed = some(done)

/** The answer is `response`, the state as it was. */
export const answer = (state: State, response: Response): Step => ({ state, response: some(response), effects: noEffects })

/** The state is new, the answer 200 without more. */
export const agree = (state: State): Step => ({ state, response: agreed, effects: noEffects })

/** No answer now: the effects bring it, or nobody waits for one. */
export const act = (state: State, effects: ReadonlyArray<Effect>): Step => ({ state, response: none, effects })

export const bind = (key: PublicKey, response: Response): Bind => ({ _tag: 'Bind', key, answer: response })
export const part = (key: PublicKey, response: Response | undefined): Part => ({ _tag: 'Part', key, answer: response })
