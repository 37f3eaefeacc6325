// Everything that can happen next, in a ring, on its network, at its server: each datagram that ever was sent may arrive, at any time and any number of
// times; each armed timer may be due; processes stop and begin anew; the grant ends. What is promised is looked at in each step.
import { delivery, sealed, type ImId, type PublicKey, type Tag } from '../../core/index.js'
import { Locals, settledOn, textOf, type Driver, type Happening, type Move, type Out } from './locals.js'
import { before, behind, grantOf, membersOf, serverBox, type Granted, type Member, type Scene } from './scene.js'

/** A promise that was broken, and how. */
export class Broken extends Error {
  constructor(readonly rule: string, what: string) {
    super(`${rule}: ${what}`)
  }
}

/** Words of the network: a bit for each datagram that was ever sent. */
const netWords = 12

interface Message {
  readonly text: string
  /** a member's place; -1: the server */
  readonly to: number
  readonly from: number
  readonly command: () => delivery.Command
  readonly complete: Extract<sealed.Order, { readonly _tag: 'ImComplete' }> | undefined
}

type Ended = 'live' | 'proof' | 'expired'
const endings: ReadonlyArray<Ended> = ['live', 'proof', 'expired']

/** What is not a member's, nor the network's. */
interface Rest {
  readonly isBehind: boolean
  readonly ended: Ended
  readonly crashes: number
  readonly slept: boolean
  /** places that the initiator has called undelivered */
  readonly undelivered: number
}

const packed = ({ isBehind, ended, crashes, slept, undelivered }: Rest): number =>
  (isBehind ? 1 : 0) | (endings.indexOf(ended) << 1) | (crashes << 3) | (slept ? 32 : 0) | (undelivered << 6)

const unpacked = (word: number): Rest => ({
  isBehind: (word & 1) === 1, ended: endings[(word >> 1) & 3] ?? 'live', crashes: (word >> 3) & 3, slept: (word & 32) !== 0, undelivered: word >> 6,
})

/** What a datagram says, as far as anything is decided by it: `have` is as good as `stored`. */
const meant = (frame: sealed.Frame): unknown => {
  if (frame._tag === 'Relay') return { ...frame, part: undefined, head: sealed.decodeTrail(frame.head) }
  return frame._tag === 'Ack' && frame.status === 'have' ? { ...frame, status: 'stored' } : frame
}

export type Found = (row: Uint32Array, label: number) => void

/** What may be done to the members, or to the server, to see it found out. */
export interface Tampering extends Driver {
  /** the server believes any im-complete */
  readonly isGullible: boolean
  readonly courier: (config: delivery.Config) => delivery.Config
}

export const untampered: Tampering = { isHasty: false, isGullible: false, courier: (config) => config }

export class World {
  readonly width: number
  readonly #scene: Scene
  readonly #granted: Granted
  readonly #tampering: Tampering
  readonly #members: ReadonlyArray<Member>
  readonly #locals: ReadonlyArray<Locals>
  readonly #messages: Message[] = []
  readonly #numbers = new Map<string, number>()
  readonly #labels: string[] = []
  readonly #labelNumbers = new Map<string, number>()
  /** how often each interesting thing came out of a member, once for each of its states */
  readonly happened = new Map<string, number>()

  constructor(scene: Scene, tampering: Tampering = untampered) {
    this.#scene = scene
    this.#tampering = tampering
    this.#members = membersOf(scene).map((member) => ({ ...member, config: tampering.courier(member.config) }))
    this.#granted = grantOf(this.#members)
    this.#locals = this.#members.map((member) => new Locals(scene, member, this.#granted, tampering))
    this.width = scene.members + netWords + 1
  }

  get runs(): number {
    return this.#locals.reduce((sum, { runs }) => sum + runs, 0)
  }

  get messages(): number {
    return this.#messages.length
  }

  get locals(): ReadonlyArray<number> {
    return this.#locals.map(({ all }) => all.length)
  }

  label(number: number): string {
    return this.#labels[number] ?? '?'
  }

