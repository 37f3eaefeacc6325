// Whoever waits for a list at a server that is away: the conversation and the peer behind it, without a network and in a time of their own.
import { deepEqual, equal, ok } from 'node:assert/strict'
import { mock } from 'node:test'
import { codeOf } from '../../shell/cli/exitcodes.js'
import { converse, type Conversation } from '../../shell/cli/conversation.js'
import { sealedSpeaker } from '../../shell/cli/speaker.js'
import { limits } from '../../shell/limits.js'
import { limits as bounds, peer, type sealed } from '../../core/index.js'
import { Client, me, reached } from '../model/client.js'
import type { RunningMember } from '../../shell/member.js'
import type { Terminal } from '../../shell/cli/terminal.js'

const ticket = 7
const queued: sealed.AnswerBody = { _tag: 'Queued', ticket, place: 1, opens: undefined }
const served = (code: number): sealed.AnswerBody => ({ _tag: 'Served', code })

/** Until a request is given up. */
const givenUpMs = 60_000

/** A program with nobody at it but the test, that has registered and talks with a server that answers when the test says so. */
class Sitting {
  readonly client = new Client().registered()
  readonly said: string[] = []
  readonly drawn: string[] = []
  readonly #talk: Conversation
  #heard = this.client.effects.length
  #isTelling = false

  constructor() {
    const nothing = (): never => { throw new Error('is not asked for') }
    const member: RunningMember = {
      own: reached, send: nothing, resend: nothing, mute: nothing, catchUp: nothing, history: nothing, accept: nothing, ended: new Promise(() => undefined),
      ask: (wish) => this.#does(() => this.client.ask(wish)),
      mistype: (sentence) => this.#does(() => this.client.give({ _tag: 'Mistype', sentence })),
      close: (patient) => this.#does(() => this.client.give({ _tag: 'Close', patient })),
      registered: () => this.client.state.registered,
    }
    const terminal: Terminal = {
      isInteractive: false, want: () => undefined, pause: () => undefined, resume: () => undefined, close: () => undefined,
      print: (line) => void this.said.push(line), progress: (line) => void this.drawn.push(line),
    }
    this.#talk = converse(sealedSpeaker(member, { patience: 'once', allowClassic: false }), terminal, { json: false, stay: false, now: () => 0 })
    this.#talk.notice({ _tag: 'Ready' })
  }

  /** The line has been typed, and the change waits. */
  waits(line = 'join friends --wait'): this {
    this.#talk.line(line)
    return this.answer(200, queued)
  }

  /** To what was asked last, also when that was given up. */
  answer(code: number, body: sealed.AnswerBody = { _tag: 'Nothing' }): this {
    return this.#does(() => this.client.answer(code, body))
  }

  supersede(): this {
    return this.#does(() => this.client.answer(409))
  }

  /** The server says nothing, for so long that what is asked is given up. */
  silence(): this {
    return this.#does(() => this.client.pass(givenUpMs))
  }

  /** What is asked for in a while is asked for. */
  rest(ms: number = limits.ticketAskMs): this {
    mock.timers.tick(ms)
    return this
  }

  signal(): this {
    this.#talk.leave()
    return this
  }

  types(line: string): this {
    this.#talk.line(line)
    return this
  }

  endOfInput(): this {
    this.#talk.end()
    return this
  }

  /** What was asked of the server last. */
  get asked(): string {
    const newest = this.client.requests().at(-1)?.order
    return newest === undefined ? '' : peer.sealed.aboutOf(newest).word
  }

  /** How often it was asked about a ticket. */
  get questions(): number {
    return new Set(this.client.requests().flatMap(({ order, seq }) => (order._tag === 'Ticket' ? [seq] : []))).size
  }

