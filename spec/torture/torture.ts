// The lives of a server, one after the other, and what is held against each other between them.
//
//   begin ──> listening ──> the players repeat, look and play ──moment──> kill ──> what was kept, against what the players know ──> begin
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turned, setTimeout as passed } from 'node:timers/promises'
import { roll, type Identity, type server } from '../../core/index.js'
import { restoredFrom } from './folding.js'
import { checkTogether } from './kept.js'
import { drawMoment, temporaries, temporaryIn, type Moment } from './moments.js'
import { Failure } from './notes.js'
import { Victim } from './victim.js'
import { host, type Life, type Player } from './player.js'
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
  ...['--history', '0', '--drain', '1', '--contacts', '1000', '--lists', '1000', '--reply-bytes', '65507', '--request-rate', '0', '--register-rate', '0'],
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
  /** what the last one had kept */
  #kept: server.State | undefined
  #running: Victim
  #next: Victim
  /** when `#running` began */
  #since = performance.now()

  constructor(folders: Folders, cast: Cast, port: number, roll: Roll) {
    this.#folders = folders
    this.#cast = cast
    this.#port = port
    this.#roll = roll
    this.#running = this.#ready()
    this.#next = this.#ready()
    this.#running.go()
  }

  /** answers to deeds so far */
  get answers(): number {
    return this.#cast.players.reduce((sum, { notes }) => sum + notes.done + notes.refused, 0)
  }

  /** Ends the life of the server at a moment of chance; then what it has kept is held against what was answered. */
  async kill(n: number): Promise<void> {
    const moment = drawMoment(this.#roll, n)
    if (moment.after === 'begun') {
      await passed(Math.max(0, this.#since + moment.ms - performance.now()))
      this.tally.begun += 1
      await this.#end(moment)
    } else await this.#live(moment)
    this.#find()
  }

  /** A last life, which ends by itself. */
  async rest(): Promise<void> {
    await this.#live({ after: 'served', answers: 100, ms: 100, stopMs: 0, signal: 'SIGTERM', graceMs: undefined })
    this.#find()
  }

  async close(): Promise<void> {
    for (const victim of [this.#running, this.#next]) {
      victim.signal('SIGKILL')
      await victim.ended
    }
    for (const player of this.#cast.players) player.close()
    this.#cast.saver.close()
  }

  #ready(): Victim {
    return new Victim(argumentsFor(this.#port, this.#folders), this.#folders.home)
  }

  async #live(moment: Moment): Promise<void> {
    const victim = this.#running
    await victim.line(/^peal server at/)
    this.#server ??= await this.#cast.open(this.#port)
    this.#checkStart(victim)
    const life: Life = { port: this.#port, server: this.#server, isClosing: false, isOver: false }
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
    const end = this.#end(moment)
    await Promise.race([end, plays])
    await end
    life.isOver = true
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
    if (moment.after === 'snapshot') await temporaryIn(this.#folders.data, 'snapshot', 300)
    if (moment.after === 'save') await temporaryIn(this.#folders.saves, 'save', 300)
    await passed(moment.ms)
  }

  /** Ends it; what it had sent before has been read when this is kept. */
  async #end({ signal, graceMs }: Moment): Promise<void> {
    const victim = this.#running
    victim.signal(signal)
    if (graceMs !== undefined) {
      await Promise.race([passed(graceMs), victim.ended])
      victim.signal('SIGKILL')
    }
    await victim.ended
    const { ending } = victim
    this.tally[ending === 'SIGKILL' ? 'kills' : 'ends'] += 1
    if (ending !== 'SIGKILL' && (signal === 'SIGKILL' || typeof ending !== 'number')) throw new Failure(`the server ended by itself (${ending})\n${victim.said.join('\n')}`)
    for (let turns = 0; turns < 3; turns++) await turned()
  }

  /** Nothing that a dead server was writing is left, and the new one says what it brought back. */
  #checkStart(victim: Victim): void {
    const still = this.#left.filter((path) => existsSync(path))
    if (still.length > 0) throw new Failure(`left over from a server that died: ${still.join(', ')}`)
    const wanted = this.#kept === undefined ? /^the directory is new, in / : restoredLine(this.#kept)
    if (!victim.said.some((line) => wanted.test(line))) throw new Failure(`no ${wanted.source} from a server that said\n${victim.said.join('\n')}`)
  }

  /** Holds what the dead server has kept against what it had answered; then the next one begins. */
  #find(): void {
    const { data, saves } = this.#folders
    const left = [...temporaries(data, 'snapshot').map((name) => join(data, name)), ...temporaries(saves, 'save').map((name) => join(saves, name))]
    const fresh = left.filter((path) => !this.#left.includes(path))
    this.tally.snapshots += fresh.some((path) => path.startsWith(data)) ? 1 : 0
    this.tally.saves += fresh.some((path) => path.startsWith(saves)) ? 1 : 0
    this.#left = left
    const { players, saver } = this.#cast
    const kept = restoredFrom(data)
    for (const player of players) player.find(kept)
    checkTogether(kept, players)
    saver.check(saves, players)
    this.#kept = kept
    this.#running = this.#next
    this.#running.go()
    this.#since = performance.now()
    this.#next = this.#ready()
  }
}

const restoredLine = ({ contacts, lists, ongoing }: server.State): RegExp =>
  new RegExp(`^restored ${roll.size(contacts)} contacts?, ${roll.size(lists)} lists? and ${ongoing} ongoing messages? in \\d+ ms from `)
