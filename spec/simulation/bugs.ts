// Deliberate bugs: each makes one promise of the protocol an empty one, as a slip of a programmer might. They are wrapped around the production
// machines, their inputs, their effects, their ciphers or the driver: nothing in these can be switched. A campaign with one of them must fail, and
// says by which invariant.
import * as option from 'fp-ts/lib/Option.js'
import { isRight } from 'fp-ts/lib/Either.js'
import * as agenda from '../../core/agenda.js'
import { delivery, operator, roll, sealed, table, type Digest, type ImId, type presence, type server } from '../../core/index.js'
import type { Machine } from '../../core/transition.js'
import type { BoxCiphers } from './boxes.js'
import { listName } from './names.js'
import { absent, crowded, fair, type Options } from './options.js'
import { gullible, heedless, lavish, miscounting } from './lavish.js'
import { forgetful, misplacing, overtaking, recounting } from './unfair.js'

type Courier = ReturnType<typeof delivery.courier>
type ServerMachine = Machine<server.State, server.Command, server.Response, server.Effect>
type Input = Parameters<Courier['reduce']>[1]
type Step = ReturnType<Courier['reduce']>
type Learned = Extract<delivery.Command, { readonly _tag: 'Learned' }>

/** Whose machine it is. */
interface Whose {
  readonly ciphers: BoxCiphers
}

/** What every process of a run is made with. */
export interface Arms {
  readonly courier: (machine: Courier, whose: Whose) => Courier
  readonly server: (machine: ServerMachine) => ServerMachine
  readonly presence: (machine: typeof presence.machine) => typeof presence.machine
  readonly ciphers: (ciphers: BoxCiphers) => BoxCiphers
  readonly config: Partial<delivery.Config>
  /** effects that do not wait for a write that is under way */
  readonly overtakes: ((effect: delivery.Effect) => boolean) | undefined
  /** whether nothing waits for a write */
  readonly isHasty: boolean
  /** whether a sleep goes unnoticed */
  readonly isDrowsy: boolean
  /** the faults that bring it to light, where the usual ones seldom do */
  readonly options: (options: Options) => Options
}

export const honest: Arms = {
  courier: (machine) => machine,
  server: (machine) => machine,
  presence: (machine) => machine,
  ciphers: (ciphers) => ciphers,
  config: {},
  overtakes: undefined,
  isHasty: false,
  isDrowsy: false,
  options: (options) => options,
}

/** With other commands in. */
const given = (change: (command: delivery.Command, at: Input['at']) => delivery.Command): Arms => ({
  ...honest,
  courier: (machine) => ({ ...machine, reduce: (state, input) => machine.reduce(state, { ...input, command: change(input.command, input.at) }) }),
})

/** With other steps out. */
const done = (change: (step: Step, before: delivery.State, input: Input) => Step): Arms => ({
  ...honest,
  courier: (machine) => ({ ...machine, reduce: (state, input) => change(machine.reduce(state, input), state, input) }),
})

const isAck = (effect: delivery.Effect): boolean => effect._tag === 'Seal' && effect.frame._tag === 'Ack'
const isTaken = (effect: delivery.Effect): boolean => effect._tag === 'Announce' && effect.notice._tag === 'Taken'

const isCaughtUp = (effect: delivery.Effect): boolean => effect._tag === 'Announce' && effect.notice._tag === 'Taken' && effect.notice.caughtUp === true

const isQuestion = (effect: delivery.Effect): boolean => effect._tag === 'Request' && effect.ticket.startsWith('where ')

const first = (effects: Step['effects'], is: (effect: delivery.Effect) => boolean): Step['effects'] => [...effects.filter(is), ...effects.filter((effect) => !is(effect))]

/** What was learnt of one process of the server counts for another. */
const mixing = (machine: Courier): Courier => {
  let known: ReadonlyArray<Learned> = []
  return {
    ...machine,
    reduce: (state, input) => {
      const { command } = input
      if (command._tag === 'Met' || command._tag === 'Slept') known = []
      const step = machine.reduce(state, input)
      if (command._tag !== 'Learned') return step
      known = [...known.filter(({ process }) => process !== command.process), command]
      return known.reduce((so, { shown, since }) => {
        const next = machine.reduce(so.state, { ...input, command: { ...command, shown, since } })
        return { ...next, effects: [...so.effects, ...next.effects] }
      }, step)
    },
  }
}

