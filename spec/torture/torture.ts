// The lives of a server, one after the other, and what is held against each other between them.
//
//   begin ──> listening ──> the players repeat, look and play ──moment──> kill ──> what was kept, against what the players know ──> begin
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turned, setTimeout as passed } from 'node:timers/promises'
import { restoredFrom } from './folding.js'
import { checkTogether } from './kept.js'
import { drawMoment, temporaries, temporaryIn, type Moment } from './moments.js'
import { Failure } from './notes.js'
import { Victim } from './victim.js'
import { host, type Life, type Player } from './player.js'
import type { Identity } from '../../core/index.js'
import type { Roll } from './deeds.js'
import type { Saver } from './saver.js'

export interface Folders {
  readonly home: string
  readonly data: string
  readonly saves: string
}

export interface Cast {
  readonly players: ReadonlyArray<Player>
  readonly saver: Saver
  /** what is done when the first server listens; who it is */
  readonly open: (port: number) => Promise<Identity>
}

/** ms in which a server that runs must have answered as much as a moment wants */
const progressMs = 20_000

const snapshotEvery = 200

const argumentsFor = (port: number, { data, saves }: Folders): ReadonlyArray<string> => [
  ...[String(port), '--ports', `${port}-${port}`, '--host', host, '--data', data, '--saves', saves, '--snapshot-every', String(snapshotEvery)],
  ...['--history', '0', '--drain', '0', '--contacts', '1000', '--lists', '1000', '--reply-bytes', '65507', '--request-rate', '0', '--register-rate', '0'],
]

export class Torture {
  /** how often a server was killed, ended by itself, died before it listened, was stopped for a while; and files that were being written when it died */
  readonly tally = { kills: 0, ends: 0, begun: 0, stopped: 0, snapshots: 0, saves: 0 }
  readonly #folders: Folders
  readonly #cast: Cast
  readonly #port: number
  readonly #roll: Roll
  #server: Identity | undefined
  /** files that a server left behind that died while it wrote them */
  #left: ReadonlyArray<string> = []
  #next: Victim

  constructor(folders: Folders, cast: Cast, port: number, roll: Roll) {
    this.#folders = folders
    this.#cast = cast
    this.#port = port
    this.#roll = roll
    this.#next = this.#ready()
  }

  /** answers to deeds so far */
  get answers(): number {
    return this.#cast.players.reduce((sum, { notes }) => sum + notes.done + notes.refused, 0)
  }

  /** One life of a server, killed at a moment of chance; then what it has kept is held against what was answered. */
  async kill(n: number): Promise<void> {
    const moment = drawMoment(this.#roll, n)
    const victim = this.#next
    victim.go()
    this.#next = this.#ready()
    if (moment.after === 'begun') {
      await passed(moment.ms)
      this.tally.begun += 1
      await this.#end(victim, moment)
    } else await this.#live(victim, moment)
    await this.#find()
  }

  /** A last life, that ends by itself. */
  async rest(): Promise<void> {
    const victim = this.#next
    victim.go()
    await this.#live(victim, { after: 'served', answers: 100, ms: 100, stopMs: 0, signal: 'SIGTERM' })
    await this.#find()
  }

  close(): void {
    this.#next.signal('SIGKILL')
    for (const player of this.#cast.players) player.close()
    this.#cast.saver.close()
  }

  #ready(): Victim {
    return new Victim(argumentsFor(this.#port, this.#folders), this.#folders.home)
  }

  async #live(victim: Victim, moment: Moment): Promise<void> {
    await victim.line(/^peal server at/)
    this.#server ??= await this.#cast.open(this.#port)
    this.#checkStart(victim)
    const life: Life = { port: this.#port, server: this.#server, isClosing: false }
    const { players, saver } = this.#cast
    const plays = Promise.all([saver.save(life), ...players.map((player) => player.play(life))])
    await Promise.race([this.#reach(moment, victim), plays])
    if (moment.stopMs > 0) {
      this.tally.stopped += 1
      victim.signal('SIGSTOP')
      await passed(moment.stopMs)
      victim.signal('SIGCONT')
    }
    life.isClosing = moment.signal === 'SIGTERM'
    await Promise.race([this.#end(victim, moment), plays])
    for (const one of [saver, ...players]) one.stop()
    await plays
  }

  async #reach(moment: Moment, victim: Victim): Promise<void> {
    const wanted = this.answers + moment.answers
    const until = performance.now() + progressMs
    while (this.answers < wanted) {
      if (victim.hasEnded) throw new Failure(`the server ended by itself (${victim.ending})\n${victim.said.join('\n')}`)
      if (performance.now() > until) throw new Failure(`not ${moment.answers} answers in ${progressMs} ms`)
      await passed(2)
    }
    if (moment.after === 'snapshot') await temporaryIn(this.#folders.data, 300)
    if (moment.after === 'save') await temporaryIn(this.#folders.saves, 300)
    await passed(moment.ms)
  }

  /** Ends it; what it had sent before has been read when this is kept. */
  async #end(victim: Victim, { signal }: Moment): Promise<void> {
    victim.signal(signal)
    await victim.ended
    this.tally[signal === 'SIGKILL' ? 'kills' : 'ends'] += 1
    if (signal === 'SIGTERM' && typeof victim.ending !== 'number') throw new Failure(`told to end, the server ended by ${victim.ending}\n${victim.said.join('\n')}`)
    for (let turns = 0; turns < 3; turns++) await turned()
  }

  /** Nothing that a dead server was writing is left, and the new one says what it brought back. */
  #checkStart(victim: Victim): void {
    const still = this.#left.filter((path) => existsSync(path))
    if (still.length > 0) throw new Failure(`left over from a server that died: ${still.join(', ')}`)
    if (victim.said.length === 0) throw new Failure('it says nothing')
  }

  async #find(): Promise<void> {
    const { data, saves } = this.#folders
    const [snapshots, files] = [temporaries(data), temporaries(saves)]
    this.tally.snapshots += snapshots.length > 0 ? 1 : 0
    this.tally.saves += files.length > 0 ? 1 : 0
    this.#left = [...snapshots.map((name) => join(data, name)), ...files.map((name) => join(saves, name))]
    const kept = await restoredFrom(data)
    if (kept === undefined) return
    const { players, saver } = this.#cast
    for (const player of players) player.find(kept)
    checkTogether(kept, players)
    saver.check(saves, players)
  }
}
