// A peer's diary on a disk of its own: batches of marks, one under way at a time, each there as a whole or not at all. What is durable is folded as
// a restart would fold it; a mark that does not follow upon those before it is a violation.
import { isLeft } from 'fp-ts/lib/Either.js'
import { diary } from '../../core/index.js'
import type { Clockwork } from './clockwork.js'

interface Batch {
  readonly marks: diary.Mark[]
  readonly done: Array<() => void>
}

export class Shelf {
  /** what a restart would begin with */
  durable: diary.Diary = diary.empty
  readonly #clockwork: Clockwork
  readonly #takesMs: () => number
  readonly #isKept: (mark: diary.Mark) => void
  readonly #isWrong: (what: string) => void
  #writing: Batch | undefined
  #gathering: Batch = { marks: [], done: [] }
  #life = 0

  /** `isKept` is told of each mark that has become durable. */
  constructor(clockwork: Clockwork, takesMs: () => number, isKept: (mark: diary.Mark) => void, isWrong: (what: string) => void) {
    this.#clockwork = clockwork
    this.#takesMs = takesMs
    this.#isKept = isKept
    this.#isWrong = isWrong
  }

  /** Writes these behind all that was given before, and then says so. */
  write(marks: ReadonlyArray<diary.Mark>, done: () => void): void {
    this.#gathering.marks.push(...marks)
    this.#gathering.done.push(done)
    this.#begin()
  }

  /** Writes that before long. */
  jot(mark: diary.Mark): void {
    this.#gathering.marks.push(mark)
    this.#begin()
  }

  /** The program has died. What was under way is there, or not; whether anything was. */
  crash(isThere: boolean): boolean {
    const batch = this.#writing
    this.#life += 1
    this.#writing = undefined
    this.#gathering = { marks: [], done: [] }
    if (batch !== undefined && isThere) this.#fold(batch.marks)
    return batch !== undefined
  }

  #begin(): void {
    if (this.#writing !== undefined || this.#gathering.marks.length === 0) return
    const batch = this.#gathering
    this.#writing = batch
    this.#gathering = { marks: [], done: [] }
    const life = this.#life
    this.#clockwork.at(this.#clockwork.now + this.#takesMs(), () => {
      if (life !== this.#life) return
      this.#fold(batch.marks)
      this.#writing = undefined
      for (const done of batch.done) done()
      this.#begin()
    })
  }

  #fold(marks: ReadonlyArray<diary.Mark>): void {
    for (const mark of marks) {
      const next = diary.marked(this.durable, mark)
      if (isLeft(next)) this.#isWrong(`the mark ${mark._tag} does not follow: ${next.left}`)
      else {
        this.durable = next.right
        this.#isKept(mark)
      }
    }
  }
}
