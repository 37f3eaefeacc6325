// Every state that a member can be in, and every datagram that can be sent, found before the ring is looked at as a whole: each member is given, in each
// of its states, each datagram that anybody sends in any of theirs, at both instants, and whatever can happen to it of itself. That is more than can
// come about (a member hears what could not have been sent yet), so that nothing is left out; and the production machine runs once for each of these.
import { roll, sealed, type Instant } from '../../core/index.js'
import { disputed, instants, membersOf, overruled, type Member, type Scene } from './scene.js'
import { grantsOf, type Grants, type Verdict } from './office.js'
import { isDeepStrictEqual } from 'node:util'
import { prelude } from './prelude.js'
import { lies } from './lies.js'
import { frameText, orderText, settledIn } from './essence.js'
import { Locals, localText, type Happening, type Local, type Moved, type Out } from './locals.js'
import type { delivery } from '../../core/index.js'
import type { Tampering } from './tampering.js'

/** A datagram: to a member, or, at the place behind the last one, to the server. */
export interface Message {
  readonly to: number
  readonly from: number
  readonly text: string
  readonly command: delivery.Command | undefined
  /** to the server: of which of the scene's messages, and what comes of it */
  readonly which: number
  readonly verdict: Verdict | undefined
}

/** What is to be judged of a step when it is taken, where the others are known: bits are places. */
export interface Judged {
  readonly broken: Moved['broken']
  /** it takes these messages */
  readonly taken: number
  readonly report: { readonly which: number; readonly delivered: number; readonly undelivered: number; readonly unknown: number } | undefined
  readonly fact: string | undefined
}

export type Kind = 'free' | 'crash' | 'sleep'

interface Own {
  readonly kind: Kind
  readonly text: string
  /** of the two instants */
  readonly phase: number
  readonly move: number
}

/** One member, as numbers. A move is a state that follows, what is sent, and what is judged; `heard[phase][state][message]` and `own[state]` have them. */
export interface Automaton {
  readonly locals: Local[]
  readonly moves: Array<{ readonly to: number; readonly out: number; readonly judged: number }>
  readonly heard: readonly [number[][], number[][]]
  readonly own: Array<ReadonlyArray<Own>>
}

/** Things of one text have one number, from 0. */
class Numbers<A> {
  readonly all: A[] = []
  readonly #known = new Map<string, number>()

  of(text: string, make: () => A): number {
    const known = this.#known.get(text)
    if (known !== undefined) return known
    this.#known.set(text, this.all.length)
    return this.all.push(make()) - 1
  }
}

interface Side extends Automaton {
  readonly machine: Locals
  readonly numbers: Numbers<Local>
  readonly moveNumbers: Numbers<{ readonly to: number; readonly out: number; readonly judged: number }>
}

interface Twin {
  readonly place: number
  readonly number: number
  readonly local: Local
}

const twinsKept = 3

export class Closure {
  readonly members: ReadonlyArray<Member>
  readonly grants: Grants
  readonly sides: ReadonlyArray<Side>
  /** to each member, and to the server */
  readonly messages: ReadonlyArray<Numbers<Message>>
  /** sets of datagrams that leave together: where to, and its number there; the first is none */
  readonly outs = new Numbers<ReadonlyArray<readonly [number, number]>>()
  readonly judged = new Numbers<Judged>()
  /** of each of these: without what is for the server */
  readonly unserved: ReadonlyArray<number>
  readonly first: ReadonlyArray<{ readonly to: number; readonly out: number }>
  /** others of the same text as one that is known: a few of each */
  readonly #twins: { readonly states: Twin[]; readonly commands: Array<{ readonly to: number; readonly slot: number; readonly command: delivery.Command }> } = { states: [], commands: [] }
  readonly #seen = new Map<string, number>()
  readonly #scene: Scene
  readonly #instants: readonly [Instant, Instant]

