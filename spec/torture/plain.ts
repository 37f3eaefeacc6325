// A player without keys: an old program with some contacts, on the classic wire, which has no numbers for requests. Nothing is repeated; what was not
// answered is looked up in what the server has kept.
import { deepEqual } from 'node:assert/strict'
import { isLeft } from 'fp-ts/lib/Either.js'
import { classic, type Address, type server } from '../../core/index.js'
import { draw, isNamed, namesOf, type Roll } from './deeds.js'
import { worldOf } from './kept.js'
import { Failure, Notes } from './notes.js'
import { host, patienceMs, type Life, type Player } from './player.js'
import { ringOf, square, type Deed, type Message } from './world.js'
import type { Socket } from 'node:dgram'

/** One request after the other to a server, and the reply to each. */
export class PlainLine {
  readonly #socket: Socket
  #settle: (reply: string | undefined) => void = () => undefined

  constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (bytes) => this.#settle(bytes.toString()))
  }

  /** The text of the reply; `undefined` when it was given up before. Rejects when a server that runs does not reply. */
  ask(port: number, request: classic.Request): Promise<classic.ReplyPacket | undefined> {
    const text = classic.encodeRequest(request)
    return new Promise((resolve, reject) => {
      const patience = setTimeout(() => reject(new Failure(`no reply to ${text}`)), patienceMs)
      this.#settle = (said) => {
        clearTimeout(patience)
        this.#settle = () => undefined
        const reply = said === undefined ? undefined : classic.decodeReply(said)
        if (reply !== undefined && isLeft(reply)) reject(new Failure(`${text} was answered ${said}`))
        else resolve(reply?.right)
      }
      this.#socket.send(text, port, host)
    })
  }

  giveUp(): void {
    this.#settle(undefined)
  }

  close(): void {
    this.#socket.close()
  }
}

export class PlainPlayer implements Player {
  readonly notes = new Notes(false)
  readonly name: string
  readonly #line: PlainLine
  readonly #roll: Roll
  #isPlaying = false
  /** the newest request was refused by a server that had ended */
  #isTurned = false

  constructor(name: string, socket: Socket, roll: Roll) {
    this.name = name
    this.#line = new PlainLine(socket)
    this.#roll = roll
  }

  async play(life: Life): Promise<void> {
    this.#isPlaying = true
    await this.#look(life)
    while (this.#goesOn()) await (this.#roll(40) === 0 ? this.#look(life) : this.#act(life))
  }

  stop(): void {
    this.#isPlaying = false
    this.#line.giveUp()
  }

  find(kept: server.State): void {
    const isDone = this.notes.found(worldOf(kept, this.name, undefined))
    if (isDone && this.#isTurned) throw new Failure(`${this.name}: ${JSON.stringify(this.notes.pending?.deed)} was refused as by a server that ends, and is done`)
    this.#isTurned = false
    if (isDone) this.notes.told(200)
    else this.notes.pending = undefined
  }

  close(): void {
    this.#line.close()
  }

  #goesOn(): boolean {
    return this.#isPlaying
  }

  #requestOf(deed: Deed): classic.Request {
    switch (deed._tag) {
      case 'Register': return { ...deed, address: { ip: host, port: 40000 + 2 * this.#roll(1000) } as Address }
      case 'Create': return { _tag: 'Create', list: deed.list }
      case 'Delete': throw new Failure('the classic wire deletes nothing')
      case 'Join':
      case 'Leave':
      case 'Exit':
      case 'ImStart':
      case 'ImComplete': return deed
    }
  }

  /** `undefined` also from a server that has ended, and takes no request: it has not done it. */
  async #ask(life: Life, request: classic.Request): Promise<classic.ReplyPacket | undefined> {
    const reply = await this.#line.ask(life.port, request)
    if (reply?.code !== 503 || !life.isClosing) return reply
    this.#isPlaying = false
    this.#isTurned = true
    return undefined
  }

  async #act(life: Life): Promise<void> {
    const deed = draw(this.#roll, this.notes.world, namesOf(this.name, false), false)
    this.notes.intend(deed)
    const reply = await this.#ask(life, this.#requestOf(deed))
    if (reply === undefined) return
    const { code, body } = reply
    if (deed._tag === 'ImStart' && body._tag === 'Ring') this.#checkRing(deed, body.members.map(({ name }) => name))
    this.notes.told(code)
  }

  #checkRing({ list, contact }: Message, names: ReadonlyArray<string>): void {
    const own = names.filter((name) => isNamed(this.name, name))
    deepEqual([names[0], list === square ? own : names], [contact, ringOf(this.notes.world, list, contact)], `${this.name}: the ring`)
  }

  /** What the server says that there is of its own. */
  async #look(life: Life): Promise<void> {
    const reply = await this.#ask(life, { _tag: 'QueryLists' })
    if (reply === undefined) return
    const names = reply.body._tag === 'Lists' ? reply.body.names.filter((name) => name === square || isNamed(this.name, name)) : reply
    deepEqual(names, this.notes.world.lists.map(({ name }) => name), `${this.name}: its lists`)
  }
}
