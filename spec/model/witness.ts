// What a server promises of its disk, watched from outside: it sees the commands go in, the batches go down, and what is let out, and knows
// states only as the text on the disk makes them.
//
//   what is let out  =  what a server restored from the records durable at that moment would say to it        else: told too early
//   in order, each once; 507 only of what is in no batch; one (boot, seq), one outcome, whatever crashes in between
//   after a crash: exactly what the records make, and the dumb model too
import { deepEqual, equal, ok } from 'node:assert/strict'
import { isSome } from 'fp-ts/lib/Option.js'
import { sealed, server, type Actor, type Stamped } from '../../core/index.js'
import { sameDirectory } from './commands.js'
import { Directory } from './directory.js'
import type { Append, Release } from '../../core/durable.js'
import type { Disk, Happened } from './disk.js'

export type ServerDisk = Disk<server.Entry, server.Directory>
export type Out = Release<server.Response, server.Effect>

interface Ticket {
  readonly no: number
  readonly input: Stamped<server.Command>
  /** the machine answers it, or does something about it */
  readonly isDue: boolean
  isOut: boolean
  isRecord: boolean
}

const isBusy = ({ response }: Out): boolean => {
  const outcome = isSome(response) ? server.outcomeOf(response.value) : undefined
  return outcome?._tag === 'Left' && outcome.left._tag === 'Busy'
}

/** The same text for the same step, as far as it shows outside. */
const shown = ({ effects, response }: Pick<Out, 'effects' | 'response'>): string => JSON.stringify([effects, response])

/** What is done: a server that is told to close, and cannot note it, ends at once. */
const asDone = (input: Stamped<server.Command>): Stamped<server.Command> => (input.command._tag === 'Close' ? { ...input, command: { ...input.command, ms: 0 } } : input)

/** The answers that a step brings. */
export const answersIn = ({ effects, response }: Pick<Out, 'effects' | 'response'>): ReadonlyArray<server.Response> => [
  ...effects.flatMap((effect) => ((effect._tag === 'Bind' || effect._tag === 'Part') && effect.answer !== undefined ? [effect.answer] : [])),
  ...(isSome(response) ? [response.value] : []),
]

export class Witness {
  readonly #disk: ServerDisk
  readonly #ledger: ReturnType<typeof server.ledger>
  readonly #happened: Happened
  readonly #outcomes = new Map<string, string>()
  readonly #executed = new Set<string>()
  #reduce = server.reduce(server.defaults)
  #shadow = server.initial
  #tickets = new Map<Actor, Ticket>()
  #given = 0
  #waiting = 0
  #lastOut = 0
  #unsynced: ReadonlyArray<Ticket> = []
  /** durable records that no answer has shown yet, and those before them, as the disk has them */
  #records: Ticket[] = []
  readonly #journal: Array<Stamped<server.Command>> = []
  #moves = new Map<string, Stamped<server.Command>>()
  #start: Stamped<server.Command> | undefined

  constructor(disk: ServerDisk, ledger: ReturnType<typeof server.ledger>, happened: Happened) {
    this.#disk = disk
    this.#ledger = ledger
    this.#happened = happened
  }

