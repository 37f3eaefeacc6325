// Anything that can happen to a small ring, in any order, for properties. Datagrams arrive, are repeated, are lost, or lie there; time passes; processes stop,
// sleep, die and begin anew; disks are slow; people write, leave and come back; the server starts again.
import fc from 'fast-check'
import { roll, sealed, type Tag } from '../../core/index.js'
import { list } from './office.js'
import { frameIn, type Datagram } from './post.js'
import { Stage } from './stage.js'

type Who = number

export type Move =
  | { readonly _tag: 'Deliver' | 'Repeat' | 'Lose'; readonly n: number }
  | { readonly _tag: 'Flow' }
  | { readonly _tag: 'Pass'; readonly ms: number }
  | { readonly _tag: 'Stop' | 'Sleep' | 'Continue' | 'Kill' | 'Restart' | 'Timeless' | 'Slow' | 'Written' | 'Fast' | 'Says' | 'Resends' | 'Leaves' | 'Joins' | 'Forces' | 'Mutes' | 'Unmutes' | 'Away' | 'Alive' | 'Apart'; readonly who: Who }
  | { readonly _tag: 'Unmet' | 'PortClosed'; readonly who: Who; readonly of: Who }
  | { readonly _tag: 'Server'; readonly ms: number }
  /** a member who lies: it alters a relay that lies in the open, and sends it as its own */
  | { readonly _tag: 'Lie'; readonly n: number; readonly to: Who; readonly how: number }

const who = (): fc.Arbitrary<Who> => fc.nat(4)
const act = (weight: number, ...tags: ReadonlyArray<Extract<Move, { readonly who: Who }>['_tag']>): { readonly weight: number; readonly arbitrary: fc.Arbitrary<Move> } =>
  ({ weight, arbitrary: fc.record({ _tag: fc.constantFrom(...tags), who: who(), of: who() }) })

const move = (): fc.Arbitrary<Move> =>
  fc.oneof(
    { weight: 40, arbitrary: fc.record({ _tag: fc.constant('Deliver' as const), n: fc.nat(6) }) },
    { weight: 6, arbitrary: fc.record({ _tag: fc.constantFrom('Repeat' as const, 'Lose' as const), n: fc.nat(40) }) },
    { weight: 2, arbitrary: fc.constant<Move>({ _tag: 'Flow' }) },
    { weight: 12, arbitrary: fc.record({ _tag: fc.constant('Pass' as const), ms: fc.constantFrom(1, 60, 300, 300, 900, 3200, 4300, 8400) }) },
    act(4, 'Says', 'Says', 'Says', 'Resends'),
    act(4, 'Stop', 'Sleep', 'Continue', 'Continue'),
    act(3, 'Kill', 'Restart', 'Restart', 'Timeless'),
    act(3, 'Slow', 'Written', 'Written', 'Fast'),
    act(3, 'Leaves', 'Joins', 'Joins', 'Forces', 'Mutes', 'Unmutes'),
    act(2, 'Unmet', 'PortClosed'),
    act(3, 'Away', 'Away', 'Alive', 'Apart'),
    { weight: 1, arbitrary: fc.record({ _tag: fc.constant('Server' as const), ms: fc.constantFrom(0, 5000, 3_600_000) }) },
  )

const lie = (): fc.Arbitrary<Move> => fc.record({ _tag: fc.constant('Lie' as const), n: fc.nat(40), to: who(), how: fc.constantFrom(0, 1, 2, 3, 4, 5, 5, 5, 6, 7, 7, 8) })

/** `lies`: whether the last member breaks rules */
export const schedule = (lies = false): fc.Arbitrary<ReadonlyArray<Move>> =>
  fc.array(lies ? fc.oneof({ weight: 4, arbitrary: move() }, { weight: 1, arbitrary: lie() }) : move(), { minLength: 30, maxLength: 130, size: 'max' })

const names = ['alice', 'bob', 'carol', 'dave', 'erin']
const most = 250

