// A store without a disk and without time of its own: it takes a batch and a snapshot at a time, holds them for some turns, and then says what
// became of them, or is broken off by a crash. What is durable is text, as the ledger's codecs write it; what a restart gets is read from it.
//
//   append ──batch──> unsynced ──turns──> Written                       snapshot ──part──part──> whole ──put in place──> Written
//                        │  └──────────> Full: nothing of it is there       │  └───────────────────────────────> Full: the old one stays
//                        │  └──────────> Broken: there or not               └──a crash: the old one, or the new one where it was whole
//                        └──a crash: there, though nobody was told, or not
//
// What it does is drawn from `chance`, so that the same numbers are the same disk. It asks of its user what the port asks, and says so when
// that is not kept: one batch at a time, each behind the last.
import { isLeft } from 'fp-ts/lib/Either.js'
import { check, type Ledger } from '../../core/index.js'
import type { Batch } from '../../shell/stores/store.js'

/** What may go wrong: the fault model. Chances are from 0 to 1, spans are least and most, evenly spread. */
export interface Faults {
  /** turns that a batch is under way */
  readonly batchTurns: readonly [least: number, most: number]
  /** chance, for each batch and each snapshot that is due, that the disk is found full from now on */
  readonly full: number
  /** turns until there is room again */
  readonly fullTurns: readonly [least: number, most: number]
  /** chance, for each batch that is due, that nobody can say whether it is there */
  readonly broken: number
  /** chance that what was under way at a crash, or when the disk broke, is there all the same */
  readonly survival: number
}

/** What became of a batch or a snapshot. */
export type Word = 'Written' | 'Full' | 'Broken'

/** How often each thing happened. */
export type Happened = (what: string) => void

interface Snapshot {
  readonly position: number
  readonly parts: ReadonlyArray<string>
}

interface Writing {
  readonly position: number
  readonly parts: string[]
  readonly rest: ReadonlyArray<() => unknown>
}

const fair: Faults = { batchTurns: [0, 0], full: 0, fullTurns: [0, 0], broken: 0, survival: 0 }

export class Disk<D, S> {
  /** every record that has ever become durable, in order; what a snapshot made needless too */
  readonly history: string[] = []
  #faults: Faults
  readonly #ledger: Ledger<D, S>
  readonly #first: S
  readonly #chance: () => number
  readonly #happened: Happened
  #snapshot: Snapshot | undefined
  #journal: string[] = []
  #unsynced: { readonly texts: ReadonlyArray<string>; readonly due: number } | undefined
  #writing: Writing | undefined
  #turn = 0
  #fullUntil = 0

  /** `first` is what the ledger begins with, at position 0. */
  constructor(ledger: Ledger<D, S>, first: S, faults: Faults, chance: () => number, happened: Happened) {
    this.#ledger = ledger
    this.#first = first
    this.#faults = faults
    this.#chance = chance
    this.#happened = happened
  }

  /** Whether a batch is under way. */
  isAppending(): boolean {
    return this.#unsynced !== undefined
  }

  /** Whether a snapshot is under way. */
  isCopying(): boolean {
    return this.#writing !== undefined
  }

  /** Nothing goes wrong from now on, and there is room. */
  heal(): void {
    this.#faults = fair
    this.#fullUntil = 0
  }

