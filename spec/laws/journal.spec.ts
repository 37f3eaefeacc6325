// The server's journal: records that are text whatever was asked, folded by the settings that held, and what is said where nothing can be stored.
import { deepEqual, equal, match, ok } from 'node:assert/strict'
import { isLeft, isRight, type Either } from 'fp-ts/lib/Either.js'
import { none } from 'fp-ts/lib/Option.js'
import fc from 'fast-check'
import { check, keyed, operator, self, server, type Actor, type Instant, type ProcessId, type Stamped } from '../../core/index.js'
import { blow, struck } from '../arbitraries/damage.js'
import { identity } from '../arbitraries/keys.js'
import { roomy } from '../arbitraries/server.js'
import { reached } from '../model/commands.js'
import { create, free, name, village, start as begin } from '../model/desk.js'

type Directory = server.Directory
type Input = Stamped<server.Command>

const ledger = server.ledger(server.defaults)

const asText = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown

const certain = <A>(result: Either<string, A>): A => {
  if (isLeft(result)) throw new Error(result.left)
  return result.right
}

const rated = (bounds: server.Config): server.Config => ({ ...bounds, keyRate: { perSecond: 100, burst: 5 } })
const run = (length: number) => roomy().map(rated).chain((bounds) => fc.tuple(fc.constant(bounds), reached(bounds, length)))

const start = (process: string, bounds: server.Config): server.Command => ({ _tag: 'Start', process: process.repeat(16) as ProcessId, settings: server.settingsOf(bounds) })