const isFlipped = (tag: string): string => (tag.startsWith('0') ? '1' : '0') + tag.slice(1)

/** What a liar makes of somebody's relay. */
const lied = (relay: sealed.Relay, how: number): sealed.Relay => {
  if (how === 7) return { ...relay, kind: 'missed', head: new Uint8Array(0) }
  if (how === 8) return { ...relay, kind: 'missed', part: { ...relay.part, bytes: relay.part.bytes.map((byte, i) => (i === relay.part.bytes.length - 1 ? byte ^ 1 : byte)) } }
  const trail = sealed.decodeTrail(relay.head)
  if (trail._tag === 'Left') return relay
  const altered = (change: Partial<sealed.Trail>): sealed.Relay => ({ ...relay, head: sealed.encodeTrail({ ...trail.right, ...change }) })
  switch (how) {
    case 0: return altered({ tagI: isFlipped(trail.right.tagI) as typeof trail.right.tagI })
    case 1: return altered({ tagS: isFlipped(trail.right.tagS) as typeof trail.right.tagS })
    case 2: return altered({ visited: [1, 2, 3, 4].slice(0, 2 + (trail.right.visited.length % 3)) })
    case 3: return { ...altered({ visited: [1, 2, 3, 4] }), kind: 'home', part: { index: 0, count: 1, bytes: new Uint8Array(0) } }
    case 4: return { ...relay, kind: 'direct' }
    default: return { ...relay, kind: 'direct', part: { ...relay.part, bytes: relay.part.bytes.map((byte, i) => (i === relay.part.bytes.length - 1 ? byte ^ 1 : byte)) } }
  }
}

export class Play {
  readonly stage: Stage
  readonly #names: ReadonlyArray<string>
  #texts = 0

  constructor(members: number) {
    this.#names = names.slice(0, members)
    this.stage = new Stage(...this.#names)
    // some disks lose what nobody waits for
    this.stage.members.forEach((member, i) => {
      member.jots = i % 2 === 0
      member.catchesUp()
    })
  }

  #name(i: Who): string {
    return this.#names[i % this.#names.length] ?? ''
  }

