// Bugs that somebody might make, each in one mechanism, and the promise that each of them breaks: a check that lets one of them live checks nothing.
import type { delivery} from '../../core/index.js';
import { diary, roll, sealed, type Tag } from '../../core/index.js'
import { grantsOf } from './office.js'
import { bodyOf, list, membersOf, plain, receiptOf, signed, type Granted, type Scene } from './scene.js'
import { decodeEnvelope } from '../../core/wire/sealed/envelope.js'
import { untampered, type Tampering } from './tampering.js'

export interface Bug {
  readonly name: string
  readonly scene: Scene
  readonly tampering: Tampering
  /** the promise that it breaks */
  readonly rule: string
}

const three: Scene = plain
const two: Scene = { ...plain, members: 2 }
const [grantedToThree, grantedToTwo] = [three, two].map((scene) => grantsOf(scene, membersOf(scene)).first) as [Granted, Granted]
const { root } = grantedToThree.grant

const withFrame = (command: delivery.Command, change: (frame: sealed.Relay | sealed.Ack, from: number) => sealed.Relay | sealed.Ack): delivery.Command =>
  command._tag === 'Hear' && (command.frame._tag === 'Relay' || command.frame._tag === 'Ack')
    ? { ...command, frame: change(command.frame, membersOf(three).findIndex(({ key }) => key === command.from)) }
    : command

/** The sum of an envelope that came home is believed, whatever it is. */
const believing: Tampering['heard'] = (place, command) => (place !== 0 ? command : withFrame(command, (frame) => {
  const trail = frame._tag === 'Relay' && frame.kind === 'home' ? sealed.decodeTrail(frame.head) : undefined
  if (frame._tag !== 'Relay' || trail?._tag !== 'Right') return frame
  const tagI = sealed.sum(trail.right.visited.map((member) => receiptOf(grantedToThree, member, 'stored', 0)))
  return { ...frame, head: sealed.encodeTrail({ ...trail.right, tagI }) }
}))

/** Whoever was too late is believed never to have it. */
const hopeless: Tampering['heard'] = (place, command) => (place !== 0 ? command : withFrame(command, (frame, from) => {
  if (frame._tag !== 'Ack' || frame.kind !== 'direct' || frame.status !== 'late') return frame
  const receipts = { initiator: receiptOf(grantedToTwo, from, 'closed', 0), server: receiptOf(grantedToTwo, from, 'closed', 'server') }
  return { ...frame, status: 'closed', receipts }
}))

/** A direct copy is taken for one that goes round. */
const passing: Tampering['heard'] = (place, command) =>
  place === 0 ? command : withFrame(command, (frame) => (frame._tag === 'Relay' && frame.kind === 'direct' ? { ...frame, kind: 'ring' } : frame))

const xor = (a: Tag, b: Tag): Tag => sealed.sum([a, b])

/** The sums of two envelopes that came home are added up, as if no member could be in both. */
const adding: Tampering['stepped'] = (place, state, step) => {
  const [was, now] = [state, step.state].map((one) => (one === undefined ? undefined : roll.get(one.own, root)))
  if (place !== 0 || was?.best === undefined || now?.best === undefined || now.best === was.best) return step
  const visited = [...new Set([...was.best.visited, ...now.best.visited])].sort((a, b) => a - b)
  const best: sealed.Trail = { ...now.best, visited, tagI: xor(was.best.tagI, now.best.tagI), tagS: xor(was.best.tagS, now.best.tagS) }
  const effects = step.effects.map((effect): delivery.Effect =>
    effect._tag === 'Request' && effect.order._tag === 'ImComplete' ? { ...effect, order: { ...effect.order, tag: best.tagS } } : effect)
  return { ...step, state: { ...step.state, own: roll.set(step.state.own, root, { ...now, best }) }, effects }
}

/** That it was passed on is forgotten. */
const forgetful: Tampering['stepped'] = (_place, _state, step) => {
  const accepted = roll.get(step.state.accepted, root)
  return accepted?.passed === true && !roll.has(step.state.custody, root) ? { ...step, state: { ...step.state, accepted: roll.set(step.state.accepted, root, { ...accepted, passed: false }) } } : step
}

/** A process that begins anew does not look at what its disk has. */
const blank: Tampering['stepped'] = (place, _state, step, command) =>
  place !== 0 && command._tag === 'Resume' ? { ...step, state: { ...step.state, diary: diary.empty } } : step

/** What a copy holds, under the server's and the initiator's hand: as if whoever looks at it took the grant for another one. */
const regranted = (frame: sealed.Relay, { ring }: Granted, change: (grant: sealed.Grant) => sealed.Grant): sealed.Relay => {
  const envelope = frame.kind === 'home' ? undefined : decodeEnvelope(frame.part.bytes)
  return envelope?._tag === 'Right' ? { ...frame, part: { ...frame.part, bytes: bodyOf(signed(ring, change(envelope.right.grant))) } } : frame
}