/** Sums of all envelopes that came home are added up. */
const combining = (machine: Courier): Courier => {
  const before = new Map<ImId, sealed.Trail>()
  const combined = (im: ImId, head: Uint8Array): Uint8Array => {
    const trail = sealed.decodeTrail(head)
    if (!isRight(trail)) return head
    const known = before.get(im)
    before.set(im, trail.right)
    if (known === undefined || known.tagI === trail.right.tagI) return head
    const visited = [...new Set([...known.visited, ...trail.right.visited])].sort((a, b) => a - b)
    return sealed.encodeTrail({ ...trail.right, visited, tagI: sealed.xor(known.tagI, trail.right.tagI), tagS: sealed.xor(known.tagS, trail.right.tagS) })
  }
  return {
    ...machine,
    reduce: (state, input) => {
      const { command } = input
      if (command._tag !== 'Hear' || command.frame._tag !== 'Relay' || command.frame.kind !== 'home') return machine.reduce(state, input)
      return machine.reduce(state, { ...input, command: { ...command, frame: { ...command.frame, head: combined(command.frame.im, command.frame.head) } } })
    },
  }
}

/** An initiator believes every sum: it puts right what it is told. `share` is asked of the ciphers that the courier has. */
const trusting = (machine: Courier, { ciphers }: Whose): Courier => ({
  ...machine,
  reduce: (state, input) => {
    const { command } = input
    if (command._tag !== 'Hear' || command.frame._tag !== 'Relay' || command.frame.kind !== 'home') return machine.reduce(state, input)
    const own = roll.get(state.own, command.frame.im)
    const ring = own === undefined ? undefined : roll.get(state.rings, own.grant.ring)
    const trail = sealed.decodeTrail(command.frame.head)
    if (own === undefined || ring === undefined || !isRight(trail)) return machine.reduce(state, input)
    const visited = trail.right.visited.filter((place) => own.grant.path.includes(place))
    const keys = visited.flatMap((place) => {
      const seat = ring.members[place]
      return seat?._tag === 'Keyed' ? [seat.seals] : []
    })
    const tagI = sealed.sum(keys.map((key) => ciphers.share(key, sealed.receiptBytes(own.g, 'stored'))))
    const head = sealed.encodeTrail({ ...trail.right, visited, tagI })
    return machine.reduce(state, { ...input, command: { ...command, frame: { ...command.frame, head } } })
  },
})

/** An envelope is shown as soon as it is here. */
const showing = ({ frame, from }: Extract<delivery.Command, { readonly _tag: 'Hear' }>, state: delivery.State): Step['effects'] => {
  if (frame._tag !== 'Relay' || frame.kind === 'home' || frame.part.count > 1 || from.length === 0) return []
  const envelope = sealed.decodeEnvelope(frame.part.bytes)
  if (!isRight(envelope) || roll.has(state.diary.inbox.roots, envelope.right.grant.root)) return []
  const { grant: { im, root, list, no }, text } = envelope.right
  return [{ _tag: 'Announce', notice: { _tag: 'Taken', im, root, list, no, from: 'somebody', text, repeated: true } }]
}

/** Every member whom an initiator has no receipt of has none, it says. */
const blaming = (effect: delivery.Effect): delivery.Effect => {
  if (effect._tag !== 'Announce' || effect.notice._tag !== 'Reported') return effect
  const { notice } = effect
  return { ...effect, notice: { ...notice, undelivered: [...notice.undelivered, ...notice.unknown], unknown: [] } }
}

/** The text goes to whoever gave no receipt under the grant that it had. */
const sentAgain = (state: delivery.State, im: ImId): Step['effects'] => {
  const own = roll.get(state.own, im)
  const ring = own === undefined ? undefined : roll.get(state.rings, own.grant.ring)
  const [part] = own === undefined ? [] : (sealed.partsOf(own.body, 0n) ?? [])
  if (own === undefined || ring === undefined || part === undefined) return []
  const head = sealed.encodeTrail(sealed.departure)
  return own.grant.path.filter((place) => !own.receipts.some(({ member }) => member === place)).flatMap((place): Step['effects'] => {
    const seat = ring.members[place]
    return seat?._tag === 'Keyed' ? [{ _tag: 'Seal', to: seat.seals, address: undefined, again: false, frame: { _tag: 'Relay', im, kind: 'direct', head, part } }] : []
  })
}

