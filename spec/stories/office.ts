// The server of a story: the production machine, whose disk is as fast as it is, with a clock of its own.
import { classic, classicActor, keyed, operator, type presence, sealed, self, server, table, roll, type Actor, type ContactName, type ImId, type Instant, type ListName, type Nonce, type Order, type ProcessId, type PublicKey, type Tag } from '../../core/index.js'
import { box } from '../model/box.js'

export const own = box('server')
export const list = 'list' as ListName

const unhurried: server.Rate = { perSecond: 0, burst: 0 }
const config: server.Config = { ...server.defaults, hash: own.hash, keyRate: unhurried, classicRate: unhurried, registerRate: unhurried }

/** A step of the server, for whoever watches it. */
export interface Seen {
  readonly before: server.State
  readonly after: server.State
  /** the operator did it */
  readonly isForced: boolean
}

const hex = (n: number, digits: number): string => n.toString(16).padStart(digits, '0')

export class Office {
  readonly #machine = server.machine(config)
  state = server.initial
  /** of the world: what its clock shows is `now() * rate + shift` */
  readonly #now: () => number
  shift = 5_000_000
  rate = 1
  /** when its newest process began, or when its clock, which had been put back, ran on: it stands still until then */
  startedAt = 0
  watch: (seen: Seen) => void = () => undefined
  /** of whom co-members said that they give no answer */
  readonly doubted: PublicKey[] = []
  /** what it tells others than who asked */
  readonly knocks: { readonly key: PublicKey; readonly knock: sealed.Knock }[] = []
  readonly #replies = server.repliesOf(own.sign)
  #starts = 0

  constructor(now: () => number) {
    this.#now = now
    this.start()
  }

  get now(): Instant {
    return Math.floor(this.#now() * this.rate + this.shift) as Instant
  }

  #give(by: Actor, command: server.Command): server.Response | undefined {
    const before = this.state
    const step = this.#machine.reduce(before, { at: this.now, by, command })
    this.state = step.state
    const broken = this.#machine.violations(step.state)
    if (broken.length > 0) throw new Error(JSON.stringify(broken))
    this.watch({ before, after: step.state, isForced: by._tag === 'Operator' })
    for (const effect of step.effects) if (effect._tag === 'Doubt') this.doubted.push(effect.key)
    for (const effect of step.effects) if (effect._tag === 'Sought') this.knocks.push(effect)
    if (step.response._tag === 'Some') return step.response.value
    const [effect] = step.effects
    return effect?._tag === 'Bind' || effect?._tag === 'Part' ? effect.answer : undefined
  }

  /** A process of it begins. */
  start(): void {
    this.#starts += 1
    this.startedAt = Math.max(this.#now(), (this.state.at - this.shift) / this.rate)
    this.#give(self, { _tag: 'Start', process: hex(0xa0 + this.#starts, 16) as ProcessId, settings: server.settingsOf(config) })
  }

  /** A program of the old wire asks: its answer. */
  classic(text: string): string {
    const request = classic.decodeRequest(text)
    const response = this.#give(classicActor('192.168.1.1', 22000), request._tag === 'Left' ? request.left : request.right)
    return response === undefined ? '' : classic.encodeReply(server.classicReply(response))
  }

  judge(key: PublicKey, presence: presence.Presence): void {
    this.#give(self, { _tag: 'Judged', key, presence })
  }

  /** Messages whose time is over end. */
  wake(): void {
    this.#give(self, server.wake)
  }

  get wakeAt(): number {
    const at = this.#machine.wakeAt(this.state)
    return at._tag === 'None' ? Infinity : Math.ceil((at.value - this.shift) / this.rate)
  }

  /** Asks; `undefined`: it is not answered. */
  asked(key: PublicKey, request: sealed.Request): sealed.Answer | undefined {
    const command = server.askOf(own, this.state, key, { ip: '192.168.1.1', port: 22000 }, request)
    const response = command === undefined ? undefined : this.#give(keyed(key), command)
    return response?._tag === 'Answered' ? server.sealedAnswer(response.outcome, own.sign) : undefined
  }

  /** Registers a process of a contact: its boot. */
  register(name: string, ciphers: ReturnType<typeof box>, process: number): number {
    const proof = Buffer.from(ciphers.sign(sealed.proofOf(ciphers.own.seals, own.own.id))).toString('hex')
    const order: Order = { _tag: 'Register', contact: name as ContactName, signs: ciphers.own.signs, proof, nonce: hex(process, 32) as Nonce }
    const answer = this.asked(ciphers.own.seals, { _tag: 'Request', boot: 0, seq: 0, have: 0n, order })
    if (answer?.body._tag !== 'Registered') throw new Error(`${name} is not registered: ${JSON.stringify(answer)}`)
    return answer.body.boot
  }

  /** The frames that tell a ring. */
  seek(key: PublicKey, { ring, have }: sealed.RingWanted): ReadonlyArray<sealed.Frame> {
    const response = this.#give(keyed(key), { _tag: 'Seek', ring })
    return response === undefined ? [] : this.#replies(response, have)
  }

  sign(grant: sealed.Grant): Uint8Array {
    return own.sign(sealed.grantBytes(grant))
  }

  release(contact: string): void {
    this.#give(operator, { _tag: 'Operate', order: { _tag: 'Release', list, contact: contact as ContactName } })
  }

  /** Every message of the list is over. */
  unlock(of = list): void {
    this.#give(operator, { _tag: 'Operate', order: { _tag: 'Unlock', list: of } })
  }

  forget(contact: string): void {
    this.#give(operator, { _tag: 'Operate', order: { _tag: 'Forget', contact: contact as ContactName } })
  }

  get list(): server.List {
    const found = roll.get(this.state.lists, list)
    if (found === undefined) throw new Error('no list')
    return found
  }

  get live(): ReadonlyArray<server.Granted> {
    return roll.values(this.state.lists).flatMap(({ ims }) => ims.flatMap(({ granted }) => granted ?? []))
  }

  isLive(im: ImId): boolean {
    return table.has(this.state.granted.lists, im)
  }

  /** What ended it. */
  end(im: ImId): server.End | undefined {
    return roll.values(this.state.contacts).flatMap(({ bound }) => bound?.past.over ?? []).findLast((one) => one.im === im)?.end
  }
}

/** The receipt that a member makes for whoever holds these keys. */
export const receipt = (from: ReturnType<typeof box>, to: PublicKey, grant: sealed.Grant, status: 'stored' | 'closed'): Tag =>
  from.share(to, sealed.receiptBytes(from.hash(sealed.grantBytes(grant)), status))
