// One member: what it is between two happenings, and what each happening makes of it. The production courier does the work; around it stands what its
// driver does, a queue in which nothing overtakes a write that is not durable yet, and a disk.
import { delivery, diary, roll, self, type ImId, type Instant, type sealed } from '../../core/index.js'
import { begun, instants, learned, type Granted, type Member, type Scene } from './scene.js'
import { diaryText, orderText, settledIn, stateText, waitingText, type Waiting } from './essence.js'
import type { Grants, Verdict } from './office.js'
import type { Tampering } from './tampering.js'

/** A member between two happenings. */
export interface Local {
  /** undefined: its process has stopped */
  readonly state: delivery.State | undefined
  /** effects that wait behind a write that is not durable yet; the first is that write */
  readonly queue: ReadonlyArray<Waiting>
  /** what its disk has */
  readonly kept: diary.Diary
  /** it slept, and was not told */
  readonly drowsy: boolean
  /** messages, as bits. In this process: a ring copy has come */
  readonly ringed: number
  /** in this process: it has taken it on itself to pass the message on */
  readonly passed: number
}

export type Happening =
  | { readonly _tag: 'Message'; readonly command: delivery.Command }
  | { readonly _tag: 'Timer'; readonly timer: delivery.Timer }
  | { readonly _tag: 'Durable' }
  | { readonly _tag: 'Crash' }
  | { readonly _tag: 'Restart' }
  | { readonly _tag: 'Slept' }
  | { readonly _tag: 'Learned' }

/** What leaves a member for another, or for the server. */
export type Out = Exclude<Waiting, { readonly _tag: 'Persist' }>

/** A step of one member: what became of it, what left it, what it told its user, and which promise it broke by that. */
export interface Moved {
  readonly local: Local
  readonly out: ReadonlyArray<Out>
  readonly report: delivery.NoticeOf<'Reported'> | undefined
  readonly broken: { readonly rule: string; readonly what: string } | undefined
}

export const localText = ({ state, queue, kept, drowsy, ringed, passed }: Local): string =>
  [state === undefined ? 'down' : stateText(state), queue.map(waitingText).join(), diaryText(kept), drowsy, ringed, passed].join('/')

const isWrite = (effect: Waiting): boolean => effect._tag === 'Persist'

/** A second report changes nothing on the disk that anything is decided by; whatever would wait for it may as well wait in the network. */
const isTold = (queue: ReadonlyArray<Waiting>, kept: diary.Diary, im: ImId): boolean =>
  roll.get(kept.sent, im)?.report !== undefined || queue.some((one) => one._tag === 'Persist' && one.record._tag === 'Reported' && one.record.im === im)

/** With what comes behind. Nobody can tell whether a datagram that waits already waits once or twice, nor in which order those leave that leave at the
 *  same moment; a jot is as if it were lost. `isIdle`: nothing comes of it. */
const waiting = (queue: ReadonlyArray<Waiting>, kept: diary.Diary, more: ReadonlyArray<delivery.Effect>, isIdle: (effect: Out) => boolean): ReadonlyArray<Waiting> =>
  more.reduce<ReadonlyArray<Waiting>>((so, effect) => {
    if (effect._tag === 'Persist') return effect.record._tag === 'Reported' && isTold(so, kept, effect.record.im) ? so : [...so, effect]
    if ((effect._tag !== 'Seal' && effect._tag !== 'Request') || isIdle(effect)) return so
    const text = waitingText(effect)
    if (so.some((one) => waitingText(one) === text)) return so
    const from = so.findLastIndex(isWrite) + 1
    const at = so.findIndex((one, i) => i >= from && waitingText(one) > text)
    return at < 0 ? [...so, effect] : so.toSpliced(at, 0, effect)
  }, queue)

/** I9, and R10: the message is passed on once in each process, and only a ring copy is. */
const passing = (was: Local, state: delivery.State, im: ImId, bit: number): 'no' | 'first' | 'again' => {
  const [old, now] = [was.state === undefined ? undefined : roll.get(was.state.custody, im), roll.get(state.custody, im)]
  if (now === undefined || roll.has(state.own, im)) return 'no'
  if (old !== undefined && old.trail.visited.join() === now.trail.visited.join()) return 'no'
  return (was.passed & bit) !== 0 ? 'again' : 'first'
}

