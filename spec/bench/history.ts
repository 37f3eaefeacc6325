// Commands that a server has carried out, to measure a restart with: a directory, half of whose contacts have keys, and then as many joins and leaves as
// are wanted, none of which is refused. They are reduced here as the server would, and are in time with each other.
import { addressOf, ContactId, keyed, Nonce, ProcessId, PublicKey, self, server, type ContactName, type Identity, type Instant, type ListName, type Stamped } from '../../core/index.js'
import { skeletons } from '../../shell/skeleton.js'
import { contact, input, ip, list, port, unbounded } from './directory.js'

const noRate: server.Rate = { perSecond: 0, burst: 0 }

export const config: server.Config = { ...unbounded, skeletons, keyRate: noRate, classicRate: noRate, registerRate: noRate }

const reduce = server.reduce(config)

type Command = Stamped<server.Command>

/** When all of it began, in Unix milliseconds; a command a millisecond. */
const epoch = 1_700_000_000_000

const parsed = <A>(is: (text: unknown) => text is A, text: string): A => {
  if (!is(text)) throw new Error(`${text} is none`)
  return text
}

const digits = (i: number, length: number): string => i.toString(16).padStart(length, '0')

const identity = (i: number): Identity => ({
  id: parsed(ContactId.is, `1d${digits(i, 62)}`),
  signs: parsed(PublicKey.is, `51${digits(i, 62)}`),
  seals: parsed(PublicKey.is, `5e${digits(i, 62)}`),
})

const hasKey = (i: number): boolean => i % 2 === 1

/** A directory, the commands that made it, and those that go on from there. */
export class History {
  state: server.State = server.initial
  readonly #contacts: number
  readonly #lists: number
  readonly #boots: number[] = []
  readonly #seqs: number[] = []

  constructor(contacts: number, lists: number) {
    this.#contacts = contacts
    this.#lists = lists
  }

  /** Registers and creates everything. */
  begin(): ReadonlyArray<server.Entry> {
    const start: Command = { at: this.#now(), by: self, command: { _tag: 'Start', process: parsed(ProcessId.is, digits(1, 16)), settings: server.settingsOf(config) } }
    return [
      this.#done(start),
      ...Array.from({ length: this.#contacts }, (_, i) => this.#register(i)),
      ...Array.from({ length: this.#lists }, (_, i) => this.#done(input('create', list(i)))),
    ]
  }

  /** Joins or leaves number `n` of them: all contacts join a list each, then all leave it. */
  move(n: number): server.Entry {
    const i = n % this.#contacts
    const round = Math.floor(n / this.#contacts)
    const which = list((i * 7 + Math.floor(round / 2) * 13) % this.#lists)
    const isJoin = round % 2 === 0
    if (!hasKey(i)) return this.#done(input(isJoin ? 'join' : 'leave', which, contact(i)))
    const seq = (this.#seqs[i] ?? 0) + 1
    this.#seqs[i] = seq
    const order = { _tag: isJoin ? 'Join' : 'Leave', list: which as ListName, contact: contact(i) as ContactName } as const
    return this.#done({ at: this.#now(), by: keyed(identity(i).seals), command: { _tag: 'Ask', boot: this.#boots[i] ?? 0, seq, order, identity: undefined, address: undefined } })
  }

  #now(): Instant {
    return (epoch + this.state.position) as Instant
  }

  #register(i: number): server.Entry {
    if (!hasKey(i)) return this.#done(input('register', contact(i), ip, String(port)))
    const { id, signs, seals } = identity(i)
    const order = { _tag: 'Register', contact: contact(i) as ContactName, signs, proof: digits(i, 128), nonce: parsed(Nonce.is, digits(i, 32)) } as const
    const address = addressOf({ ip, port })
    const entry = this.#done({ at: this.#now(), by: keyed(seals), command: { _tag: 'Ask', boot: 0, seq: 0, order, identity: { id, signs, seals }, address } })
    this.#boots[i] = this.state.position
    return entry
  }

  #done(asked: Command): server.Entry {
    const stamped = { ...asked, at: this.#now() }
    const { position } = this.state
    this.state = reduce(this.state, stamped).state
    if (this.state.position !== position + 1) throw new Error(`${JSON.stringify(asked.command)} changes nothing`)
    return server.entryOf(stamped)
  }
}
