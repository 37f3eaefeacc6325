// Directories of three sizes to measure with, the same ones in every run: 100, 10,000 and 100,000 contacts, a tenth as many lists, each
// contact in three of them by chance, so that a list has about 30 members.
import { isLeft } from 'fp-ts/lib/Either.js'
import { isNone } from 'fp-ts/lib/Option.js'
import { classic, classicActor, epoch, server, type Stamped } from '../../core/index.js'
import { dice } from './report.js'

export type Input = Stamped<server.Command>

export const sizes = [100, 10_000, 100_000] as const

/** Without bounds: what is measured is the directory, not its refusals. */
export const unbounded: server.Config = { ...server.defaults, maxContacts: 1e9, maxLists: 1e9, maxMembers: 1e9, maxMessages: 1e9, maxReplyBytes: 65_507 }

const by = classicActor('127.0.0.1', 40_000)

/** The command that these words say on the wire. */
export const input = (...words: ReadonlyArray<string>): Input => {
  const request = classic.decodeRequest(words.join(classic.separator))
  if (isLeft(request)) throw new Error(`${words.join(' ')}: ${request.left.expected}`)
  return { at: epoch, by, command: request.right }
}

const reduce = server.reduce(unbounded)

/** The state behind a row of commands, none of which is refused. */
export const after = (state: server.State, inputs: ReadonlyArray<Input>): server.State =>
  inputs.reduce((now, asked) => {
    const { state: next, response } = reduce(now, asked)
    if (isNone(response) || isLeft(server.outcomeOf(response.value))) throw new Error(`${asked.command._tag} was refused`)
    return next
  }, state)

export interface Membership {
  readonly list: string
  readonly contact: string
}

export const contact = (i: number): string => `contact ${i}`
export const list = (i: number): string => `list ${i}`

/** Everybody's address, as the wire has it. */
export const ip = '192.0.2.7'
export const port = 22000

export interface Directory {
  readonly size: number
  readonly lists: number
  /** in the order of joining */
  readonly memberships: ReadonlyArray<Membership>
  readonly state: server.State
}

export const directory = (size: number): Directory => {
  const roll = dice(size)
  const lists = size / 10
  const memberships = Array.from({ length: size }, (_, i) => {
    const chosen = new Set<number>()
    while (chosen.size < 3) chosen.add(roll(lists))
    return [...chosen].map((which) => ({ list: list(which), contact: contact(i) }))
  }).flat()
  const state = after(server.initial, [
    ...Array.from({ length: size }, (_, i) => input('register', contact(i), ip, String(port))),
    ...Array.from({ length: lists }, (_, i) => input('create', list(i))),
    ...memberships.map(({ list: name, contact: who }) => input('join', name, who)),
  ])
  return { size, lists, memberships, state }
}