/** I4: what leaves a member is no more than what its disk has. */
const said = (place: number, disk: diary.Diary, effect: Out, known: ReadonlyArray<Granted>): Moved['broken'] => {
  if (effect._tag !== 'Seal') return undefined
  const { frame } = effect
  if (frame._tag !== 'Relay' && frame._tag !== 'Ack') return undefined
  const grant = known.find(({ grant: { im } }) => im === frame.im)?.grant
  if (grant === undefined) throw new Error('nobody has granted what is spoken of')
  const kept = settledIn(disk, grant.root)
  const isThere = frame._tag === 'Relay' && (place === grant.initiator ? roll.has(disk.sent, frame.im) : kept === 'stored')
  if (frame._tag === 'Relay' && !isThere) return { rule: 'I4', what: `member ${place} passes on what its disk does not have` }
  if (frame._tag === 'Relay' || frame.kind === 'home') return undefined
  const claimed = frame.status === 'stored' || frame.status === 'have' ? 'stored' : frame.status === 'closed' ? 'closed' : undefined
  return claimed !== undefined && kept !== claimed ? { rule: 'I4', what: `member ${place} says ${frame.status}, and its disk has ${kept === 'open' ? 'nothing' : kept}` } : undefined
}

export class Locals {
  readonly #scene: Scene
  readonly #member: Member
  readonly #grants: Grants
  /** of all that there has been */
  readonly #known: ReadonlyArray<Granted>
  readonly #tampering: Tampering
  readonly #courier: ReturnType<typeof delivery.courier>
  readonly #verdicts = new Map<string, Verdict>()
  /** how often the production machine was run */
  runs = 0

  constructor(scene: Scene, member: Member, grants: Grants, tampering: Tampering) {
    this.#scene = scene
    this.#member = member
    this.#grants = grants
    this.#known = [grants.first, ...grants.live]
    this.#tampering = tampering
    this.#courier = delivery.courier(member.config)
  }

  /** A new process that knows the server's time. */
  first(): Local {
    return this.#step({ state: this.#begin(diary.empty), queue: [], kept: diary.empty, drowsy: false, ringed: 0, passed: 0 }, instants.first, learned).local
  }

  /** What that makes of it, at that instant of the server's clock, as far as the member can be wrong about it. */
  happen(local: Local, real: Instant, happening: Happening): Moved {
    const at = local.drowsy || this.#tampering.timeless(this.#member.place) ? instants.first : real
    const still: Moved = { local, out: [], report: undefined, broken: undefined }
    switch (happening._tag) {
      case 'Crash': return { ...still, local: { ...local, state: undefined, queue: [], drowsy: false, ringed: 0, passed: 0 } }
      case 'Restart': return this.#step({ ...local, state: this.#begin(local.kept) }, at, { _tag: 'Resume' })
      case 'Durable': return this.#written(local)
      case 'Slept': return this.#tampering.drowsy ? { ...still, local: { ...local, drowsy: true } } : this.#step(local, at, { _tag: 'Slept' })
      case 'Learned': return this.#step({ ...local, drowsy: false }, at, learned)
      case 'Timer': return this.#fired(local, at, happening.timer)
      case 'Message': return this.#step(local, at, happening.command)
    }
  }