/** A report of some is taken for a proof of all. */
const believing = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  reduce: (state, input) => {
    const { command } = input
    if (command._tag !== 'Ask' || command.order._tag !== 'ImComplete') return machine.reduce(state, input)
    const { im, closed } = command.order
    const path = roll.get(state.lists, listName)?.ims.find(({ granted }) => granted?.grant.im === im)?.granted?.grant.path ?? []
    const order = { ...command.order, stored: path.filter((place) => !closed.includes(place)) }
    return machine.reduce(state, { ...input, command: { ...command, proven: true, order } })
  },
})

/** A server that starts again ends messages when they would have ended. */
const cutting = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    const list = roll.get(step.state.lists, listName)
    if (input.command._tag !== 'Start' || list === undefined) return step
    const ims = list.ims.map((im) => (im.granted === undefined ? im : { ...im, granted: { ...im.granted, ends: im.granted.grant.until } }))
    const ends = agenda.from(ims.flatMap(({ granted }) => (granted === undefined ? [] : [{ at: granted.ends, id: granted.grant.im }])))
    const lists = roll.set(step.state.lists, listName, { ...list, ims })
    return { ...step, state: { ...step.state, lists, granted: { ...step.state.granted, ends } } }
  },
})

/** Judges at once, also right after a start. */
const impatient: Arms['presence'] = (machine) => ({
  ...machine,
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    return input.command._tag === 'Start' ? { ...step, state: { ...step.state, judges: step.state.at } } : step
  },
})

/** Whoever is said to give no answer is away. */
const credulous: Arms['presence'] = (machine) => ({
  ...machine,
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    return { ...step, effects: step.effects.map((effect) => (effect._tag === 'Judge' && effect.presence === 'suspect' ? { ...effect, presence: 'away' } : effect)) }
  },
})

/** Whoever is away is put off the list, whatever goes round in it. */
const evicting = (machine: ServerMachine): ServerMachine => ({
  ...machine,
  reduce: (state, input) => {
    const step = machine.reduce(state, input)
    const { command } = input
    const [list, contact] = [roll.get(step.state.lists, listName), command._tag === 'Judged' && command.presence === 'away' ? table.get(state.keyed.keys, command.key) : undefined]
    if (contact === undefined || list === undefined) return step
    const still = { ...step.state, lists: roll.set(step.state.lists, listName, { ...list, ims: [] }) }
    const left = machine.reduce(still, { at: input.at, by: operator, command: { _tag: 'Operate', order: { _tag: 'Leave', list: listName, contact } } }).state
    const rest = roll.get(left.lists, listName)
    return rest === undefined ? step : { ...step, state: { ...left, position: step.state.position, lists: roll.set(left.lists, listName, { ...rest, ims: list.ims }) } }
  },
})

const jumpy = (options: Options): Options => ({ ...options, serverCrashes: [1, 3], jumpMs: [0, 3_600_000] })
const sleepy = (options: Options): Options => ({ ...options, sleeps: [2, 4] })
const restless = (options: Options): Options => ({ ...options, members: [3, 8], forces: [8, 12], moves: [6, 10], skies: { ...options.skies, tail: 0.2, tailMs: [200, 6000] }, milder: 0 })
const delayed = (options: Options): Options => ({ ...options, skies: { ...options.skies, tail: 0.15, tailMs: [500, 30_000] }, milder: 0 })
const overdue = (options: Options): Options => ({ ...options, skies: { ...options.skies, tail: 0.5, tailMs: [2000, 60_000] }, milder: 0 })
const slow = (options: Options): Options => ({ ...options, stall: 0.2 })
const roguishOnly = (options: Options): Options => ({ ...options, roguish: 1, rogues: [1, 3] })
const lying = (options: Options): Options => ({ ...roguishOnly(options), members: [3, 8], crashes: [2, 6] })

/** There is always a ring under way, and none takes longer than it has to: only a fence can end that. */
const swamped = (): Options => ({
  ...crowded, members: [8, 8], messages: [600, 600], moveMs: [30_000, 40_000], skies: { ...fair.skies, delayMs: [30, 110] }, stall: 0, crashes: [0, 0], serverCrashes: [0, 0], forces: [0, 0], unlocks: [0, 0],
  full: 0, broken: 0,
})

const detached: Options = { ...crowded, detached: 1 }

const missing = (): Options => ({ ...absent, roguish: 0.5 })