  first(): Uint32Array {
    const row = new Uint32Array(this.width)
    row[this.width - 1] = packed({ isBehind: false, ended: 'live', crashes: 0, slept: false, undelivered: 0 })
    this.#locals.forEach((locals, place) => {
      const { to, out } = locals.first()
      row[place] = to
      this.#leave(row, place, out)
    })
    return row
  }

  /** Gives `found` each state that may follow. Throws `Broken`. */
  follow(row: Uint32Array, found: Found): void {
    const rest = unpacked(row[this.width - 1] ?? 0)
    for (let place = 0; place < this.#scene.members; place++) this.#member(row, rest, place, found)
    this.#messages.forEach((message, number) => {
      if (!this.#isSent(row, number)) return
      if (message.to < 0) this.#server(row, rest, message, found)
      else this.#happen(row, rest, message.to, { _tag: 'Message', message: number }, found, message)
    })
    if (!rest.isBehind) found(this.#with(row, { ...rest, isBehind: true }), this.#labelled('the grant ends, by the clock'))
    if (rest.isBehind && rest.ended === 'live') found(this.#with(row, { ...rest, ended: 'expired' }), this.#labelled('the server lets it end'))
  }

  #member(row: Uint32Array, rest: Rest, place: number, found: Found): void {
    const locals = this.#locals[place] as Locals
    const number = row[place] ?? 0
    const local = locals.at(number)
    if (local.state === undefined) return this.#happen(row, rest, place, { _tag: 'Restart' }, found)
    for (const timer of locals.timers(number)) this.#happen(row, rest, place, { _tag: 'Timer', timer }, found)
    if (local.queue.length > 0) this.#happen(row, rest, place, { _tag: 'Durable' }, found)
    if (rest.crashes < this.#scene.crashes) this.#happen(row, { ...rest, crashes: rest.crashes + 1 }, place, { _tag: 'Crash' }, found)
    if (local.state.clock.length === 0) this.#happen(row, rest, place, { _tag: 'Learned' }, found)
    if (this.#scene.sleeps && !rest.slept) this.#happen(row, { ...rest, slept: true }, place, { _tag: 'Slept' }, found)
  }

  #happen(row: Uint32Array, rest: Rest, place: number, happening: Happening, found: Found, message?: Message): void {
    const locals = this.#locals[place] as Locals
    const number = row[place] ?? 0
    const move = locals.move(number, rest.isBehind ? behind : before, happening, message?.command)
    if (move.to === number && move.out.length === 0) return
    this.#judge(row, rest, place, number, move)
    const next = this.#with(row, { ...rest, undelivered: rest.undelivered | this.#calledUndelivered(move) })
    next[place] = move.to
    this.#leave(next, place, move.out)
    found(next, this.#labelled(`${place}: ${message === undefined ? textOf(happening) : message.text}`))
  }

  #calledUndelivered({ out }: Move): number {
    const notice = this.#report(out)
    return notice === undefined ? 0 : this.#placesOf(notice.undelivered).reduce((bits, place) => bits | (1 << place), 0)
  }

  #report(out: ReadonlyArray<Out>): delivery.NoticeOf<'Reported'> | undefined {
    const said = out.find((effect) => effect._tag === 'Announce' && effect.notice._tag === 'Reported')
    return said?._tag === 'Announce' && said.notice._tag === 'Reported' ? said.notice : undefined
  }

  #placesOf(all: ReadonlyArray<{ readonly name: string }>): ReadonlyArray<number> {
    return all.map(({ name }) => Number(name.slice(1)))
  }

  /** What is promised of a step of one member. */
  #judge(row: Uint32Array, rest: Rest, place: number, number: number, move: Move): void {
    const { im, path } = this.#granted.grant
    const locals = this.#locals[place] as Locals
    const [was, now] = [locals.at(number), locals.at(move.to)]
    const takes = (one: typeof was): boolean => one.state !== undefined && settledOn({ ...one, kept: one.state.diary }, im) === 'stored'
    const isTaken = was.state !== undefined && !takes(was) && takes(now)
    if (isTaken) this.#count('taken')
    if (isTaken && rest.ended !== 'live') throw new Broken('I1', `member ${place} takes the message when it has ended (${rest.ended})`)
    if (settledOn(now, im) === 'stored' && (rest.undelivered & (1 << place)) !== 0) throw new Broken('I5', `member ${place} has it, and was called undelivered`)
    for (const effect of move.out) this.#said(place, settledOn(now, im), effect)
    const report = this.#report(move.out)
    if (report === undefined) return
    this.#count(report.unknown.length > 0 ? 'reported, some unknown' : 'reported in full')
    for (const one of this.#placesOf(report.delivered)) {
      if (settledOn((this.#locals[one] as Locals).at(row[one] ?? 0), im) !== 'stored') throw new Broken('I5', `member ${one} is reported delivered, and has not stored it`)
    }
    for (const one of this.#placesOf(report.undelivered)) {
      if (settledOn((this.#locals[one] as Locals).at(row[one] ?? 0), im) === 'stored') throw new Broken('I5', `member ${one} is reported undelivered, and has stored it`)
    }
    const classes = [...report.delivered, ...report.undelivered, ...report.unknown].length
    if (classes !== path.length) throw new Broken('I5', `${classes} of ${path.length} members are in the report`)
  }

  /** I4: what leaves a member is no more than what its disk has. */
  #said(place: number, kept: 'stored' | 'closed' | undefined, effect: Out): void {
    if (effect._tag !== 'Seal') return
    const { frame } = effect
    if (frame._tag === 'Ack' && frame.kind !== 'home') {
      this.#count(`acked ${frame.status}`)
      const claimed = frame.status === 'stored' || frame.status === 'have' ? 'stored' : frame.status === 'closed' ? 'closed' : undefined
      if (claimed !== undefined && kept !== claimed) throw new Broken('I4', `member ${place} says ${frame.status}, and its disk has ${kept ?? 'nothing'}`)
    }
    if (frame._tag === 'Relay') this.#count(`relayed ${frame.kind}`)
    if (frame._tag === 'Relay' && place !== this.#granted.grant.initiator && kept !== 'stored') throw new Broken('I4', `member ${place} passes on what its disk does not have`)
  }

  /** An im-complete arrives. A proof is the sum of the receipts of the whole path, and ends it; whatever else does not (R21). */
  #server(row: Uint32Array, rest: Rest, { complete, from, text }: Message, found: Found): void {
    if (complete === undefined) return
    const { path } = this.#granted.grant
    const isProof = rest.ended === 'live' && this.#isProof(complete)
    const ended: Ended = isProof ? 'proof' : rest.ended
    if (isProof) {
      this.#count(from === 0 ? 'proven by the initiator' : 'proven by a finder')
      const open = path.filter((place) => settledOn((this.#locals[place] as Locals).at(row[place] ?? 0), this.#granted.grant.im) === undefined)
      if (open.length > 0) throw new Broken('I7', `it ends by a proof, and ${open.join(', ')} may still take it`)
    }
    const next = this.#with(row, { ...rest, ended })
    if (from === 0 && !isProof && rest.ended === 'live') this.#disputed(next, complete.im)
    found(next, this.#labelled(`server: ${text}`))
  }

  /** Whether anything can follow from it: a partial one that only reports ends nothing, and is answered with nothing that matters. */
  #matters({ stored, closed }: Extract<sealed.Order, { readonly _tag: 'ImComplete' }>): boolean {
    return this.#tampering.isGullible || stored.length + closed.length === this.#granted.grant.path.length
  }

  #isProof({ stored, closed, tag }: Extract<sealed.Order, { readonly _tag: 'ImComplete' }>): boolean {
    if (this.#tampering.isGullible) return true
    const { g, grant, ring } = this.#granted
    const receipt = (status: 'stored' | 'closed') => (place: number): Tag => {
      const seat = ring.members[place]
      return serverBox.share((seat?._tag === 'Keyed' ? seat.seals : '') as PublicKey, sealed.receiptBytes(g, status))
    }
    const settled = [...stored, ...closed].sort((a, b) => a - b)
    return textOf(settled) === textOf(grant.path) && sealed.sum([...stored.map(receipt('stored')), ...closed.map(receipt('closed'))]) === tag
  }

  #disputed(row: Uint32Array, im: ImId): void {
    const command: delivery.Command = { _tag: 'Answered', ticket: `complete ${im}`, answer: { code: 422, body: { _tag: 'Nothing' } } }
    this.#send(row, { text: 'the server says that the receipts do not add up', to: 0, from: -1, command: () => command, complete: undefined })
  }

  #leave(row: Uint32Array, from: number, out: ReadonlyArray<Out>): void {
    for (const effect of out) {
      if (effect._tag === 'Seal') this.#sealed(row, from, effect)
      if (effect._tag === 'Request' && effect.order._tag === 'ImComplete' && this.#matters(effect.order)) {
        this.#send(row, { text: `${from} completes ${textOf(effect.order)}`, to: -1, from, command: () => delivery.wake, complete: effect.order })
      }
    }
  }

  #sealed(row: Uint32Array, from: number, { to, frame }: Extract<Out, { readonly _tag: 'Seal' }>): void {
    const place = this.#members.findIndex(({ key }) => key === to)
    const sender = this.#members[from]
    if (place < 0 || sender === undefined || frame._tag === 'Request' || frame._tag === 'Reply' || frame._tag === 'Ping' || frame._tag === 'Pong' || frame._tag === 'Superseded') return
    const command: delivery.Command = { _tag: 'Hear', from: sender.key, frame }
    this.#send(row, { text: `from ${from} ${textOf(meant(frame))}`, to: place, from, command: () => command, complete: undefined })
  }

  #send(row: Uint32Array, message: Message): void {
    if (message.to < 0 && unpacked(row[this.width - 1] ?? 0).ended !== 'live') return
    const name = `${message.to} ${message.from} ${message.text}`
    const known = this.#numbers.get(name)
    const number = known ?? this.#messages.push(message) - 1
    if (known === undefined) this.#numbers.set(name, number)
    if (number >= netWords * 32) throw new Error(`more than ${netWords * 32} datagrams: widen the network`)
    const word = this.#scene.members + (number >> 5)
    row[word] = (row[word] ?? 0) | (1 << (number & 31))
  }

  #isSent(row: Uint32Array, number: number): boolean {
    return (((row[this.#scene.members + (number >> 5)] ?? 0) >>> (number & 31)) & 1) === 1
  }

  /** What the server has heard after the end is nothing to it. */
  #with(row: Uint32Array, rest: Rest): Uint32Array {
    const next = row.slice()
    next[this.width - 1] = packed(rest)
    if (rest.ended === 'live') return next
    this.#messages.forEach(({ to }, number) => {
      const word = this.#scene.members + (number >> 5)
      if (to < 0) next[word] = (next[word] ?? 0) & ~(1 << (number & 31))
    })
    return next
  }

  #labelled(text: string): number {
    const known = this.#labelNumbers.get(text)
    if (known !== undefined) return known
    this.#labelNumbers.set(text, this.#labels.length)
    return this.#labels.push(text) - 1
  }

  #count(what: string): void {
    this.happened.set(what, (this.happened.get(what) ?? 0) + 1)
  }
}
