// What is looked at: small scenes in each run of the tests, large ones when somebody asks for them.
import { plain, type Scene } from './scene.js'

export interface Named {
  readonly name: string
  readonly scene: Scene
}

export const small: ReadonlyArray<Named> = [
  { name: 'three members, one process stops', scene: { ...plain, crashes: 1 } },
  { name: 'three members, one of which has muted the list, one process stops', scene: { ...plain, crashes: 1, muted: [2] } },
  { name: 'three members, the message is sent again, nobody has taken it, one process stops', scene: { ...plain, crashes: 1, again: [] } },
  { name: 'three members, the message is sent again, one has taken it, one process stops', scene: { ...plain, crashes: 1, again: [1] } },
  { name: 'three members, the message is sent again, one has taken it unheard and is away, one process stops', scene: { ...plain, crashes: 1, again: [1], away: [1] } },
  { name: 'three members, the message is sent again, one was away and is there again, one process stops', scene: { ...plain, crashes: 1, again: [1], absent: [2] } },
  { name: 'three members, one was away when the grant was given, another lies and gives it copies, one process stops', scene: { ...plain, crashes: 1, absent: [2], liar: 1 } },
  { name: 'three members, the operator may end the message at any moment', scene: { ...plain, forced: true } },
  { name: 'two members, a message of each', scene: { ...plain, members: 2, beside: [0], prompt: true } },
  { name: 'three members, messages of two, each for both others, one of which has muted the list', scene: { ...plain, beside: [0, 2], muted: [2], prompt: true } },
  { name: 'three members, messages of two, the second for one of them, the operator may end each at any moment', scene: { ...plain, beside: [2], forced: true, prompt: true } },
]

export const large: ReadonlyArray<Named> = [
  { name: 'three members, two processes stop, one machine sleeps, bounds on the time are too high', scene: { ...plain, crashes: 2, sleeps: true, hasty: true } },
  { name: 'three members, one of which lies, one process stops', scene: { ...plain, crashes: 1, liar: 2 } },
  { name: 'four members, the message is sent again, one has taken it, one process stops', scene: { ...plain, members: 4, crashes: 1, again: [2] } },
  { name: 'four members, one of which has muted the list, one process stops', scene: { ...plain, members: 4, crashes: 1, muted: [2] } },
  { name: 'three members, the operator may end the message at any moment, one process stops', scene: { ...plain, crashes: 1, forced: true } },
  { name: 'three members, messages of two, each for both others', scene: { ...plain, beside: [0, 2], prompt: true } },
  { name: 'three members, messages of two, each for both others, the operator may end each at any moment', scene: { ...plain, beside: [0, 2], forced: true, prompt: true } },
  { name: 'three members, messages of two, the second for one of them, one process stops', scene: { ...plain, crashes: 1, beside: [2], prompt: true } },
  { name: 'two members, a message of each, writes are slow', scene: { ...plain, members: 2, beside: [0] } },
  { name: 'two members, a message of each, one process stops, one machine sleeps, bounds on the time are too high', scene: { ...plain, members: 2, beside: [0], prompt: true, crashes: 1, sleeps: true, hasty: true } },
  { name: 'three members, messages of two, the second for one of them, one machine sleeps, bounds on the time are too high', scene: { ...plain, beside: [2], prompt: true, sleeps: true, hasty: true } },
  { name: 'four members, one process stops', scene: { ...plain, members: 4, crashes: 1 } },
  { name: 'four members, two processes stop', scene: { ...plain, members: 4, crashes: 2 } },
]