export const bugs: { readonly [name: string]: Arms } = {
  'until not checked by the receiver': given((command) => (command._tag === 'Learned' ? { ...command, shown: 0 as Learned['shown'] } : command)),
  'sample counted from receipt': { ...given((command, at) => (command._tag === 'Learned' ? { ...command, since: at } : command)), options: overdue },
  'process of the server ignored': { ...honest, courier: mixing, options: jumpy },
  'ack while writing': { ...honest, overtakes: isAck, options: slow },
  'ack before write': done((step) => ({ ...step, effects: first(step.effects, isAck) })),
  'write not awaited': { ...honest, isHasty: true, options: slow },
  'shown before it is written': done((step) => ({ ...step, effects: first(step.effects, isTaken) })),
  'direct copy passed on': given((command) =>
    command._tag === 'Hear' && command.frame._tag === 'Relay' && command.frame.kind === 'direct' ? { ...command, frame: { ...command.frame, kind: 'ring' } } : command,
  ),
  'passed on again': done((step) => ({
    ...step,
    state: { ...step.state, accepted: roll.values(step.state.accepted).reduce((all, one) => (one.passed ? roll.set(all, one.grant.im, { ...one, passed: false }) : all), step.state.accepted) },
  })),
  'sums of two envelopes combined': { ...honest, courier: combining },
  'report of some ends it': { ...honest, server: believing },
  'verified after the display': done((step, before, { command }) => (command._tag === 'Hear' ? { ...step, effects: [...showing(command, before), ...step.effects] } : step)),
  'signatures not checked': { ...honest, ciphers: (ciphers) => ({ ...ciphers, verify: () => true, hash: (bytes) => (bytes.length === 0 ? ('' as Digest) : ciphers.hash(bytes)) }), options: roguishOnly },
  'receipts not checked': { ...honest, courier: trusting, options: lying },
  'bitmap off by one': given((command) =>
    command._tag === 'Hear' && command.frame._tag === 'Ack' && command.frame.status === 'part' ? { ...command, frame: { ...command.frame, have: (command.frame.have << 1n) | 1n } } : command,
  ),
  'old epoch accepted': { ...done((step) => ({ ...step, state: { ...step.state, lists: table.empty() } })), options: restless },
  'sleep not noticed': { ...honest, isDrowsy: true, options: sleepy },
  'no hold after a restart': { ...honest, server: cutting, options: jumpy },
  'clocks that run apart': { ...honest, options: (options) => ({ ...delayed(options), drift: 0.3 }) },
  'presence not frozen': { ...honest, presence: impatient, options: jumpy },
  'reports exclude': { ...honest, presence: credulous },
  'evict at count > 0': { ...honest, server: evicting },
  'queue overtaken': { ...honest, server: overtaking, options: () => crowded },
  'fence on the wrong list': { ...honest, server: misplacing, options: swamped },
  'a member that nobody told never asks': { ...done((step) => ({ ...step, effects: step.effects.filter((effect) => !isQuestion(effect)) })), options: () => detached },
  'ticket lost at restart': { ...honest, server: forgetful, options: () => ({ ...crowded, serverCrashes: [1, 3] }) },
  'what is sent again counted again': { ...honest, server: recounting },
  'lease without an end': { ...honest, server: (machine) => ({ ...machine, wakeAt: () => option.none }) },
  'sent again under the old grant': done((step, before, { command }) => (command._tag === 'Resend' ? { ...step, effects: [...step.effects, ...sentAgain(before, command.im)] } : step)),
  'silence called a refusal': done((step) => ({ ...step, effects: step.effects.map(blaming) })),
  'silent member never passed over': { ...honest, config: { pace: { ...delivery.pace, askedForMissed: 0, silentMs: 60_000 } } },
  'missed given to anybody': { ...honest, courier: lavish, options: missing },
  'missed taken of anybody': { ...honest, courier: gullible, options: () => ({ ...missing(), roguish: 1, rogues: [2, 3], members: [4, 5] }) },
  'catching up in spite of a no': { ...honest, courier: heedless, options: () => ({ ...missing(), aparts: [1, 3], muteMs: [10_000, 60_000] }) },
  'gap counted with what has come': { ...honest, courier: miscounting, options: missing },
  'missed shown before it is written': { ...done((step) => ({ ...step, effects: first(step.effects, isCaughtUp) })), options: missing },
  'stored roots forgotten': done((step) => ({ ...step, state: { ...step.state, accepted: roll.empty(), diary: { ...step.state.diary, inbox: { ...step.state.diary.inbox, roots: roll.empty() } } } })),
}