describe('a record of the server', () => {
  it('is text and back whatever it is, and does then what the command does', () => {
    fc.assert(
      fc.property(run(40), ([bounds, { inputs }]) => {
        const reduce = server.reduce(bounds)
        for (const [i, input] of inputs.entries()) {
          const way = { via: i, have: 1n }
          const by: Actor = input.by._tag === 'Key' ? keyed(input.by.key, way) : input.by
          const entry = certain(check(ledger.record, asText(server.entryOf({ ...input, by }))))
          deepEqual(entry, asText(entry))
          equal('back' in entry.by, false)
        }
        const again = inputs.map((input) => server.inputOf(server.entryOf(input)))
        const live = (some: ReadonlyArray<Input>): server.State => some.reduce((so, input) => reduce(so, input).state, server.initial)
        deepEqual(live(again), live(inputs))
      }),
      { numRuns: 500 },
    )
  })

  it('is folded if it changes something, and refused with a reason if not', () => {
    fc.assert(
      fc.property(run(40), ([bounds, { inputs }]) => {
        const reduce = server.reduce(bounds)
        inputs.reduce<server.State>((state, input) => {
          const next = reduce(state, input).state
          const folded = ledger.fold(server.directory(state, bounds), server.entryOf(input))
          if (isRight(folded)) deepEqual(folded.right.state, next)
          else match(folded.left, /^command \d+, \w+ at \d+, changes nothing by these rules$/)
          equal(isRight(folded), next.position > state.position)
          return next
        }, server.initial)
      }),
      { numRuns: 300 },
    )
  })

  it('is a close that waits, and none that does not', () => {
    const stage = village()
    equal(stage.ask(1, begin('l')), 200)
    const close = (ms: number): server.Entry => server.entryOf({ at: 99 as Instant, by: operator, command: { _tag: 'Close', ms } })
    const directory = server.directory(stage.state, free)
    deepEqual(certain(ledger.fold(directory, certain(check(ledger.record, asText(close(5000)))))).state.closing, 5099)
    ok(isLeft(ledger.fold(directory, close(0))))
  })

  it('is a start under its own settings: what began without a lease has one as of then', () => {
    const stage = village({ ...free, classicLeaseMs: 0 })
    equal(stage.classic('im-start o Carol').slice(0, 3), '200')
    const input = { at: (stage.state.at + 1) as Instant, by: self, command: start('2', free) }
    const lived = server.reduce(free)(stage.state, input).state
    const folded = certain(ledger.fold(server.directory(stage.state, { ...free, classicLeaseMs: 0 }), certain(check(ledger.record, asText(server.entryOf(input))))))
    deepEqual(server.recorded(folded.state), server.recorded(lived))
    deepEqual(server.machine(free).wakeAt(folded.state), { _tag: 'Some', value: input.at + free.classicLeaseMs })
  })

  it('means the same whatever the next process is set to', () => {
    const tally = { runs: 0, records: 0, refused: 0 }
    fc.assert(
      fc.property(fc.array(run(40), { minLength: 2, maxLength: 3 }), (runs) => {
        const lived = runs.reduce<{ readonly state: server.State; readonly journal: ReadonlyArray<server.Entry> }>(({ state, journal }, [bounds, { inputs }], i) => {
          const reduce = server.reduce(bounds)
          const all: ReadonlyArray<Pick<Input, 'by' | 'command'>> = [{ by: self, command: start(String(i), bounds) }, ...inputs]
          return all.reduce((so, { by, command }) => {
            // what a key asked in another run it asks again here, under the boot that it has
            const input: Input = { at: (so.state.at + 1) as Instant, by, command: asked(so.state, by, command) }
            const step = reduce(so.state, input)
            if (step.response._tag === 'Some' && server.outcomeOf(step.response.value)._tag === 'Left') tally.refused += 1
            if (step.state.position === so.state.position) return { ...so, state: step.state }
            return { state: step.state, journal: [...so.journal, certain(check(ledger.record, asText(server.entryOf(input))))] }
          }, { state, journal })
        }, { state: server.initial, journal: [] })
        const folded = lived.journal.reduce<Directory>((so, entry) => certain(ledger.fold(so, entry)), server.directory(server.initial, { ...free, maxContacts: 0, maxLists: 0 }))
        deepEqual(server.recorded(folded.state), server.recorded(lived.state))
        tally.runs += runs.length
        tally.records += lived.journal.length
        deepEqual(folded.settings, server.settingsOf(runs.at(-1)?.[0] ?? free))
      }),
      { numRuns: 300 },
    )
    ok(tally.records > 5 * tally.runs && tally.refused > tally.runs, JSON.stringify(tally))
  })

  it('is refused where it is none, with the field that is wrong', () => {
    const entry = server.entryOf({ at: 5 as Instant, by: keyed(identity(1).seals), command: { _tag: 'Ask', boot: 1, seq: 2, order: create('l'), identity: undefined, address: undefined } })
    const text = JSON.stringify(entry)
    const wrongs: ReadonlyArray<readonly [string, string, string]> = [
      ['"at":5', '"at":-5', 'at is not Instant'],
      ['"_tag":"Key"', '"_tag":"Clef"', 'by is not '],
      ['"boot":1', '"boot":1.5', 'command.boot is not Count'],
      ['"list":"l"', '"list":"a-_-b"', 'command.order.list is not ListName'],
      ['"policy":"sealed"', '"policy":"soft"', 'command.order.policy is not '],
      ['"_tag":"Create"', '"_tag":"Destroy"', 'command.order is not Order'],
    ]
    for (const [was, is, reason] of wrongs) {
      ok(text.includes(was))
      const wrong = check(ledger.record, JSON.parse(text.replace(was, is)))
      ok(isLeft(wrong) && wrong.left.startsWith(reason), isLeft(wrong) ? wrong.left : text)
    }
    for (const none of [null, 3, 'x', [], {}]) ok(isLeft(check(ledger.record, none)))
    fc.assert(
      fc.property(run(30), fc.array(blow(), { minLength: 20, maxLength: 20 }), ([bounds, { inputs, state }], blows) => {
        for (const [i, one] of blows.entries()) {
          const input = inputs[i % Math.max(1, inputs.length)]
          const checked = check(ledger.record, input === undefined ? {} : struck(server.entryOf(input), one))
          if (isLeft(checked)) ok(checked.left.includes(' is not '))
          else if (isRight(ledger.fold(server.directory(state, bounds), checked.right))) equal(ledger.record.is(checked.right), true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** A request of a key as it would ask it now: under its boot, and with a new number. */
const asked = (state: server.State, by: Actor, command: server.Command): server.Command => {
  if (command._tag !== 'Ask' || by._tag !== 'Key') return command
  const known = server.keyedBy(state, by.key)?.bound
  return { ...command, boot: known?.boot ?? 0, seq: (known?.last?.seq ?? 0) + 1 }
}

describe('a server that cannot store anything', () => {
  /** What it says in place of an answer. */
  const busy = (state: server.State, by: Actor, command: server.Command) => {
    const instead = server.journaling.instead(state, { at: 1 as Instant, by, command })
    return isRight(instead) ? instead.right.response : none
  }

  it('tells a key which request it is about: a register has the boot 0', () => {
    const { seals } = identity(1)
    const ask: server.Command = { _tag: 'Ask', boot: 7, seq: 9, order: create('l'), identity: undefined, address: undefined }
    const [at, process] = [1, server.initial.process]
    deepEqual(busy(server.initial, keyed(seals), ask), { _tag: 'Some', value: { _tag: 'Answered', boot: 7, seq: 9, at, process, outcome: server.refuse.Busy } })
    const register: server.Command = { ...ask, order: { _tag: 'Register', contact: name('Me'), signs: seals, proof: '', nonce: '0'.repeat(32) as never } }
    deepEqual(busy(server.initial, keyed(seals), register), { _tag: 'Some', value: { _tag: 'Answered', boot: 0, seq: 9, at, process, outcome: server.refuse.Busy } })
  })

  it('answers under the number that the one that can answers under, whatever is asked', () => {
    fc.assert(
      fc.property(run(40), ([bounds, { inputs }]) => {
        const reduce = server.reduce(bounds)
        const { position } = server.journaling
        inputs.reduce((state, input) => {
          const step = reduce(state, input)
          const told = busy(state, input.by, input.command)
          const answer = step.response._tag === 'Some' ? step.response.value : step.effects.flatMap((effect) => (effect._tag === 'Bind' || effect._tag === 'Part' ? (effect.answer ?? []) : []))[0]
          if (answer?._tag === 'Answered' && told._tag === 'Some' && told.value._tag === 'Answered') deepEqual([told.value.boot, told.value.seq], [answer.boot, answer.seq])
          if (told._tag === 'Some' && input.command._tag !== 'Close') equal(server.outcomeOf(told.value), server.refuse.Busy)
          equal(position(step.state) - position(state) === 1, step.state.position > state.position)
          return step.state
        }, server.initial)
      }),
      { numRuns: 200 },
    )
  })
})
