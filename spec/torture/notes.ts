// What a player writes down: each deed before it leaves, and what became of it. After a server has died its directory is held against that: all
// that was answered must be there; of the one deed that was not, all or nothing.
import { deepEqual } from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import { after, beginning, codesOf, savedPart, square, type Deed, type World } from './world.js'
import type { ContactName } from '../../core/index.js'

export class Failure extends Error {}

/** Counts what happens, whoever does it: which of two things came first. */
const counter = (): (() => number) => {
  let count = 0
  return () => ++count
}

export const tick = counter()

/** Between which ticks something was done: `acked` is Infinity where nobody has said so. */
export interface Span {
  readonly sent: number
  readonly acked: number
}

/** A part of the saved file, and when it may have been saved: from the sending of what made it to the answer to what ended it. */
interface Part {
  readonly text: string
  readonly from: number
  until: number
}

export class Notes {
  world: World = beginning
  pending: { readonly deed: Deed; readonly sent: number } | undefined
  /** answers that were 200, and all others */
  done = 0
  refused = 0
  readonly isKeyed: boolean
  /** when contacts joined the shared list */
  readonly joined = new Map<ContactName, Span>()
  #parts: Part[]

  constructor(isKeyed: boolean) {
    this.isKeyed = isKeyed
    this.#parts = [{ text: savedPart(beginning, isKeyed), from: 0, until: Infinity }]
  }

  intend(deed: Deed): void {
    this.pending = { deed, sent: tick() }
  }

  /** The answer to what was intended. A server that was ending has begun no message (503). */
  told(code: number): void {
    const { deed } = this.#intended()
    const codes = codesOf(this.world, this.isKeyed, deed)
    const isLate = deed._tag === 'ImStart' && code === 503 && codes.includes(200)
    if (!codes.includes(code) && !isLate) throw new Failure(`${JSON.stringify(deed)} was answered ${code}, not ${codes.join(' or ')}; known was ${JSON.stringify(this.world)}`)
    if (code === 200) this.#do()
    else this.refused += 1
    this.pending = undefined
  }

  /** What a directory holds of this player; whether it shows that what was intended is done. */
  found(held: World): boolean {
    const { pending, world } = this
    const done = pending !== undefined && codesOf(world, this.isKeyed, pending.deed).includes(200) ? after(world, this.isKeyed, pending.deed) : world
    if (!isDeepStrictEqual(held, done)) deepEqual(held, world, `what was kept is not what was answered${pending === undefined ? '' : `, with or without ${JSON.stringify(pending.deed)}`}`)
    return isDeepStrictEqual(held, done) && !isDeepStrictEqual(done, world)
  }

  /** What may have been saved between two ticks. */
  saved(from: number, until: number): ReadonlyArray<string> {
    return this.#parts.filter((part) => part.from <= until && part.until >= from).map(({ text }) => text)
  }

  /** Nobody will ask what may have been saved before. */
  forget(before: number): void {
    this.#parts = this.#parts.filter(({ until }) => until >= before)
  }

  #intended(): { readonly deed: Deed; readonly sent: number } {
    if (this.pending === undefined) throw new Failure('an answer to nothing')
    return this.pending
  }

  #do(): void {
    const { deed, sent } = this.#intended()
    this.world = after(this.world, this.isKeyed, deed)
    this.done += 1
    const acked = tick()
    if (deed._tag === 'Join' && deed.list === square) this.joined.set(deed.contact, { sent, acked })
    const text = savedPart(this.world, this.isKeyed)
    const last = this.#parts.at(-1)
    if (last?.text === text) return
    if (last !== undefined) last.until = acked
    this.#parts.push({ text, from: sent, until: Infinity })
  }
}