  /** The program ends, or has ended: its exit code. */
  code(): number {
    deepEqual(this.client.exits().length, 1, 'it has not ended')
    this.#talk.over()
    return codeOf(this.client.exits()[0] ?? this.#talk.fault())
  }

  #does(what: () => unknown): this {
    what()
    if (this.#isTelling) return this
    this.#isTelling = true
    for (; this.#heard < this.client.effects.length; this.#heard++) {
      const effect = this.client.effects[this.#heard]
      if (effect?._tag === 'Announce') this.#talk.notice(effect.notice)
    }
    this.#isTelling = false
    return this
  }
}

const stillWaits = `as far as is known the change still waits at the server, as ticket ${ticket}: ticket ${ticket} shows what has come of it, withdraw ${ticket} takes it back`
const waitsAt = `ticket ${ticket} waits, at place 1: nobody can tell until when`

describe('whoever waits for a list', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
  afterEach(() => mock.timers.reset())

  it('asks on while the server is away, however long, and is told what comes of it', () => {
    const sitting = new Sitting().waits().endOfInput().rest()
    const before = sitting.said.length
    for (let i = 0; i < 3; i++) sitting.silence().rest()
    // said once, and seen all the time
    deepEqual(sitting.said.slice(before), [`ticket ${ticket}: no answer after ${bounds.requestSends} sends; what has come of it is not known yet`])
    ok(/^waiting as ticket 7, but the server does not answer \.\.\. .*; Ctrl-C takes it back$/.test(sitting.drawn.at(-1) ?? ''), sitting.drawn.at(-1))
    equal(sitting.questions, 4)
    sitting.answer(200, queued)
    equal(sitting.said.at(-1), waitsAt)
    ok(sitting.drawn.at(-1)?.startsWith('waiting as ticket 7, at place 1 ...'), sitting.drawn.at(-1))
    sitting.rest().answer(200, served(200))
    deepEqual([sitting.said.at(-2), sitting.code()], [`ticket ${ticket}: 200 done`, 0])
    ok(!sitting.said.includes(stillWaits), sitting.said.join('\n'))
  })

  it('asks on where the server says that this is too fast, or that it has no room', () => {
    const sitting = new Sitting().waits().endOfInput().rest().answer(430).rest()
    ok(sitting.drawn.at(-1)?.startsWith('waiting as ticket 7, but the server has too much to do ...'), sitting.drawn.at(-1))
    const frames = sitting.client.requests().length
    sitting.answer(507)
    ok(sitting.client.requests().length === frames, 'no room is no answer')
    sitting.silence().rest().answer(200, served(464))
    deepEqual([sitting.said.at(-2), sitting.code()], [`ticket ${ticket}: 464 the contact is not in the list`, 1])
  })

  it('is told at once what comes late, and goes on with the next line', () => {
    const sitting = new Sitting().waits().types('query-lists').endOfInput().rest().silence()
    sitting.answer(200, served(200))
    equal(sitting.said.at(-1), `ticket ${ticket}: 200 done`)
    const before = sitting.said.length
    equal(sitting.asked, 'ticket')
    sitting.answer(200, served(200))
    deepEqual([sitting.said.length, sitting.asked], [before, 'query-lists'])
    equal(sitting.answer(200, { _tag: 'Lists', names: [] }).code(), 0)
  })

  it('may leave a server that is away, and is told that the change still waits where taking it back is not answered either', () => {
    const sitting = new Sitting().waits().rest().silence().signal()
    equal(sitting.asked, 'withdraw')
    sitting.silence()
    deepEqual(sitting.said.slice(-3), [
      `withdraw ${ticket}: no answer after ${bounds.requestSends} sends; whether it was done is unknown; ticket ${ticket} shows it`,
      stillWaits,
      `still registered at the server: ${me}`,
    ])
    equal(sitting.code(), 69)
    equal(sitting.said.filter((line) => line === stillWaits).length, 1)
    const answered = new Sitting().waits().rest().silence().signal().answer(200)
    deepEqual([answered.said.at(-2), answered.code()], [`ticket ${ticket} is withdrawn: nothing was done, and nothing will be`, 75])
  })

  it('is told the same where the program ends by itself: told twice to end, or when another one has its key', () => {
    const twice = new Sitting().waits().rest().silence().signal().signal()
    deepEqual([twice.code(), twice.said.at(-1)], [69, stillWaits])
    const asking = new Sitting().waits().rest().signal().signal()
    deepEqual([asking.code(), asking.said.at(-1)], [69, stillWaits])
    const superseded = new Sitting().waits().rest().supersede()
    deepEqual([superseded.code(), superseded.said.at(-1)], [77, stillWaits])
  })

  it('is told of no ticket that there is not, and a question that was typed ends with its answer, or without', () => {
    const unknown = new Sitting().types('join friends --wait').silence().endOfInput()
    deepEqual([unknown.said.at(-2), unknown.code()], [
      `join friends ${me}: no answer after ${bounds.requestSends} sends; whether it was done, or waits, is unknown; query-lists shows whether the server answers again`, 69,
    ])
    const typed = new Sitting().types(`ticket ${ticket}`).silence().endOfInput()
    deepEqual([typed.said.at(-2), typed.code(), typed.said.includes(stillWaits)], [
      `ticket ${ticket}: no answer after ${bounds.requestSends} sends; what has come of it is not known yet`, 69, false,
    ])
    equal(new Sitting().types(`ticket ${ticket}`).answer(430).endOfInput().code(), 75)
  })
})