  /** What may happen to it of itself, whatever the others do. */
  own({ state, queue, drowsy }: Local): ReadonlyArray<Happening> {
    if (state === undefined) return [{ _tag: 'Restart' }]
    return [
      ...delivery.timers(state).map(({ timer }): Happening => ({ _tag: 'Timer', timer })),
      ...(queue.length > 0 ? [{ _tag: 'Durable' } as const] : []),
      ...(this.#scene.crashes > 0 ? [{ _tag: 'Crash' } as const] : []),
      ...(state.clock.length === 0 || drowsy ? [{ _tag: 'Learned' } as const] : []),
      ...(this.#scene.sleeps ? [{ _tag: 'Slept' } as const] : []),
    ]
  }

  /** The server's word about a report of what is over, or one that is right, and not of all, tells the initiator nothing, and ends nothing. */
  readonly #isIdle = (effect: Out): boolean =>
    effect._tag === 'Request' && (effect.order._tag !== 'ImComplete' || this.#isIdleWord(this.verdictOn(effect.order)))

  #isIdleWord(verdict: Verdict): boolean {
    return verdict === 'over' || (verdict === 'partial' && !this.#tampering.gullible)
  }

  /** The production server's, while all messages of the scene go on. */
  verdictOn(order: Extract<sealed.Order, { readonly _tag: 'ImComplete' }>): Verdict {
    const name = orderText(order)
    const known = this.#verdicts.get(name) ?? this.#grants.office.verdictOn(this.#scene.again === undefined ? instants.first : instants.second, this.#member.place, order)
    this.#verdicts.set(name, known)
    return known
  }

  /** Whether nothing can have been heard there: nobody can say a word of a message whose first copy waits for a write. The exploration of the ring
   *  looks whether that is so. */
  isDeaf({ queue }: Local): boolean {
    return this.#scene.again === undefined && this.#scene.beside === undefined && !this.#scene.forced && queue.some((one) => one._tag === 'Persist' && one.record._tag === 'Sent')
  }

  #begin(kept: diary.Diary): delivery.State {
    return begun(this.#grants.first, kept, this.#scene.muted.includes(this.#member.place))
  }

  #fired(local: Local, at: Instant, timer: delivery.Timer): Moved {
    if (local.state === undefined) return { local, out: [], report: undefined, broken: undefined }
    this.runs += 1
    return this.#carry(local, delivery.fire(this.#member.config)({ ...local.state, at }, timer), delivery.wake)
  }

  #step(local: Local, at: Instant, command: delivery.Command): Moved {
    if (local.state === undefined) return { local, out: [], report: undefined, broken: undefined }
    this.runs += 1
    const heard = this.#tampering.heard(this.#member.place, command, local.state)
    const { frame } = command._tag === 'Hear' ? command : { frame: undefined }
    const ring = frame?._tag === 'Relay' && frame.kind === 'ring' ? this.#grants.live.findIndex(({ grant: { im } }) => im === frame.im) : -1
    return this.#carry({ ...local, ringed: local.ringed | (ring < 0 ? 0 : 1 << ring) }, this.#courier.reduce(local.state, { at, by: self, command: heard }), command)
  }

  /** Its state forgets the instant: how late it is comes with each happening anew. And it forgets until when a neighbour was out of reach: whoever is may be
   *  sent a copy that is lost, which comes to the same. */
  #carry(local: Local, bare: delivery.Step, command: delivery.Command): Moved {
    const step = this.#tampering.stepped(this.#member.place, local.state, bare, command)
    const [violation] = this.#courier.violations(step.state)
    const passes = this.#grants.live.map(({ grant: { im } }, which) => passing(local, step.state, im, 1 << which))
    const passed = passes.reduce((sum, pass, which) => (pass === 'first' ? sum | (1 << which) : sum), 0)
    const state: delivery.State = { ...step.state, at: instants.first, neighbours: local.state?.neighbours ?? step.state.neighbours }
    const overtaking = this.#tampering.overtaking && this.#member.place > 0 && !step.effects.some(({ _tag }) => _tag === 'Persist')
    const [first, second] = overtaking ? [waiting([], local.kept, step.effects, this.#isIdle), local.queue] : [[], waiting(local.queue, local.kept, step.effects, this.#isIdle)]
    const moved = this.#prompt(this.#drain({ ...local, state, queue: second, passed: local.passed | passed }, first))
    const said = step.effects.find((effect) => effect._tag === 'Announce' && effect.notice._tag === 'Reported')
    const report = said?._tag === 'Announce' && said.notice._tag === 'Reported' ? said.notice : undefined
    const again = passes.includes('again') ? { rule: 'I9', what: `member ${this.#member.place} passes it on a second time` } : undefined
    const direct = (passed & ~local.ringed) !== 0 ? { rule: 'R10', what: `member ${this.#member.place} passes on a copy that was for it alone` } : undefined
    return { ...moved, report, broken: violation ?? again ?? direct ?? moved.broken }
  }

  #prompt(moved: Moved): Moved {
    if (!this.#scene.prompt || moved.local.queue.length === 0 || moved.broken !== undefined) return moved
    const next = this.#prompt(this.#written(moved.local))
    return { ...next, out: [...moved.out, ...next.out] }
  }

  /** The write at the head of the queue is durable. */
  #written(local: Local): Moved {
    const [head, ...rest] = local.queue
    if (head?._tag !== 'Persist') throw new Error('nothing is written')
    const { record } = head
    const next = diary.marked(local.kept, record)
    if (record._tag === 'Stored' && !this.#known.some(({ grant: { root } }) => root === record.root)) {
      return { local, out: [], report: undefined, broken: { rule: 'I3', what: `member ${this.#member.place} takes a message for another one` } }
    }
    if (next._tag === 'Right') return this.#drain({ ...local, queue: rest, kept: next.right }, [])
    return { local, out: [], report: undefined, broken: { rule: 'I3', what: `member ${this.#member.place} writes ${head.record._tag} a second time` } }
  }

  /** Effects leave in order, up to the next write; these first. */
  #drain(local: Local, first: ReadonlyArray<Waiting>): Moved {
    const stop = local.queue.findIndex(isWrite)
    const isHasty = this.#tampering.hasty && this.#member.place > 0
    const count = stop < 0 || isHasty ? local.queue.length : stop
    const out = [...first, ...local.queue.slice(0, count)].filter((effect): effect is Out => effect._tag !== 'Persist')
    const queue = isHasty ? local.queue.filter(isWrite) : local.queue.slice(count)
    const broken = out.map((effect) => said(this.#member.place, local.kept, effect, this.#known)).find((one) => one !== undefined)
    return { local: { ...local, queue }, out, report: undefined, broken }
  }
}