  constructor(scene: Scene, tampering: Tampering) {
    this.#scene = scene
    this.members = membersOf(scene)
    this.grants = grantsOf(scene, this.members)
    this.#instants = scene.again === undefined ? [instants.first, instants.second] : [instants.second, instants.over]
    this.messages = Array.from({ length: scene.members + 1 }, () => new Numbers<Message>())
    this.outs.of('', () => [])
    this.judged.of('', () => ({ broken: undefined, taken: 0, report: undefined, fact: undefined }))
    this.sides = this.members.map((member) => {
      const [numbers, moveNumbers] = [new Numbers<Local>(), new Numbers<{ readonly to: number; readonly out: number; readonly judged: number }>()]
      return { machine: new Locals(scene, member, this.grants, tampering), numbers, moveNumbers, locals: numbers.all, moves: moveNumbers.all, heard: [[], []], own: [] }
    })
    this.first = prelude(scene, this.members, this.sides.map(({ machine }) => machine), this.grants).map(({ local, out }, place) => {
      const { numbers } = this.sides[place] as Side
      return { to: numbers.of(localText(local), () => local), out: this.#out(place, out) }
    })
    if (scene.forced) this.grants.live.forEach((_, which) => this.overruling(which))
    while (this.sides.some((_, place) => this.#grow(place)));
    this.unserved = [...this.outs.all].map((out) => this.#number(out.filter(([to]) => to !== scene.members)))
  }

  get runs(): number {
    return this.sides.reduce((sum, { machine }) => sum + machine.runs, 0)
  }

  /** Tries what has not been tried yet. True where there was something. */
  #grow(place: number): boolean {
    const side = this.sides[place] as Side
    const inbox = (this.messages[place] as Numbers<Message>).all
    let some = false
    for (let number = 0; number < side.locals.length; number++) {
      const local = side.locals[number] as Local
      if (side.own[number] === undefined) side.own[number] = this.#ownOf(place, side, number, local)
      this.#instants.forEach((at, phase) => {
        const row = ((side.heard[phase] as number[][])[number] ??= [])
        while (row.length < inbox.length) {
          some = true
          row.push(this.#hears(place, number, local, at, inbox[row.length]?.command))
        }
      })
    }
    return some
  }

  #hears(place: number, number: number, local: Local, at: Instant, command: delivery.Command | undefined): number {
    const side = this.sides[place] as Side
    const isNothing = local.state === undefined || command === undefined || side.machine.isDeaf(local)
    const moved = isNothing ? { local, out: [], report: undefined, broken: undefined } : side.machine.happen(local, at, { _tag: 'Message', command })
    return this.#move(place, side, number, moved, undefined)
  }

  #classes({ im, delivered, undelivered, unknown }: delivery.NoticeOf<'Reported'>): NonNullable<Judged['report']> {
    return { which: this.grants.live.findIndex(({ grant }) => grant.im === im), delivered: bits(delivered), undelivered: bits(undelivered), unknown: bits(unknown) }
  }