  /** Takes the batch. Throws when another one is under way, or when it is not the next one. */
  append({ records, position }: Batch<D>): void {
    if (this.#unsynced !== undefined) throw new Error('a second batch was given while one was under way')
    if (records.length === 0) throw new Error('an empty batch was given')
    if (position !== this.history.length + records.length) throw new Error(`a gap: ${records.length} records up to ${position} were given behind ${this.history.length}`)
    const texts = records.map((record) => JSON.stringify(this.#ledger.record.encode(record)))
    this.#unsynced = { texts, due: this.#turn + this.#span(this.#faults.batchTurns) }
  }

  /** Takes a state to begin with at the next restart. Throws when another one is under way, or when the state is not one between two durable batches. */
  copy(state: S): void {
    const position = this.#ledger.position(state)
    if (this.#writing !== undefined) throw new Error('a second snapshot was given while one was under way')
    if (position > this.history.length) throw new Error(`a snapshot of ${position} was given where ${this.history.length} is durable`)
    this.#writing = { position, parts: [], rest: this.#ledger.parts(state) }
  }

  /** A turn passes: what became of the batch under way, if it is due. */
  sync(): Word | undefined {
    this.#turn += 1
    if (this.#unsynced === undefined || this.#unsynced.due >= this.#turn) return undefined
    const { texts } = this.#unsynced
    this.#unsynced = undefined
    if (this.#isFull()) return this.#said('batch', 'Full')
    if (this.#chance() < this.#faults.broken) {
      this.#left(texts)
      return this.#said('batch', 'Broken')
    }
    this.#put(texts)
    return this.#said('batch', 'Written')
  }

  /** One part of the snapshot under way is written, or the whole put in its place: then what became of it. */
  write(): Word | undefined {
    if (this.#writing === undefined) return undefined
    const { parts, rest } = this.#writing
    const next = rest[parts.length]
    if (next !== undefined) {
      parts.push(JSON.stringify(next()))
      return undefined
    }
    const whole = this.#writing
    this.#writing = undefined
    if (this.#isFull()) return this.#said('snapshot', 'Full')
    this.#place(whole)
    return this.#said('snapshot', 'Written')
  }

  /** The program has stopped, wherever it was. */
  crash(): void {
    if (this.#unsynced !== undefined) this.#left(this.#unsynced.texts)
    if (this.#writing !== undefined) {
      const isWhole = this.#writing.parts.length === this.#writing.rest.length
      const isThere = isWhole && this.#chance() < this.#faults.survival
      this.#happened(`a snapshot cut off ${isThere ? 'when it was in its place' : isWhole ? 'before it was in its place' : 'in the middle'}`)
      if (isThere) this.#place(this.#writing)
    }
    this.#unsynced = undefined
    this.#writing = undefined
  }

  /** What a restart begins with: the newest snapshot, read, and the records since, each read and folded. Throws when either cannot be. */
  restore(): S {
    const { position, parts } = this.#snapshot ?? { position: 0, parts: undefined }
    const whole = parts === undefined ? this.#first : this.#read(this.#ledger.whole(parts.map((text) => JSON.parse(text) as unknown)), 'the snapshot')
    if (this.#ledger.position(whole) !== position) throw new Error(`the snapshot of ${position} is at ${this.#ledger.position(whole)}`)
    const state = this.#journal.reduce((so, text) => this.#read(this.#ledger.fold(so, this.record(text)), text), whole)
    if (this.#ledger.position(state) !== this.history.length) throw new Error(`${this.history.length} records came to position ${this.#ledger.position(state)}`)
    this.#happened(`restored from ${parts === undefined ? 'nothing' : 'a snapshot'}`)
    return state
  }

  /** A record as a restart reads it. */
  record(text: string): D {
    return this.#read(check(this.#ledger.record, JSON.parse(text)), text)
  }

  #read<A>(read: { readonly _tag: 'Left'; readonly left: unknown } | { readonly _tag: 'Right'; readonly right: A }, what: string): A {
    if (isLeft(read)) throw new Error(`cannot be read: ${what}: ${JSON.stringify(read.left)}`)
    return read.right
  }

  #isFull(): boolean {
    if (this.#turn >= this.#fullUntil && this.#chance() < this.#faults.full) this.#fullUntil = this.#turn + this.#span(this.#faults.fullTurns)
    return this.#turn < this.#fullUntil
  }

  #left(texts: ReadonlyArray<string>): void {
    const isThere = this.#chance() < this.#faults.survival
    this.#happened(`a batch cut off and ${isThere ? 'there' : 'gone'}`)
    if (isThere) this.#put(texts)
  }

  #put(texts: ReadonlyArray<string>): void {
    this.#journal.push(...texts)
    this.history.push(...texts)
  }

  #place({ position, parts }: Snapshot): void {
    this.#snapshot = { position, parts }
    this.#journal = this.history.slice(position)
  }

  #span([least, most]: readonly [number, number]): number {
    return least + Math.floor(this.#chance() * (most - least + 1))
  }

  #said(what: string, word: Word): Word {
    this.#happened(`a ${what} ${word}`)
    return word
  }
}
