// What is between stations: sealed datagrams by address, of which each machine has one, at a port that a network in between may change at any time.
// Every datagram that leaves is held against what the wire promises: none is longer than any path carries, and to an address that has not shown
// that it receives go no more bytes than came from there, but for hellos, of which few go (W4, W5).
//
// An address has shown that it receives when something comes from the machine there that was sent after something arrived there. Nobody but the
// simulation knows that; a channel has to be at least as careful.
import { isRight } from 'fp-ts/lib/Either.js'
import { limits, sealed, type channel } from '../../core/index.js'
import { addressOfPlace, nameOf } from './names.js'
import { kindOfFrame } from './sizes.js'
import type { Cargo } from './chronicle.js'
import type { House } from './roles.js'

type Place = channel.Place

/** A sealed datagram under way: where its sender was when it left, and whither it goes. */
export interface Sealed {
  readonly bytes: Uint8Array
  readonly source: Place
  readonly aim: Place
  /** to be compared with what its sender had received by then */
  readonly postedAt: number
  readonly cargo: Cargo
  /** its number in the trace; `undefined`: it is damaged, and nobody opens it */
  readonly datagram: number | undefined
}

/** What one process has to do with one address. */
interface Account {
  /** whose address it is */
  readonly owner: number
  sent: number
  received: number
  isProven: boolean
  /** when something of this process first arrived there */
  reachedAt: number
  readonly hellos: number[]
}

const names: { readonly [first: number]: string } = { 0xf8: 'hello', 0xf9: 'welcome', 0xfa: 'retry' }
const recordByte = 0xfb

/** The frame in a record: a perfect box is legible. */
const frameIn = (bytes: Uint8Array): sealed.Frame | undefined => {
  if (bytes[0] !== recordByte) return undefined
  const frame = sealed.decodeFrame(bytes.subarray(sealed.sizes.header, bytes.length - sealed.sizes.tag))
  return isRight(frame) ? frame.right : undefined
}

const whoByIp = new Map<string, number>()

/** Whose machine has that address, whatever its port; -1: nobody's. */
const whoAt = (ip: string, places: number): number => {
  for (let who = whoByIp.size; who < places; who++) whoByIp.set(addressOfPlace(who).ip, who)
  return whoByIp.get(ip) ?? -1
}

const firstPort = 22_000

export class Air {
  readonly #house: House
  readonly #post: (from: number, to: number, load: Sealed, kind: string, bytes: number) => boolean
  readonly #ports: number[]
  /** of the running process of each machine, by address; and those of them that have shown nothing */
  readonly #accounts: ReadonlyArray<Map<string, Account>>
  readonly #unproven: ReadonlyArray<Set<Account>>

  /** `post` says whether it is lost at once. */
  constructor(house: House, places: number, post: (from: number, to: number, load: Sealed, kind: string, bytes: number) => boolean) {
    this.#house = house
    this.#post = post
    this.#ports = Array.from({ length: places }, () => firstPort)
    this.#accounts = Array.from({ length: places }, () => new Map<string, Account>())
    this.#unproven = Array.from({ length: places }, () => new Set<Account>())
  }

  placeOf(who: number): Place {
    return { ip: addressOfPlace(who).ip, port: this.#ports[who] ?? firstPort }
  }

  /** From now on its datagrams come from another port, and what is sent to the one before reaches nobody. */
  rebind(who: number): void {
    this.#ports[who] = (this.#ports[who] ?? firstPort) + 1
    if (this.#house.oracle.grants.live.size > 0) this.#house.sometimes.hit('another address while a message went round')
  }

  /** Another process of it begins, which knows nobody. */
  born(who: number): void {
    this.#accounts[who]?.clear()
    this.#unproven[who]?.clear()
  }

  post(from: number, aim: Place, bytes: Uint8Array): void {
    const { oracle, sometimes, trace, clockwork } = this.#house
    if (bytes.length > limits.sealedDatagramBytes) oracle.violated('MTU', from, `a datagram of ${bytes.length} bytes`)
    const frame = frameIn(bytes)
    const kind = frame === undefined ? (names[bytes[0] ?? 0] ?? 'other') : kindOfFrame(frame)
    this.#charge(from, aim, bytes, kind)
    if (kind === 'retry') sometimes.hit('a cookie asked for')
    const to = whoAt(aim.ip, this.#ports.length)
    trace.note(kind.length * 64 + bytes.length, clockwork.now, from * 512 + to, (bytes.at(-1) ?? 0) * 256 + (bytes.at(-2) ?? 0))
    const cargo = frame ?? kind
    const datagram = trace.sent(clockwork.now, from, to < 0 ? `${aim.ip}:${aim.port}` : nameOf(to), cargo)
    if (to < 0) return trace.fared(datagram, 'nowhere')
    const isLost = this.#post(from, to, { bytes, source: this.placeOf(from), aim, postedAt: clockwork.now, cargo, datagram }, kind, bytes.length)
    if (isLost && kind === 'hello') sometimes.hit('a hello lost')
    if (isLost && frame?._tag === 'Relay' && frame.part.count > 1) sometimes.hit('a part of a body lost')
  }

  /** Whether it comes to anybody: whoever has moved is not there any more. */
  isThere(to: number, { aim }: Sealed): boolean {
    return this.#ports[to] === aim.port
  }

  /** It has arrived at a process that runs. */
  arrived(from: number, to: number, { bytes, source, aim, postedAt }: Sealed): void {
    const { now } = this.#house.clockwork
    const there = this.#account(from, aim)
    if (there.reachedAt === Infinity) there.reachedAt = now
    this.#account(to, source).received += bytes.length
    // it was sent when the other side had received something at these addresses: they are where it says
    const unproven = this.#unproven[to]
    for (const account of unproven ?? []) {
      if (account.owner !== from || account.reachedAt > postedAt) continue
      account.isProven = true
      unproven?.delete(account)
    }
  }

  #account(who: number, { ip, port }: Place): Account {
    const accounts = this.#accounts[who] ?? new Map<string, Account>()
    const name = `${ip} ${port}`
    const known = accounts.get(name)
    if (known !== undefined) return known
    const made: Account = { owner: whoAt(ip, this.#ports.length), sent: 0, received: 0, isProven: false, reachedAt: Infinity, hellos: [] }
    accounts.set(name, made)
    this.#unproven[who]?.add(made)
    return made
  }

  #charge(from: number, aim: Place, bytes: Uint8Array, kind: string): void {
    const account = this.#account(from, aim)
    if (account.isProven) return
    const { oracle, clockwork } = this.#house
    if (kind !== 'hello') account.sent += bytes.length
    else {
      account.hellos.push(clockwork.now)
      const recent = account.hellos.filter((left) => clockwork.now - left < limits.helloSpanMs * 0.99)
      const most = aim.ip === this.placeOf(0).ip ? limits.hellosToAppointed : limits.hellosToHinted
      if (recent.length > most) oracle.violated('W5', from, `${recent.length} hellos to ${aim.ip}:${aim.port} in a span`)
    }
    if (account.sent > account.received) oracle.violated('W4', from, `${account.sent} bytes went to ${aim.ip}:${aim.port}, which has not shown that it receives, and ${account.received} came from there`)
  }
}
