// A member's process: the production courier, what the driver does around it, and a diary on a disk. It is told what the plan has in mind for it,
// and tells the witness whatever it does.
//
//   frames ──> Hear ──> courier ──> effects, in order ──> frames, requests, marks        a Persist holds up all behind it until it is durable
import { delivery, operator, pins, self, type sealed, type Address, type channel, type diary, type ImId, type Instant, type Nonce, type PublicKey } from '../../core/index.js'
import type { Tag } from '../../core/keys.js'
import { Client } from './client.js'
import { Life } from './life.js'
import { Mover, type Way } from './mover.js'
import { registerOf } from './prepared.js'
import { listName } from './names.js'
import { roguish } from './rogues.js'
import { Shelf } from './shelf.js'
import { hintOf, stationOf, type Station } from './station.js'
import type { Watch } from './watch.js'
import type { Arms } from './bugs.js'
import type { Hint, House } from './roles.js'

/** Nobody here is without keys, to whom it would have to be told. */
const placeless = { ip: '192.0.2.1', port: 22000 } as Address

type Ciphers = House['ciphers'][number]
type Persist = Extract<delivery.Effect, { readonly _tag: 'Persist' }>

const digits = (number: number, length: number): string => (number >>> 0).toString(16).padStart(length, '0')

export class Peer extends Life<delivery.Effect> {
  readonly ciphers: Ciphers
  readonly shelf: Shelf
  /** `undefined` while it is down */
  state: delivery.State | undefined
  readonly #house: House
  readonly #machine: ReturnType<typeof delivery.courier>
  readonly #arms: Arms
  #client: Client
  #station: Station | undefined
  readonly #mover: Mover
  readonly #seed = (): number => Math.floor(this.#house.chance() * 2 ** 32)
  #isAsleep = false
  /** a state, and when its courier wants to be woken: asked for again and again of most */
  #due: { readonly state: delivery.State; readonly at: number } | undefined