  #keep(place: number, number: number, local: Local): void {
    const name = `${place} ${number}`
    const known = this.#seen.get(name) ?? 0
    this.#seen.set(name, known + 1)
    if (known < twinsKept) this.#twins.states.push({ place, number, local })
  }

  /** Where two states of one text, or two datagrams of one, come to something different: nowhere, or the text leaves out what something is decided by. */
  disagreements(): ReadonlyArray<string> {
    const { states, commands } = this.#twins
    const ofStates = states.flatMap(({ place, number, local }) => {
      const side = this.sides[place] as Side
      const own = (all: ReadonlyArray<Own>): string => [...new Set(all.map(({ kind, phase, move }) => `${kind} ${phase} ${move}`))].sort().join()
      const heard = this.#instants.flatMap((at, phase) => ((side.heard[phase] as number[][])[number] ?? []).map((move, slot) =>
        this.#hears(place, number, local, at, this.messages[place]?.all[slot]?.command) === move))
      return own(this.#ownOf(place, side, number, local)) === own(side.own[number] ?? []) && heard.every((is) => is) ? [] : [`member ${place}: ${localText(local)}`]
    })
    const ofCommands = commands.flatMap(({ to, slot, command }) => (this.sides[to] as Side).locals.flatMap((local, number) =>
      this.#instants.flatMap((at, phase) => (this.#hears(to, number, local, at, command) === this.sides[to]?.heard[phase]?.[number]?.[slot] ? [] : [`to ${to}: ${this.messages[to]?.all[slot]?.text ?? ''}`]))))
    return [...ofStates, ...ofCommands]
  }

  #ownOf(place: number, side: Side, number: number, local: Local): ReadonlyArray<Own> {
    return side.machine.own(local).flatMap((happening) =>
      this.#instants.map((at, phase): Own => {
        const moved = side.machine.happen(local, at, happening)
        const isResumed = happening._tag === 'Restart' && (moved.local.state === undefined ? [] : roll.values(moved.local.state.own)).some(({ phase: now }) => now !== 'told')
        return { kind: kinds[happening._tag], text: ownText(happening), phase, move: this.#move(place, side, number, moved, isResumed ? `member ${place} takes up again what it had begun` : undefined) }
      }),
    )
  }

  #move(place: number, side: Side, from: number, { local, out, report, broken: bare }: Moved, fact: string | undefined): number {
    const was = side.locals[from] as Local
    const [old, now] = [was.state, local.state]
    const took = old === undefined || now === undefined ? [] : this.grants.live.flatMap(({ grant }, which) =>
      settledIn(old.diary, grant.root) !== 'stored' && settledIn(now.diary, grant.root) === 'stored' ? [{ which, isOver: !roll.has(now.accepted, grant.im), isMeant: grant.path.includes(place) }] : [])
    const taken = took.reduce((sum, { which }) => sum | (1 << which), 0)
    const isOver = took.some((one) => one.isOver) ? { rule: 'I1', what: `member ${place} takes the message under a grant that is over` } : undefined
    const isStranger = took.some(({ isMeant }) => !isMeant) ? { rule: 'I5', what: `member ${place} takes what is not for it, and is reported undelivered` } : undefined
    const broken = bare ?? isStranger ?? isOver
    const judged: Judged = { broken, taken, report: report === undefined ? undefined : this.#classes(report), fact }
    const isNothing = broken === undefined && taken === 0 && report === undefined && fact === undefined
    const to = side.numbers.of(localText(local), () => local)
    if (side.locals[to] !== local) this.#keep(place, to, local)
    const move = {
      to, out: this.#out(place, out),
      judged: this.judged.of(isNothing ? '' : JSON.stringify(judged), () => judged),
    }
    return side.moveNumbers.of(`${move.to} ${move.out} ${move.judged}`, () => move)
  }

  #out(from: number, out: ReadonlyArray<Out>): number {
    const sent = out.flatMap((effect) => this.#sent(from, effect))
    // whoever has seen the grant can say whatever it likes of it
    const { liar } = this.#scene
    const all = liar === undefined || !sent.some(([to]) => to === liar) ? sent : [...sent, ...lies(this.grants.first, liar, this.members, this.#scene.absent).flatMap((effect) => this.#sent(liar, effect))]
    const unique = [...new Map(all.map((one) => [one.join(), one])).values()].sort(([a, b], [c, d]) => a - c || b - d)
    return this.#number(unique)
  }

  #number(out: ReadonlyArray<readonly [number, number]>): number {
    return this.outs.of(out.join(';'), () => out)
  }

  #sent(from: number, effect: Out): ReadonlyArray<readonly [number, number]> {
    if (effect._tag === 'Seal') return this.#sealed(from, effect)
    if (effect.order._tag !== 'ImComplete') return []
    const { im, stored, closed } = effect.order
    const which = this.grants.live.findIndex(({ grant }) => grant.im === im)
    const verdict = (this.sides[from] as Side).machine.verdictOn(effect.order)
    const said = `completes${whose(which)}: stored by ${placesText(stored)}${closed.length > 0 ? `, closed by ${placesText(closed)}` : ''}${verdict === 'wrong' ? ', with a sum that is none' : ''}`
    if (verdict === 'wrong' && from === this.initiatorOf(which)) this.answer(which)
    return [this.#message(this.#scene.members, from, orderText(effect.order), { text: said, command: undefined, which, verdict })]
  }

  /** The number of the server's answer to receipts that do not add up. */
  answer(which: number): number {
    const granted = this.grants.live[which] ?? this.grants.first
    return this.#message(this.initiatorOf(which), this.#scene.members, `disputed ${which}`, { text: `says that the receipts${whose(which)} do not add up`, command: disputed(granted), which, verdict: undefined })[1]
  }

  /** And of that which tells the initiator that the operator has ended it. */
  overruling(which: number): number {
    const granted = this.grants.live[which] ?? this.grants.first
    return this.#message(this.initiatorOf(which), this.#scene.members, `overruled ${which}`, { text: `says that the operator has ended${whose(which) === '' ? ' it' : ' the second'}`, command: overruled(granted), which, verdict: undefined })[1]
  }

  initiatorOf(which: number): number {
    return (this.grants.live[which] ?? this.grants.first).grant.initiator
  }

  #sealed(from: number, { to, frame }: Extract<Out, { readonly _tag: 'Seal' }>): ReadonlyArray<readonly [number, number]> {
    const place = this.members.findIndex(({ key }) => key === to)
    const sender = this.members[from]
    if (place < 0 || sender === undefined || (frame._tag !== 'Relay' && frame._tag !== 'Ack')) return []
    return [this.#message(place, from, frameText(frame), { text: `${shownFrame(frame)}${whose(this.grants.live.findIndex(({ grant: { im } }) => im === frame.im))}`, command: { _tag: 'Hear', from: sender.key, frame }, which: -1, verdict: undefined })]
  }

  #message(to: number, from: number, text: string, rest: Pick<Message, 'text' | 'command' | 'which' | 'verdict'>): readonly [number, number] {
    const slot = (this.messages[to] as Numbers<Message>).of(`${from} ${text}`, () => ({ to, from, ...rest }))
    const { command } = rest
    const known = this.messages[to]?.all[slot]?.command
    if (command !== undefined && known !== undefined && !isDeepStrictEqual(known, command) && !this.#twins.commands.some((one) => one.to === to && one.slot === slot)) this.#twins.commands.push({ to, slot, command })
    return [to, slot]
  }
}

const kinds: { readonly [K in Happening['_tag']]: Kind } = { Message: 'free', Timer: 'free', Durable: 'free', Crash: 'crash', Restart: 'free', Slept: 'sleep', Learned: 'free' }

/** What a message of a member beside the first is called. */
const whose = (which: number): string => (which > 0 ? ' of the second' : '')

const placesText = (all: ReadonlyArray<number>): string => (all.length === 0 ? 'nobody' : all.join(', '))

const ownText = (happening: Happening): string => {
  switch (happening._tag) {
    case 'Message': return ''
    case 'Timer': return `its timer ${happening.timer._tag}${happening.timer._tag === 'Copy' ? ` of member ${happening.timer.member}` : ''} is due`
    case 'Durable': return 'its write is durable'
    case 'Crash': return 'its process stops'
    case 'Restart': return 'its process begins anew'
    case 'Slept': return 'its machine has slept'
    case 'Learned': return "it learns the server's time"
  }
}

const shownFrame = (frame: sealed.Relay | sealed.Ack): string => {
  if (frame._tag === 'Ack') return `says ${frame.status === 'have' ? 'stored' : frame.status} to a ${frame.kind} copy`
  const trail = sealed.decodeTrail(frame.head)
  const visited = trail._tag === 'Right' ? trail.right.visited : []
  return `a ${frame.kind} copy${frame.kind === 'direct' ? '' : ` with the receipts of ${placesText(visited)}`}`
}

const bits = (all: ReadonlyArray<{ readonly name: string }>): number => all.reduce((sum, { name }) => sum | (1 << Number(name.slice(1))), 0)