  #pick(n: number): Datagram | undefined {
    return this.stage.open[n % Math.max(1, this.stage.open.length)]
  }

  #drop(datagram: Datagram): void {
    this.stage.open.splice(this.stage.open.indexOf(datagram), 1)
  }

  play(moves: ReadonlyArray<Move>): Stage {
    for (const one of moves) {
      this.#move(one)
      if (this.stage.open.length > most) this.stage.open.splice(0, this.stage.open.length - most)
    }
    this.#calm()
    return this.stage
  }

  #move(one: Move): void {
    const { stage } = this
    if ('n' in one && one._tag !== 'Lie') return this.#arrive(one)
    if (one._tag === 'Lie') return this.#lie(one)
    if (one._tag === 'Flow') return stage.flow()
    if (one._tag === 'Pass') return stage.pass(one.ms, '*')
    if (one._tag === 'Server') return stage.restartServer(one.ms)
    if (one._tag === 'Unmet' || one._tag === 'PortClosed') return this.#reach(one)
    this.#happen(one._tag, this.#name(one.who))
  }

  #arrive({ _tag, n }: Extract<Move, { readonly _tag: 'Deliver' | 'Repeat' | 'Lose' }>): void {
    const datagram = this.#pick(n)
    if (datagram === undefined) return
    if (_tag !== 'Repeat') this.#drop(datagram)
    if (_tag !== 'Lose') this.stage.bring(datagram)
  }

  #reach({ _tag, who: one, of }: { readonly _tag: 'Unmet' | 'PortClosed'; readonly who: Who; readonly of: Who }): void {
    const name = this.#name(one)
    if (this.stage.member(name).mode !== 'running') return
    if (_tag === 'Unmet') this.stage.unmet(name, this.#name(of))
    else this.stage.portClosed(name, this.#name(of))
  }

  #lie({ n, to, how }: Extract<Move, { readonly _tag: 'Lie' }>): void {
    const liar = this.#names.at(-1) ?? ''
    if (how === 6) return this.#claim(liar)
    const relays = this.stage.open.filter((datagram) => datagram.content._tag === 'Frame' && (datagram.to === liar || datagram.from === liar) && frameIn(datagram)._tag === 'Relay')
    const datagram = relays[n % Math.max(1, relays.length)]
    const frame = datagram === undefined ? undefined : frameIn(datagram)
    if (frame?._tag === 'Relay') this.stage.slip(liar, this.#name(to), lied(frame, how))
  }

  /** It says that everybody has everything. */
  #claim(liar: string): void {
    const { office, witness } = this.stage
    const member = this.stage.member(liar)
    if (member.mode !== 'running' || member.isAsking) return
    witness.rogues.add(liar)
    for (const { grant: { im, path } } of office.live) this.stage.order(liar, { _tag: 'ImComplete', im, stored: path, closed: [], tag: '0'.repeat(32) as Tag })
  }

  #happen(tag: Extract<Move, { readonly who: Who }>['_tag'], name: string): void {
    const { stage } = this
    const member = stage.member(name)
    const isRunning = member.mode === 'running'
    if (tag === 'Away' || tag === 'Alive') return stage.judges(name, tag === 'Away' ? 'away' : 'alive')
    if (tag === 'Forces') return this.#force()
    if (tag === 'Slow' || tag === 'Fast') return this.#disk(name, tag)
    if (tag === 'Kill') return member.mode === 'dead' ? undefined : stage.kill(name)
    if (tag === 'Restart' || tag === 'Timeless') return member.mode === 'dead' ? stage.restart(name, tag === 'Restart') : undefined
    if (tag === 'Continue') return member.mode === 'stopped' || member.mode === 'asleep' ? stage.continue(name) : undefined
    if (!isRunning) return
    if (tag === 'Stop') return stage.stop(name)
    if (tag === 'Sleep') return stage.sleep(name)
    if (tag === 'Written') return member.queue[0]?._tag === 'Persist' ? member.written() : undefined
    if (tag === 'Mutes' || tag === 'Unmutes') return stage.mutes(name, tag === 'Mutes')
    if (tag === 'Apart') return member.give(stage.now, { _tag: 'CatchUp', list, on: roll.has(member.state.diary.apart, list) })
    if (member.isAsking) return
    if (tag === 'Says') return stage.says(name, `text ${(this.#texts += 1)}`)
    if (tag === 'Resends') return roll.size(member.state.diary.sent) === 0 ? undefined : stage.resends(name)
    if (tag === 'Leaves') return void stage.leaves(name)
    if (tag === 'Joins') stage.joins(name)
  }

  /** The operator ends whatever is ongoing, and somebody leaves at once. */
  #force(): void {
    for (let i = 0; i < 20 && this.stage.office.live.length > 0; i += 1) for (const name of this.#names) this.stage.office.release(name)
    const name = this.#names.find((one) => this.stage.member(one).mode === 'running' && !this.stage.member(one).isAsking)
    if (name !== undefined && this.stage.leaves(name) === 200) this.stage.joins(name)
  }

  #disk(name: string, tag: 'Slow' | 'Fast'): void {
    const member = this.stage.member(name)
    member.disk = tag === 'Slow' ? 'slow' : 'fast'
    member.drain()
  }

  /** At last everybody runs, and time passes. */
  #calm(): void {
    const { stage } = this
    for (const name of this.#names) {
      const member = stage.member(name)
      this.#disk(name, 'Fast')
      if (member.mode === 'dead') stage.restart(name)
      else if (member.mode !== 'running') stage.continue(name)
      stage.judges(name, 'alive')
    }
    stage.pass(70_000)
    if (stage.office.live.length > 0) stage.witness.broken.push({ rule: 'I8', what: 'a message goes on after all' })
    if (stage.lines().some((line) => !/server|ring[?!]/.test(line))) stage.witness.broken.push({ rule: 'I8', what: `no end: ${stage.lines().join()}` })
  }
}