  /** Another life begins, with what the disk gave: exactly what the records make. */
  begins({ state }: server.Directory, config: server.Config): void {
    // a batch that was under way can be there, though nobody was told
    if (this.#disk.history.length > this.#journal.length + this.#records.length) this.#records.push(...this.#unsynced)
    this.#catchUp(Infinity)
    deepEqual(this.#picture(state), this.#picture(this.#shadow), 'a restart came to another state than the durable records')
    this.#shadow = state
    this.#reduce = server.reduce(config)
    this.#tickets = new Map()
    this.#waiting = 0
    this.#unsynced = []
    this.#moves = new Map()
  }

  /** A command goes in, which the machine answers so, if it comes to anything. Its `by` is an object of its own. */
  given(input: Stamped<server.Command>, step: server.Step): void {
    const { by, command } = input
    // who wants to know a ring and is not told asks again: where the message that needs it was not kept, there is nothing to tell
    const isDue = !(by._tag === 'Key' && command._tag === 'Seek') && (isSome(step.response) || step.effects.length > 0)
    this.#given += 1
    this.#tickets.set(input.by, { no: this.#given, input, isDue, isOut: false, isRecord: false })
    if (isDue) this.#waiting += 1
    if (by._tag === 'Self' && command._tag === 'Start') this.#start = input
    if (by._tag === 'Self' && command._tag === 'Moved') this.#moves.set(command.key, input)
    if (by._tag === 'Key' && command._tag === 'Ask' && command.order._tag === 'Register') this.#moves.delete(by.key)
  }

  /** A batch goes to the store. */
  appended({ records }: Append<server.Command>): void {
    this.#unsynced = records.map(({ by }) => this.#ticket(by))
    for (const ticket of this.#unsynced) {
      ok(!ticket.isRecord && !ticket.isOut, 'a command is journaled that is in the journal, or came to nothing')
      ticket.isRecord = true
    }
  }

  /** The store said what became of that batch. */
  synced(isThere: boolean): void {
    if (isThere) this.#records.push(...this.#unsynced)
    else for (const ticket of this.#unsynced) ticket.isRecord = false
    this.#unsynced = []
  }

  /** Something is let out. */
  released(out: Out): void {
    const ticket = this.#ticket(out.by)
    ok(!ticket.isOut, 'told twice')
    ok(ticket.no > this.#lastOut, 'told out of order')
    this.#lastOut = ticket.no
    ticket.isOut = true
    this.#waiting -= ticket.isDue ? 1 : 0
    if (isBusy(out)) return this.#isBusy(ticket, out)
    const { by: { _tag }, command } = ticket.input
    if (command._tag === 'Close') this.#happened('told to close')
    ok(this.#unsynced.every(({ no }) => no > ticket.no), `told too early: ${JSON.stringify(ticket.input)}`)
    this.#catchUp(ticket.no)
    const isShown = this.#records[0] === ticket
    const step = this.#reduce(this.#shadow, isShown ? this.#next() : asDone(ticket.input))
    equal(shown(out), shown(step), `told otherwise than the durable records say: ${JSON.stringify(ticket.input)}`)
    ok(isShown || step.state.position === this.#shadow.position, `lost: told of a record that is not durable: ${JSON.stringify(ticket.input)}`)
    this.#happened(isShown ? `told ${_tag} of a record` : this.#unsynced.length > 0 ? `told ${_tag} of a question while a batch is under way` : `told ${_tag} of a question`)
    if (isShown) this.#shadow = step.state
  }

  /** A key hears an answer. Whatever it has heard under these numbers before was the same. */
  heard(by: Actor, { boot, seq, outcome }: server.Answered): void {
    const { input: { command } } = this.#ticket(by)
    if (by._tag !== 'Key' || command._tag !== 'Ask' || command.order._tag === 'Register' || sealed.isRead(command.order)) return
    if (outcome._tag === 'Left' && ['Busy', 'NotRegistered', 'Stale'].includes(outcome.left._tag)) return
    const numbers = `${by.key} ${boot} ${seq}`
    const text = JSON.stringify(outcome)
    const before = this.#outcomes.get(numbers)
    if (before !== undefined) this.#happened(`the same reply again${this.#tickets.size < 8 ? ', soon after a restart' : ''}`)
    equal(text, before ?? text, `a different reply to ${numbers}`)
    this.#outcomes.set(numbers, text)
  }

  /** Nothing more comes of the last command. Nobody waits but for the batch under way, or for the next one behind it. */
  rests(): void {
    if (this.#waiting === 0) return
    const [first] = this.#unsynced
    ok(first !== undefined, 'somebody waits, and nothing is written')
    for (const { no, isDue, isOut } of this.#tickets.values()) ok(no >= first.no || isOut || !isDue, 'somebody waits for a batch that he could not have seen')
  }

  /** All is well again and nothing is under way: what nobody asked has been done too. */
  settled(state: server.State): void {
    equal(this.#waiting, 0, 'somebody still waits')
    const start = this.#start?.command
    ok(state.ended || (start?._tag === 'Start' && state.process === start.process), 'a start came to nothing')
    for (const move of this.#moves.values()) equal(this.#reduce(state, move).state.position, state.position, `a move came to nothing: ${JSON.stringify(move)}`)
  }

  /** The dumb model, given all durable records, comes to the same directory. (It knows no closing.) */
  model(config: server.Config): void {
    this.#catchUp(Infinity)
    if (this.#journal.some(({ command }) => command._tag === 'Close')) return
    let model = new Directory(config)
    for (const { by, command, at } of this.#journal) {
      if (by._tag === 'Self' && command._tag === 'Start') model = Object.assign(new Directory({ ...config, ...command.settings }), { contacts: model.contacts, lists: model.lists, position: model.position })
      model.step(by, command, at)
    }
    sameDirectory(model, this.#shadow)
    deepEqual(server.violations(this.#shadow), [])
  }

  #isBusy({ input, isRecord, isDue }: Ticket, out: Out): void {
    this.#happened(`told ${input.by._tag} 507`)
    ok(isDue && input.by._tag !== 'Self', 'somebody was told 507 whom silence was due')
    ok(!isRecord, 'somebody was told 507 of what is written')
    for (const answer of answersIn(out)) {
      if (answer._tag !== 'Answered' || input.command._tag !== 'Ask') continue
      const { order, boot, seq } = input.command
      deepEqual([answer.boot, answer.seq], [order._tag === 'Register' ? 0 : boot, seq])
      ok(answer.at >= input.at, 'a 507 with an instant before the question')
    }
  }

  #ticket(by: Actor): Ticket {
    const ticket = this.#tickets.get(by)
    ok(ticket !== undefined, 'an answer to what nobody asked')
    return ticket
  }

  /** Goes on to the durable records before that command. */
  #catchUp(no: number): void {
    for (let next = this.#records[0]; next !== undefined && next.no < no; next = this.#records[0]) this.#shadow = this.#reduce(this.#shadow, this.#next()).state
  }

  /** The next durable record, as the disk has it. */
  #next(): Stamped<server.Command> {
    this.#records.shift()
    const input = server.inputOf(this.#disk.record(this.#disk.history[this.#journal.length] ?? 'none'))
    this.#journal.push(input)
    const { by, command } = input
    if (by._tag !== 'Key' || command._tag !== 'Ask' || command.order._tag === 'Register') return input
    const numbers = `${by.key} ${command.boot} ${command.seq}`
    ok(!this.#executed.has(numbers), `executed twice: ${numbers}`)
    this.#executed.add(numbers)
    return input
  }

  /** All that records make: but for the newest instant, which questions move too. */
  #picture(state: server.State): unknown {
    return this.#ledger.parts({ state: { ...state, at: server.initial.at }, settings: server.defaults }).map((part) => part())
  }
}
