// A server on a disk that fails, in a house whose power fails: the production machine, `durable` around it, the model disk, and clients who ask,
// wait, and ask again. No time of its own, no waiting: a life is a row of boundaries, and stops at whichever its user wants.
//
//   for (const boundary of ordeal.live()) if (...) break      the program is gone wherever it was; `crash` tells the disk
//
// Whoever breaks a promise makes the witness throw.
import { AssertionError, deepEqual, ok } from 'node:assert/strict'
import {
  durability, limits, operator, roll, self, server, table, type Actor, type Instant, type Policy, type ProcessId, type PublicKey,
} from '../../core/index.js'
import { identity } from '../arbitraries/keys.js'
import { answersIn, Witness, type Out, type ServerDisk } from './witness.js'
import { Disk, type Faults, type Happened } from './disk.js'
import type { Draft, Known } from './commands.js'

type State = durability.Durable<server.State, server.Command, server.Response, server.Effect>
type Machine = ReturnType<typeof durability.durable<server.State, server.Command, server.Response, server.Effect>>
type Effects = ReturnType<Machine['reduce']>['effects']

type Boundaries = Generator<string, void>

/** What comes next from outside, and what has passed until then. */
export interface Act {
  /** `ask`: as drafted; `again`: a client repeats its last request; `copy`: a snapshot is begun; `save`, `close`: the operator's */
  readonly does: 'ask' | 'again' | 'copy' | 'save' | 'close'
  readonly draft: Draft
  /** the numbers of a request are those that an honest client gives it, and not those that the draft makes up */
  readonly isHonest: boolean
  /** which client */
  readonly who: number
  /** ms before it */
  readonly ms: number
  /** turns of the disk behind it */
  readonly turns: number
}

export interface Circumstances {
  /** of each life; the last one's for those that come after */
  readonly configs: ReadonlyArray<server.Config>
  readonly acts: ReadonlyArray<Act>
  readonly faults: Faults
}

/** A client of the sealed wire: one request at a time, numbered. */
interface Client {
  readonly key: PublicKey
  boot: number
  seq: number
  last: server.Ask | undefined
}

/** What a server was set to at that state: as this life is, once its start is durable, which is its first record. */
const settingsAt = ({ position }: server.State, { state, settings }: server.Directory, config: server.Config): server.Directory['settings'] =>
  position > state.position ? server.settingsOf(config) : settings

/** What a draft may look up, of a state. */
const known = (state: server.State, config: server.Config): Known => ({
  config,
  now: state.at,
  keyed: (key) => {
    const name = table.get(state.keyed.keys, key as PublicKey)
    const contact = name === undefined ? undefined : roll.get(state.contacts, name)
    if (contact?.bound === undefined) return undefined
    const { identity: whose, boot, nonce, presence, last, past } = contact.bound
    const held = { identity: whose, boot, nonce, presence, last: last === undefined ? undefined : { seq: last.seq, answer: { code: 0 } }, done: [...past.over], locks: [...past.locked], served: [] }
    return { ...contact.card, key: held }
  },
  get lists() {
    return roll.values(state.lists).map((list) => ({
      name: list.name, policy: list.policy satisfies Policy, owner: list.owner, guests: [], members: server.membersOf(list).map(({ name }) => name),
      epoch: list.epoch, no: list.no, ring: list.ring?.digest, fence: list.fence, open: list.open,
      ongoing: list.ims.map(({ initiator, since, granted, leased }) => ({
        by: initiator, since, lease: (granted ?? leased)?.lease, ends: (granted ?? leased)?.ends, grant: granted === undefined ? undefined : { ...granted.grant, rootUntil: granted.rootUntil, said: granted.report },
      })),
    }))
  },
})

/** The server, whose invariants are looked at where anything of them can have changed. (They cost more than all the rest of a step.) */
const watched = (config: server.Config): ReturnType<typeof server.machine> => {
  const machine = server.machine(config)
  let sound = server.initial
  const isSound = (state: server.State): boolean => state.contacts === sound.contacts && state.lists === sound.lists && state.keyed === sound.keyed && state.position === sound.position
  return {
    ...machine,
    violations: (state) => {
      if (isSound(state)) return []
      sound = state
      return machine.violations(state)
    },
  }
}

