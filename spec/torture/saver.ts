// Somebody who has the directory saved again and again while it changes and servers die, and looks at the file: it is always a whole one, of a
// moment at which it was asked for, and never older than what was answered.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isLeft } from 'fp-ts/lib/Either.js'
import { roll, server, type FileName } from '../../core/index.js'
import { isNamed, type Roll } from './deeds.js'
import { Failure, tick, type Span } from './notes.js'
import { PlainLine } from './plain.js'
import { square } from './world.js'
import type { Socket } from 'node:dgram'
import type { Life, Player } from './player.js'

const file = 'directory.txt' as FileName

/** ms between an answer and the next request, at most */
const restMs = 30

export class Saver {
  /** files that were held against what they can be */
  checked = 0
  readonly #line: PlainLine
  readonly #roll: Roll
  #isSaving = false
  #wake: () => void = () => undefined
  /** the last one that was answered, and one that was not */
  #last: Span | undefined
  #open: Span | undefined
  #known: string | undefined

  constructor(socket: Socket, roll: Roll) {
    this.#line = new PlainLine(socket)
    this.#roll = roll
  }

  async save(life: Life): Promise<void> {
    this.#isSaving = true
    while (this.#goesOn()) {
      this.#open = { sent: tick(), acked: Infinity }
      const reply = await this.#line.ask(life.port, { _tag: 'Save', file })
      if (reply === undefined) return
      // a server that has ended takes no request, and has saved nothing
      if (reply.code === 503 && life.isClosing) {
        this.#open = undefined
        return
      }
      if (reply.code !== 200) throw new Failure(`save was answered ${reply.code}`)
      this.#last = { ...this.#open, acked: tick() }
      this.#open = undefined
      await new Promise<void>((rested) => {
        const timer = setTimeout(rested, this.#roll(restMs))
        this.#wake = () => {
          clearTimeout(timer)
          rested()
        }
      })
    }
  }

  stop(): void {
    this.#isSaving = false
    this.#line.giveUp()
    this.#wake()
  }

  /** Holds the file that a dead server left in `folder` against what was asked for. Throws when it is not one that can be. */
  check(folder: string, players: ReadonlyArray<Player>): void {
    const path = join(folder, file)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : undefined
    const spans = [this.#open, this.#last].filter((span) => span !== undefined)
    const isOld = text === this.#known && this.#last === undefined
    if (!isOld && (text === undefined || !spans.some((span) => isOf(span, text, players)))) throw new Failure(`the saved file is of no moment at which it was asked for:\n${text}`)
    this.checked += 1
    this.#known = text
    this.#last = undefined
    this.#open = undefined
    const before = tick()
    for (const { notes } of players) notes.forget(before)
  }

  close(): void {
    this.#line.close()
  }

  #goesOn(): boolean {
    return this.#isSaving
  }
}

/** Whether the file can have been saved in that span: each player's part of it was so at some moment of it. */
const isOf = (span: Span, text: string, players: ReadonlyArray<Player>): boolean => {
  const restored = server.restore({ ...server.defaults, maxContacts: 10_000, maxLists: 10_000 }, text)
  if (isLeft(restored)) throw new Failure(`line ${restored.left.line} of the saved file: ${restored.left.reason}`)
  return players.every(({ name, notes }) => notes.saved(span.sent, span.acked).includes(partOf(restored.right, name)))
}

const partOf = (state: server.State, player: string): string => {
  const isOurs = (name: string): boolean => isNamed(player, name)
  const lists = roll.values(state.lists).filter(({ name }) => name === square || isOurs(name))
  return JSON.stringify({
    contacts: roll.names(state.contacts).filter(isOurs),
    lists: lists.map((list) => [list.name, server.membersOf(list).map(({ name }) => name).filter(isOurs)]),
  })
}
