// Members of one list, each a process of its own, and what they say of messages.
import { equal } from 'node:assert/strict'
import { agreed } from './stage.js'
import type { Program } from './program.js'

interface Event {
  readonly _tag: string
  readonly [field: string]: unknown
}

interface Line { readonly no: number; readonly text: string; readonly caughtUp?: boolean }

interface Named { readonly name: string; readonly why?: string }

/** A classic member. */
interface Leaf extends Named { readonly outcome: string }

/** What became of a message. */
export interface Report {
  readonly _tag: 'Reported'
  readonly im: string
  readonly ms: number
  readonly again: boolean
  readonly delivered: readonly Named[]
  readonly undelivered: readonly Named[]
  readonly unknown: readonly Named[]
  readonly leaves: readonly Leaf[]
}

export const names = (all: readonly Named[]): readonly string[] => all.map(({ name }) => name).sort()

/** Whoever speaks JSON; `enter` starts the process, also when an earlier one has died. */
export class Member {
  readonly name: string
  #program: Program | undefined
  readonly #enter: () => Promise<{ readonly program: Program }>

  constructor(name: string, enter: () => Promise<{ readonly program: Program }>) {
    this.name = name
    this.#enter = enter
  }

  get program(): Program {
    if (this.#program === undefined) throw new Error(`${this.name} has not entered`)
    return this.#program
  }

  /** Starts, and registers. */
  async enter(): Promise<void> {
    this.#program = (await this.#enter()).program
    await agreed(this.#program, `register ${this.name}`)
  }

  async does(...lines: readonly string[]): Promise<void> {
    await agreed(this.program, ...lines)
  }

  events(): readonly Event[] {
    return this.program.said.map((line) => JSON.parse(line) as Event)
  }

  /** Texts that this process has shown, in order. */
  shown(): readonly string[] {
    return this.events().flatMap(({ _tag, text }) => (_tag === 'Taken' ? [String(text)] : []))
  }

  async hears(text: string): Promise<void> {
    await this.program.line(new RegExp(`"_tag":"Taken".*"text":"${text}"`))
  }

  /** The next report. */
  async report(): Promise<Report> {
    const [said] = await this.program.line(/"_tag":"(Reported|NotBegun|NotTaken)".*/)
    const event = JSON.parse(`{${said}`) as Report
    equal(event._tag, 'Reported', said)
    return event
  }

  async sends(list: string, text: string): Promise<Report> {
    this.program.type(`send ${list} ${text}`)
    return this.report()
  }

  /** What its diary has of a list. */
  async history(list: string): Promise<readonly string[]> {
    return (await this.lines(list)).map(({ text }) => text)
  }

  async lines(list: string): Promise<readonly Line[]> {
    this.program.type(`history ${list}`)
    const [said] = await this.program.line(/"_tag":"History".*/)
    return (JSON.parse(`{${said}`) as { readonly lines: readonly Line[] }).lines
  }

  /** Dies, and is gone. */
  async die(): Promise<void> {
    this.program.signal('SIGKILL')
    await this.program.ended
  }
}

/** All of them enter, and join the list, which the first one makes, of that policy. */
export const gather = async (list: string, members: readonly Member[], policy = ''): Promise<void> => {
  await Promise.all(members.map((member) => member.enter()))
  await members[0]?.does(`create ${policy} ${list}`)
  for (const member of members) await member.does(`join ${list}`)
}

/** Asks until nothing holds the list any more, which a change of its members shows; ms that it took. */
export const freed = async (by: Member, list: string): Promise<number> => {
  const began = performance.now()
  for (;;) {
    by.program.type(`leave ${list}`)
    const [said] = await by.program.line(/"_tag":"Answered".*/)
    const { code } = JSON.parse(`{${said}`) as { readonly code: number }
    if (code === 200) break
    equal(code, 463)
  }
  const ms = performance.now() - began
  await by.does(`join ${list}`)
  return ms
}