export class Ordeal {
  readonly disk: ServerDisk
  readonly #witness: Witness
  readonly #circumstances: Circumstances
  readonly #happened: Happened
  readonly #say: ((line: string) => void) | undefined
  readonly #clients: ReadonlyArray<Client> = [0, 1, 2, 3].map((n) => ({ key: identity(n).seals, boot: 0, seq: 0, last: undefined }))
  #lives = 0
  #now = 1
  #next = 0
  #config = server.defaults
  #restored: server.Directory
  #machine: Machine = durability.durable(watched(this.#config), server.journaling)
  #reduce = server.reduce(this.#config)
  #state: State = durability.kept(server.initial)
  #hasExited = false
  #isBroken = false
  #resumes = 0

  /** `say` hears of each command and of all that is let out. */
  constructor(circumstances: Circumstances, chance: () => number, happened: Happened, say?: (line: string) => void) {
    this.#say = say
    const ledger = server.ledger(server.defaults)
    this.#circumstances = circumstances
    this.#happened = happened
    this.#restored = server.directory(server.initial, server.defaults)
    this.disk = new Disk(ledger, this.#restored, circumstances.faults, chance, happened)
    this.#witness = new Witness(this.disk, ledger, happened)
  }

  /** All acts are done, and the last life ended well. */
  isOver(): boolean {
    return this.#next > this.#circumstances.acts.length
  }

  /** One life of the server, from its restart to its end or to the end of all acts; each boundary before and after whatever shows outside. */
  *live(): Boundaries {
    this.#restart()
    yield* this.#offer(self, { _tag: 'Start', process: this.#lives.toString(16).padStart(16, '0') as ProcessId, settings: server.settingsOf(this.#config) })
    for (const client of this.#clients) yield* this.#repeat(client)
    const { acts } = this.#circumstances
    while (this.#next < acts.length && !this.#isGone()) {
      const act = acts[this.#next++] as Act
      yield* this.#pass(act.ms)
      yield* this.#do(act)
      for (let turn = 0; turn < act.turns; turn++) yield* this.#turn()
    }
    if (!this.#isGone()) yield* this.#recover()
  }

  /** The program has stopped, wherever it was. */
  crash(): void {
    this.disk.crash()
  }

  /** What the disk has at the end is what everybody was told. */
  finish(): void {
    const restored = this.disk.restore()
    this.#witness.begins(restored, this.#config)
    deepEqual(server.violations(restored.state), [])
    this.#witness.model(this.#circumstances.configs[0] ?? server.defaults)
  }

  #isGone(): boolean {
    return this.#hasExited || this.#isBroken
  }

  #restart(): void {
    const { configs } = this.#circumstances
    this.#restored = this.disk.restore()
    this.#config = configs[Math.min(this.#lives, configs.length - 1)] ?? server.defaults
    this.#witness.begins(this.#restored, this.#config)
    this.#machine = durability.durable(watched(this.#config), server.journaling)
    this.#reduce = server.reduce(this.#config)
    this.#state = durability.kept(this.#restored.state)
    this.#now = Math.max(this.#now, this.#restored.state.at) + 1
    this.#lives += 1
    this.#hasExited = false
    this.#isBroken = false
    this.#resumes = 0
  }

  *#do({ does, draft, isHonest, who }: Act): Boundaries {
    if (does === 'again') return yield* this.#repeat(this.#clients[who])
    if (does === 'save') return yield* this.#offer(operator, { _tag: 'Operate', order: { _tag: 'Save', file: 'saved' } })
    if (does === 'close') return yield* this.#offer(operator, { _tag: 'Close', ms: who * 500 })
    if (does === 'copy') return yield* this.#copy()
    const { by, asked } = draft(known(this.#state.newest, this.#config))
    const client = by._tag === 'Key' ? this.#clients.find(({ key }) => key === by.key) : undefined
    yield* this.#offer(by, client !== undefined && asked._tag === 'Ask' && isHonest ? this.#numbered(client, asked) : asked)
  }

  *#copy(): Boundaries {
    if (this.disk.isCopying()) return
    this.disk.copy(server.directory(this.#state.kept, settingsAt(this.#state.kept, this.#restored, this.#config)))
    yield 'after a snapshot was begun'
  }

  /** The client's next request. */
  #numbered(client: Client, asked: server.Ask): server.Ask {
    client.seq += 1
    client.last = asked.order._tag === 'Register' ? { ...asked, boot: 0, seq: client.seq } : { ...asked, boot: client.boot, seq: client.seq, identity: undefined, address: undefined }
    return client.last
  }

  *#repeat(client: Client | undefined): Boundaries {
    if (client?.last !== undefined && !this.#isGone()) yield* this.#offer({ _tag: 'Key', key: client.key }, client.last)
  }

  *#offer(by: Actor, command: server.Command | durability.Written | durability.Unwritten): Boundaries {
    if (this.#isGone()) return
    const input = { at: this.#now as Instant, by: { ...by }, command }
    if (command._tag !== 'Written' && command._tag !== 'Unwritten') this.#witness.given({ ...input, command }, this.#reduce(this.#state.newest, { ...input, command }))
    this.#say?.(`${this.#now} ${JSON.stringify(by)} ${JSON.stringify(command)}`)
    const step = this.#machine.reduce(this.#state, input)
    this.#state = step.state
    const broken = this.#machine.violations(this.#state)
    if (broken.length > 0) throw new AssertionError({ message: `an invariant is broken: ${JSON.stringify(broken)}` })
    yield* this.#carryOut(step.effects)
    if (!this.#isGone()) this.#witness.rests()
  }

  *#carryOut(effects: Effects): Boundaries {
    for (const effect of effects) {
      if (effect._tag === 'Release') yield* this.#letOut(effect)
      else {
        yield 'before an append'
        ok(this.#now >= this.#resumes, 'a full disk is asked again at once')
        this.#witness.appended(effect)
        this.#happened(effect.records.length > 1 ? 'several records appended at once' : 'one record appended')
        this.disk.append({ records: effect.records.map(server.entryOf), position: effect.position })
        yield 'after an append'
      }
      if (this.#hasExited) return
    }
  }

  *#letOut(out: Out): Boundaries {
    this.#say?.(`  out: ${JSON.stringify(out)}`)
    this.#witness.released(out)
    for (const effect of out.effects) {
      yield `before ${effect._tag}`
      if (effect._tag === 'Exit') this.#hasExited = true
      if (effect._tag === 'Bind' || effect._tag === 'Part') for (const answer of answersIn({ ...out, effects: [effect], response: { _tag: 'None' } })) this.#hear(out.by, answer)
      yield `after ${effect._tag}`
    }
    if (out.response._tag === 'None') return
    yield 'before an answer'
    this.#hear(out.by, out.response.value)
    yield 'after an answer'
  }

  #hear(by: Actor, answer: server.Response): void {
    if (answer._tag !== 'Answered') return
    this.#witness.heard(by, answer)
    const client = by._tag === 'Key' ? this.#clients.find(({ key }) => key === by.key) : undefined
    const { outcome } = answer
    if (client !== undefined && outcome._tag === 'Right' && outcome.right._tag === 'Registered') client.boot = outcome.right.boot
  }

  /** Time passes, and the machine is woken when it wants to be. */
  *#pass(ms: number): Boundaries {
    this.#now += ms
    if (!this.#isDue()) return
    yield* this.#offer(self, server.wake)
    ok(this.#isGone() || !this.#isDue(), 'woken, and due again at once')
  }

  #isDue(): boolean {
    const due = this.#machine.wakeAt(this.#state)
    return due._tag === 'Some' && due.value <= this.#now
  }

  /** The disk gets on with what it has. */
  *#turn(): Boundaries {
    if (this.#isGone()) return
    const word = this.disk.sync()
    if (word !== undefined) {
      yield `before a batch is said to be ${word}`
      this.#isBroken = word === 'Broken'
      if (!this.#isBroken) this.#witness.synced(word === 'Written')
      if (word === 'Full') this.#resumes = this.#now + limits.storeRetryMs
      yield* this.#offer(self, word === 'Written' ? durability.written : durability.unwritten)
    }
    if (!this.disk.isCopying()) return
    const copied = this.disk.write()
    yield copied === undefined ? 'after a part of a snapshot' : 'after a snapshot'
  }

  /** The faults end: everything that waits comes to its end. */
  *#recover(): Boundaries {
    this.disk.heal()
    for (let i = 0; i < 24 && !this.#isGone(); i++) {
      yield* this.#pass(300)
      yield* this.#turn()
    }
    if (this.#isGone()) return
    ok(!this.disk.isAppending(), 'the disk is well, and still writes')
    this.#witness.settled(this.#state.kept)
    this.#happened('all ended well')
    this.#next = this.#circumstances.acts.length + 1
  }
}
