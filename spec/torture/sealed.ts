// A player with a key: a contact of the sealed wire. It chooses (boot, seq) itself, so that it can repeat what it asked of a server that has died
// since, and must be answered with the same bytes.
import { deepEqual } from 'node:assert/strict'
import { roll, sealed, server, type ContactName } from '../../core/index.js'
import { draw, isNamed, namesOf, type Roll } from './deeds.js'
import { worldOf } from './kept.js'
import { hex, Keyed } from './keyed.js'
import { decoded } from './line.js'
import { Failure, Notes } from './notes.js'
import { square } from './world.js'
import type { Socket } from 'node:dgram'
import type { Life, Player } from './player.js'

/** A request that is done or refused, and the answer that it gets however often it is repeated. */
interface Settled {
  readonly request: sealed.Request
  readonly answer: Uint8Array
}

/** Of an exit nothing is stored: who has gone is not known. */
const gone = sealed.encodeAnswer({ code: 401, body: { _tag: 'Nothing' } })

/** The answer to the request that was kept; `undefined` where it was not executed. */
const keptAnswer = ({ seq, order }: sealed.Request, contact: server.Contact | undefined): Uint8Array | undefined => {
  if (order._tag === 'Exit' && contact === undefined) return gone
  if (contact?.bound === undefined) return undefined
  const { nonce, boot, last } = contact.bound
  if (order._tag === 'Register') return nonce === order.nonce ? sealed.encodeAnswer({ code: 200, body: { _tag: 'Registered', boot } }) : undefined
  return last?.seq === seq ? sealed.encodeAnswer(server.sealedAnswer(last.outcome)) : undefined
}

export class SealedPlayer implements Player {
  readonly notes = new Notes(true)
  readonly name: ContactName
  /** answers that a repeated request got, each as it had been */
  repeated = 0
  readonly #keyed: Keyed
  readonly #roll: Roll
  #settled: Settled | undefined
  /** what `notes.pending` looks like on the wire */
  #pending: sealed.Request | undefined
  /** where the directory may say that it is: where it was, until it has been heard from elsewhere */
  #ports: ReadonlyArray<number>

  constructor(name: string, socket: Socket, roll: Roll) {
    this.name = name as ContactName
    this.#keyed = new Keyed(socket)
    this.#ports = [this.#keyed.port]
    this.#roll = roll
  }

  async play(life: Life): Promise<void> {
    if (this.#roll(8) === 0) await this.#move()
    if (!life.isOver) this.#keyed.connect(life)
    await this.#repeat()
    if (this.#pending !== undefined) await this.#settle(life, this.#pending)
    await this.#look()
    while (this.#keyed.isConnected) {
      const chance = this.#roll(40)
      if (chance === 0) await this.#repeat()
      else if (chance === 1) await this.#look()
      else await this.#act(life)
    }
  }

  stop(): void {
    this.#keyed.part()
  }

  close(): void {
    this.#keyed.close()
  }

  find(kept: server.State): void {
    const contact = roll.get(kept.contacts, this.name)
    const isDone = this.notes.found(worldOf(kept, this.name, this.#keyed.id))
    const answer = this.#pending === undefined ? undefined : keptAnswer(this.#pending, contact)
    const isTurned = this.#pending !== undefined && this.#keyed.turned === this.#pending
    if (isTurned && answer !== undefined && decoded(answer).code !== 503) throw new Failure(`${this.name}: ${JSON.stringify(this.#pending?.order)} was refused as by a server that ends, and had been done`)
    this.#keyed.turned = undefined
    if (isDone && answer === undefined) throw new Failure(`${this.name}: ${JSON.stringify(this.#pending?.order)} is done, and the answer to it is not kept`)
    if (answer !== undefined) this.#note(answer, answer === gone ? 200 : decoded(answer).code)
    if (contact?.bound === undefined) return
    if (!this.#ports.includes(contact.card.port)) throw new Failure(`${this.name} is kept at port ${contact.card.port}, and was at ${this.#ports.join(', or at ')}`)
    const { boot, last } = contact.bound
    const newest = this.#settled
    const known = newest === undefined || newest.request.order._tag === 'Register' ? undefined : { seq: newest.request.seq, answer: hex(newest.answer) }
    const stored = last === undefined ? undefined : { seq: last.seq, answer: hex(sealed.encodeAnswer(server.sealedAnswer(last.outcome))) }
    deepEqual({ boot, ...stored }, { boot: this.#keyed.boot, ...known }, `${this.name}: its newest order, and the answer to it`)
  }

  async #move(): Promise<void> {
    await this.#keyed.move()
    this.#ports = [...this.#ports, this.#keyed.port]
  }

  async #act(life: Life): Promise<void> {
    const deed = draw(this.#roll, this.notes.world, namesOf(this.name, true), true)
    if (deed._tag === 'ImStart' || deed._tag === 'ImComplete') throw new Failure('a player with a key sends no message')
    this.notes.intend(deed)
    this.#pending = this.#keyed.request(deed._tag === 'Register' ? this.#keyed.registering(this.name, life) : deed)
    await this.#settle(life, this.#pending)
  }

  async #settle(life: Life, request: sealed.Request): Promise<void> {
    const answer = await this.#keyed.ask(request)
    if (answer === undefined) return
    const { code } = decoded(answer)
    const { order } = request
    this.#note(answer, code)
    // who has gone is met anew, as a new process of the contact would be
    if (order._tag === 'Exit' && code === 200 && this.#keyed.isConnected) this.#keyed.connect(life)
  }

  /** The answer to what is pending: it is settled now. */
  #note(answer: Uint8Array, code: number): void {
    const request = this.#pending
    if (request === undefined) throw new Failure('an answer to nothing')
    this.notes.told(code)
    this.#ports = [this.#keyed.port]
    const { body } = decoded(answer)
    if (body._tag === 'Registered') this.#keyed.boot = body.boot
    this.#settled = { request, answer: request.order._tag === 'Exit' && code === 200 ? gone : answer }
    this.#pending = undefined
  }

  /** Asks once more what is settled. */
  async #repeat(): Promise<void> {
    if (this.#settled === undefined) return
    const { request, answer } = this.#settled
    const now = await this.#keyed.repeat(request)
    if (now === undefined) return
    deepEqual(hex(now), hex(answer), `${this.name}: ${JSON.stringify(request.order)} was answered otherwise before`)
    this.repeated += 1
  }

  async #question(order: sealed.Order): Promise<sealed.Answer | undefined> {
    const answer = await this.#keyed.ask(this.#keyed.request(order))
    return answer === undefined ? undefined : decoded(answer)
  }

  /** What the server says that there is of its own. */
  async #look(): Promise<void> {
    const { contacts, lists } = this.notes.world
    const list = lists[this.#roll(lists.length)]
    if (contacts.length === 0 || list === undefined) return
    const listing = await this.#question({ _tag: 'QueryLists' })
    if (listing === undefined) return
    const names = listing.body._tag === 'Lists' ? listing.body.names.filter((name) => name === square || isNamed(this.name, name)) : listing
    deepEqual(names, lists.map(({ name }) => name), `${this.name}: its lists`)
    const { name, members, isOwned } = list
    const said = await this.#question({ _tag: 'Members', list: name })
    if (said === undefined) return
    const here = said.body._tag === 'Members' ? said.body.members.flatMap((row) => (isNamed(this.name, row.name) ? [row.name] : [])) : []
    deepEqual({ code: said.code, here }, { code: members.length > 0 || isOwned ? 200 : 464, here: members }, `${this.name}: the members of ${name}`)
  }
}
