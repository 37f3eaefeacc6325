// fast-check commands that run the production reducer beside the dumb model, and check after every step that both say the same and
// that every invariant holds.
import { deepEqual, equal } from 'node:assert/strict'
import { commands as sequencesOf, tuple, type Arbitrary, type Command } from 'fast-check'
import { isLeft, type Either } from 'fp-ts/lib/Either.js'
import { roll, server, type Actor, type Instant } from '../../core/index.js'
import { actor, command } from '../arbitraries/server.js'
import type { Directory, Expected } from './directory.js'

/** The system under test: the production reducer and its newest state. */
export interface Real {
  readonly reduce: ReturnType<typeof server.reduce>
  state: server.State
}

/** Counts how often each command met each outcome. */
export type Tally = Map<string, number>

const asExpected = (response: server.Response): Expected => {
  const { code, body } = server.classicReply(response)
  if (body._tag === 'Lists') return { code, names: body.names }
  return body._tag === 'Ring' ? { code, ring: body.members.map(({ name, ip, port }) => ({ name, ip, port })) as Expected['ring'] & object } : { code }
}

/** What is answered now, or later through the one file to be written. */
const responseOf = ({ response, effects }: server.Step): Either<'nobody' | 'file', Expected> => {
  if (response._tag === 'Some') return { _tag: 'Right', right: asExpected(response.value) }
  return { _tag: 'Left', left: effects.some(({ _tag }) => _tag === 'WriteFile') ? 'file' : 'nobody' }
}

const sameDirectory = (model: Directory, state: server.State): void => {
  deepEqual(roll.values(state.contacts).map(({ card }) => ({ name: card.name, ip: card.ip, port: card.port })), model.contacts)
  deepEqual(
    roll.values(state.lists).map((list) => ({
      name: list.name,
      members: server.membersOf(list).map(({ name }) => name),
      ongoing: list.ims.map(({ initiator }) => initiator),
    })),
    model.lists,
  )
}

class ServerCommand implements Command<Directory, Real> {
  readonly #tally: Tally
  readonly #by: Actor
  readonly #command: server.Command

  constructor(tally: Tally, by: Actor, asked: server.Command) {
    this.#tally = tally
    this.#by = by
    this.#command = asked
  }

  check(): boolean {
    return true
  }

  run(model: Directory, real: Real): void {
    const before = real.state
    const step = real.reduce(before, { at: (before.at + 1) as Instant, by: this.#by, command: this.#command })
    real.state = step.state
    const isForeign = this.#by._tag === 'Classic' && this.#command._tag === 'Wake'
    const expected = isForeign ? { code: 400 } : model.step(this.#command)
    const outcome = responseOf(step)
    if (isLeft(outcome)) {
      equal(expected, undefined)
      if (outcome.left === 'file') deepEqual(step.effects.map((effect) => effect._tag === 'WriteFile' && effect.content), [model.saved()])
    } else deepEqual(outcome.right, expected)
    const met = `${this.#command._tag} ${isLeft(outcome) ? outcome.left : outcome.right.code}`
    this.#tally.set(met, (this.#tally.get(met) ?? 0) + 1)
    sameDirectory(model, real.state)
    deepEqual(server.violations(real.state), [])
    deepEqual(server.movedMembers(before, real.state), [])
  }

  toString(): string {
    return JSON.stringify(this.#command)
  }
}

/** Sequences of up to `length` commands. */
export const sequences = (tally: Tally, length: number): Arbitrary<Iterable<Command<Directory, Real>>> =>
  sequencesOf([tuple(actor(), command()).map(([by, asked]) => new ServerCommand(tally, by, asked))], { maxCommands: length, size: 'max' })