  constructor(house: House, who: number, ciphers: Ciphers, boot: number) {
    super(who, house.clockwork, house.watchOf(who, 0))
    this.#house = house
    this.ciphers = ciphers
    this.#arms = house.arms
    const { own, hash, sign, verify, share } = this.#arms.ciphers(ciphers)
    const usual = delivery.config({ own, address: placeless, ciphers: { hash, sign, verify, share } })
    const config = { ...usual, pace: { ...usual.pace, askedForMissed: house.options.catchesUp ? usual.pace.askedForMissed : 0 }, ...this.#arms.config }
    const machine = this.#arms.courier(delivery.courier(config), this)
    const rogue = house.plan.rogues.find((one) => one.who === who)
    this.#machine = rogue === undefined ? machine : roguish(machine, rogue.trick, house, who)
    const { clockwork, oracle, trace } = house
    const kept = (mark: diary.Mark): void => {
      trace.chronicle?.kept(clockwork.now, who, mark)
      oracle.kept(this, mark)
    }
    this.shelf = new Shelf(clockwork, () => house.diaryMs(), kept, (what) => oracle.violated('I3', who, what))
    this.#mover = new Mover(house, who, {
      now: () => this.now,
      ask: (ticket, order) => this.isDown ? undefined : this.#client.ask(this.now, ticket, order),
      later: (ms, run) => this.#later(ms, run),
      heard: (change, answer, since) => void this.#placed(change, answer, since),
    })
    this.#client = this.#clientOf(boot)
    this.state = this.#initial()
    this.renew()
  }

  /** What it begins its life with. */
  begin(isWarm: boolean): void {
    this.#offer({ _tag: 'Met', server: this.#house.server.own })
    if (isWarm) {
      this.#offer({ _tag: 'Joined', list: listName })
      this.#client.ping(this.now)
    } else {
      this.#client.register(this.now)
      this.#offer({ _tag: 'Resume' })
    }
    this.arm()
  }

  get now(): ReturnType<Watch['read']> { return this.watch.read(this.clockwork.now) }

  get isMember(): boolean { return this.#mover.isMember }

  /** Another process of the same contact, with what the disk has. */
  restart(): void {
    if (!this.isDown) return
    this.rise(this.#house.watchOf(this.who, this.clockwork.now))
    this.#client = this.#clientOf(0)
    this.state = this.#initial()
    this.renew()
    this.#house.oracle.born(this)
    this.begin(false)
    // what its user wanted before it died is wanted still
    this.#mover.move()
  }

  /** It has no session with anybody. */
  renew(): void {
    this.#station = stationOf(this.#house, this.who, this.ciphers, undefined, {
      now: () => this.now,
      deliver: ({ from, frame }) => this.hear(from, frame),
      moved: () => undefined,
      heard: (key) => key === this.#house.server.own.seals ? undefined : this.#offer({ _tag: 'Heard', key }),
      lost: (key) => key === this.#house.server.own.seals ? undefined : this.#offer({ _tag: 'Unmet', key }),
    })
    if (this.state !== undefined) this.#station?.introduce(this.state.rings)
  }

  arrive(bytes: Uint8Array, from: channel.Place): void {
    this.#station?.arrive(bytes, from)
  }

  say(to: PublicKey, frame: sealed.Frame, hint: Hint | undefined): void {
    this.#station?.ask(to, frame, hint?.place, hint?.isAppointed === true, hint?.isAgain === true)
  }

  compose(bytes: number, number: number): void {
    const text = `${number} `.padEnd(bytes, 'abcdefghijklmnopqrstuvwxyz').slice(0, Math.max(1, bytes))
    const salt = digits(this.#seed(), 8).repeat(4) as Tag
    this.#offer({ _tag: 'Compose', list: listName, text, salt, patience: 'once' }, true)
  }

  resend(im: ImId): void {
    this.#offer({ _tag: 'Resend', im, patience: 'once' }, true)
  }

  mute(isMuted: boolean): void {
    this.#offer({ _tag: 'Mute', list: listName, muted: isMuted }, true)
  }

  catchUp(on: boolean): void {
    this.#offer({ _tag: 'CatchUp', list: listName, on }, true)
  }

  /** Wants to be on the list, or not. */
  want(wanted: 'in' | 'out', { waits = false, detached = false }: Partial<Way> = {}): void {
    this.#mover.want(wanted, { waits, detached })
  }

  hear(from: PublicKey, frame: sealed.Frame): void {
    switch (frame._tag) {
      case 'Reply': return this.#client.hear(this.now, frame)
      case 'Pong': return from === this.#house.server.own.seals ? this.#client.hear(this.now, frame) : this.#offer({ _tag: 'Heard', key: from })
      case 'Knock': return from === this.#house.server.own.seals ? this.#offer({ _tag: 'Knocked', knock: frame }) : undefined
      // said of a session, and not of the process; whether it is so the next answer shows
      case 'Superseded': return this.#client.ask(this.now, 'still', { _tag: 'QueryLists' })
      case 'Relay':
      case 'Ack':
      case 'RingWanted':
      case 'MissedWanted':
      case 'MissedNone':
      case 'RingTold': return this.#offer({ _tag: 'Hear', from, frame })
      case 'Ping': return this.#house.send(this.who, from, { _tag: 'Pong', echo: frame.echo, clock: undefined })
      case 'Request': return
    }
  }

  portClosed(key: PublicKey): void {
    this.#offer({ _tag: 'PortClosed', key })
  }

  /** Which of its processes it is. What is said to another one does not open: that is what sessions are for. */
  get number(): number { return this.life }
  get isAsleep(): boolean { return this.#isAsleep }

  /** After a sleep, before anything else. */
  wakeUp(): void {
    if (!this.#house.options.isSleepNoticed || this.#arms.isDrowsy) return
    this.#station?.slept()
    this.#client.slept()
    this.#offer({ _tag: 'Slept' })
  }

  /** The monotonic clock of its machine stands still, or goes on. */
  sleep(isAsleep: boolean): void {
    this.#isAsleep = isAsleep
    if (isAsleep) this.watch.stand(this.clockwork.now)
    else this.watch.proceed(this.clockwork.now)
  }

  violations(): ReadonlyArray<{ readonly rule: string; readonly what: string }> {
    return this.state === undefined ? [] : [...this.#machine.violations(this.state), ...(this.#station?.violations() ?? [])]
  }

  protected wakeAt(): number {
    return this.state === undefined ? Infinity : Math.min(this.#dueAt(this.state), this.#client.wakeAt, this.#station?.wakeAt ?? Infinity)
  }

  protected wake(): void {
    this.#station?.wake()
    this.#client.wake(this.now)
    if (this.state !== undefined && this.#dueAt(this.state) <= this.now) this.#offer(this.#machine.wake)
  }

  #dueAt(state: delivery.State): number {
    if (this.#due?.state !== state) {
      const wake = this.#machine.wakeAt(state)
      this.#due = { state, at: wake._tag === 'Some' ? wake.value : Infinity }
    }
    return this.#due.at
  }

  protected lose(): void {
    this.state = undefined
    this.#isAsleep = false
    this.#mover.died()
    const isThere = this.#house.chance() < this.#house.options.survival
    const wasWriting = this.shelf.crash(isThere)
    if (wasWriting) this.#house.sometimes.hit(isThere ? 'a mark survived that nobody heard of' : 'a member died before its mark was durable')
    this.#house.died(this.who)
  }

  protected carryOut(effect: delivery.Effect): boolean {
    this.#house.oracle.done(this, effect)
    if (effect._tag === 'Persist') return this.#persist(effect)
    switch (effect._tag) {
      case 'Seal': this.#house.send(this.who, effect.to, effect.frame, undefined, hintOf(this.#house, effect)); break
      case 'Request': this.#client.ask(this.now, effect.ticket, effect.order); break
      case 'Ping': this.#client.ping(this.now); break
      case 'Announce': this.#house.trace.chronicle?.announced(this.clockwork.now, this.who, effect.notice); break
      case 'Jot': this.shelf.jot(effect.record); break
      // nobody here is without keys
      case 'Send':
    }
    return false
  }

  #persist(effect: Persist): boolean {
    const more = this.takeNext((next): next is Persist => next._tag === 'Persist')
    const { life, clockwork } = this
    const since = clockwork.now
    this.shelf.write([effect, ...more].map(({ record }) => record), () => this.inside(life, () => {
      if (clockwork.now > since + 100) this.#house.oracle.disturbed(this.who)
      if (!this.#arms.isHasty) this.release()
    }))
    return !this.#arms.isHasty
  }

  #offer(command: delivery.Command, isUsers = false): void {
    if (this.state === undefined) return
    const { oracle } = this.#house
    const step = this.#machine.reduce(this.state, { at: this.now, by: isUsers ? operator : self, command })
    this.state = step.state
    oracle.stepped(this, command, step.effects)
    this.#station?.introduce(step.state.rings)
    this.#house.perfidy?.watch(this.who, step.effects)
    const isUrgent = this.isHeld ? this.#arms.overtakes : undefined
    if (isUrgent !== undefined) for (const effect of step.effects) if (isUrgent(effect)) this.carryOut(effect)
    this.enqueue(isUrgent === undefined ? step.effects : step.effects.filter((effect) => !isUrgent(effect)))
  }

  #answered(ticket: string, answer: sealed.Answer | undefined): void {
    if (answer === undefined) this.#house.sometimes.hit('a request given up')
    if (ticket === 'register') return this.#client.ping(this.now)
    if (answer !== undefined && /^(where|seek) /.test(ticket)) this.#located(answer, ticket.startsWith('where '))
    if (!this.#mover.answered(ticket, answer)) this.#offer({ _tag: 'Answered', ticket, answer })
  }

  /** What an answer says of its own place on the list, if that is news. */
  #placed(order: Parameters<typeof delivery.standing>[2], answer: sealed.Answer, since?: Instant): delivery.Command | undefined {
    const news = this.state && delivery.standing(this.ciphers.own.seals, this.state, order, answer, since)
    if (news) this.#offer(news)
    return news
  }

  #later(ms: number, run: () => void): void {
    const { life } = this
    this.clockwork.at(this.clockwork.now + ms, () => this.inside(life, run))
  }

  #located(answer: sealed.Answer, isAll: boolean): void {
    if (isAll && this.#placed({ _tag: 'Members', list: listName }, answer)?._tag === 'Joined') {
      this.#house.sometimes.hit('a member that nobody told asked the server')
      this.#mover.found()
    }
    const rows = (answer.body._tag === 'Members' ? answer.body.members : []).flatMap(({ ip, port, keys }) => (keys === undefined || keys.seals === this.ciphers.own.seals ? [] : [{ key: keys.seals, address: { ip, port } }]))
    this.#offer({ _tag: 'Located', rows, ...(isAll ? { list: listName } : {}) })
  }

  /** Where the server lies it has met everybody before. */
  #initial(): delivery.State {
    return { ...delivery.initial(this.#seed(), this.shelf.durable), pins: this.#house.perfidy?.pins ?? pins.none }
  }

  #clientOf(boot: number): Client {
    return new Client(
      {
        send: (frame, again) => this.#house.send(this.who, this.#house.server.own.seals, frame, undefined, hintOf(this.#house, { to: this.#house.server.own.seals, again })),
        answered: (ticket, answer) => this.#answered(ticket, answer),
        learned: (process, shown, since, sends) => this.#offer({ _tag: 'Learned', process, shown, since, ...(sends === undefined ? {} : { sends }) }),
        chance: this.#house.chance,
      },
      boot,
      () => registerOf(this.who, this.ciphers, this.#house.server.own.id, digits(this.#seed(), 8).repeat(4) as Nonce),
    )
  }
}