/** Whoever is not on the path takes it all the same. */
const barging: Tampering['heard'] = (place, command) => (place !== 2 ? command : withFrame(command, (frame) =>
  (frame._tag === 'Relay' ? regranted(frame, grantedToThree, (grant) => ({ ...grant, path: [1, 2] })) : frame)))

/** A message that is sent again is known by the name of its second grant. */
const renamed: Tampering['heard'] = (place, command) => (place === 0 ? command : withFrame(command, (frame) =>
  (frame._tag === 'Relay' ? regranted(frame, grantedToThree, (grant) => ({ ...grant, root: grant.im })) : frame)))

/** What the operator has ended nobody is thought to get any more. */
const resigned: Tampering['stepped'] = (place, _state, step, command) => {
  const own = roll.get(step.state.own, root)
  if (place !== 0 || own === undefined || command._tag !== 'Answered' || command.answer?.body._tag !== 'Ended') return step
  const isHad = (member: number): boolean => own.receipts.some((one) => one.member === member && one.status === 'stored')
  const [had, rest] = [own.grant.path.filter(isHad), own.grant.path.filter((member) => !isHad(member))]
  const named = (member: number) => ({ name: `m${member}`, why: 'forced', how: 'ring' as const })
  const notice: delivery.Notice = {
    _tag: 'Reported', im: root, root, list, no: 1, ms: 0, delivered: had.map(named), undelivered: rest.map(named), unknown: [], leaves: [], poisoned: 0, again: false,
  }
  return { ...step, effects: [{ _tag: 'Announce', notice }] }
}

/** Whoever has one message of a list says so of each. */
const muddled: Tampering['stepped'] = (place, state, step, command) => {
  if (place !== 2 || state === undefined || command._tag !== 'Hear' || command.frame._tag !== 'Relay' || !roll.has(state.diary.inbox.roots, root)) return step
  const { im, kind } = command.frame
  if (kind === 'missed') return step
  const frame: sealed.Ack = { _tag: 'Ack', im, kind, status: 'stored', have: 1n, receipts: undefined }
  return im === root ? step : { ...step, state, effects: [{ _tag: 'Seal', to: command.from, address: undefined, frame, again: false }] }
}

export const bugs: ReadonlyArray<Bug> = [
  { name: 'an ack leaves before what it says is durable', scene: three, tampering: { ...untampered, hasty: true }, rule: 'I4' },
  { name: 'a copy that comes while the first is written is answered at once', scene: three, tampering: { ...untampered, overtaking: true }, rule: 'I4' },
  { name: 'the server lets a message end by receipts of some', scene: three, tampering: { ...untampered, gullible: true }, rule: 'I7' },
  { name: 'a receiver does not look at the time', scene: three, tampering: { ...untampered, timeless: (place) => place > 0 }, rule: 'I1' },
  { name: 'a sleep is not noticed', scene: { ...three, sleeps: true }, tampering: { ...untampered, drowsy: true }, rule: 'I1' },
  { name: 'a direct copy is passed on', scene: three, tampering: { ...untampered, heard: passing }, rule: 'R10' },
  { name: 'a message is passed on whenever it comes', scene: three, tampering: { ...untampered, stepped: forgetful }, rule: 'I9' },
  { name: 'the sum of an envelope that came home is not looked at', scene: { ...three, liar: 2 }, tampering: { ...untampered, heard: believing }, rule: 'I5' },
  { name: 'the sums of two envelopes are added up', scene: three, tampering: { ...untampered, stepped: adding }, rule: 'R18' },
  { name: 'late is taken for never', scene: { ...two, hasty: true }, tampering: { ...untampered, heard: hopeless }, rule: 'I7' },
  { name: 'a process that begins anew takes a message again', scene: { ...three, crashes: 1 }, tampering: { ...untampered, stepped: blank }, rule: 'I3' },
  { name: 'whoever was away takes a message that is not granted to it', scene: { ...three, absent: [2], liar: 1 }, tampering: { ...untampered, heard: barging }, rule: 'I5' },
  { name: 'a message that is sent again is known by another name', scene: { ...three, again: [1] }, tampering: { ...untampered, heard: renamed }, rule: 'I3' },
  { name: 'nobody is thought to get what the operator has ended', scene: { ...three, forced: true }, tampering: { ...untampered, stepped: resigned }, rule: 'I5' },
  { name: 'whoever has one message of a list says so of each', scene: { ...three, beside: [2], prompt: true }, tampering: { ...untampered, stepped: muddled }, rule: 'I4' },
]
