// What an initiator does about the classic members of a ring (R29). Each is sent one copy, a list of two: this initiator at its own address, and the
// member. An original shows it and sends it home, where it is known again by its nonce. Nothing in clear is ever sent twice, since an original shows it
// as often as it comes; so it is written, before the first copy leaves, who gets one.
import * as roll from '../roll.js'
import { limits } from '../limits.js'
import { send } from '../effect.js'
import { after } from '../time.js'
import { longestRelay, newRelay, type Relay } from '../wire/classic/relay.js'
import { ringMember } from '../wire/classic/reply.js'
import { grantBytes, leafBytes } from '../wire/sealed/grant.js'
import type { Sent } from '../diary.js'
import type { Digest, ImId, Tag } from '../keys.js'
import type { ContactName } from '../names.js'
import type { ClassicSeat, Ring } from '../wire/sealed/ring.js'
import { timeWanted } from './attempt.js'
import { awaits, type Leaf } from './leaf.js'
import { isDoubtful, isLive, withOwn, type Own, type State } from './state.js'
import { report, retold } from './telling.js'
import { step, then, type Effect, type Step } from './transitions.js'
import type { Config } from './config.js'

/** Only this contact has the key of this MAC, which it shares with itself. */
const nonceOf = ({ own, ciphers }: Config, g: Digest, name: ContactName): Tag => ciphers.share(own.seals, leafBytes(g, name))

const copyFor = ({ address }: Config, { from, text, grant: { list } }: Sent, { name, ip, port }: ClassicSeat, nonce: Tag): Relay =>
  newRelay([ringMember(from, address), ringMember(name, { ip, port })], text, { list, im: nonce })

type Before = ReadonlyMap<string, 'bounced' | 'silent'>

/** The classic members that had their copy under an earlier grant of that root, and what came of it. */
export const sentBefore = ({ diary: { sent } }: Pick<State, 'diary'>, root: ImId, im?: ImId): Before => {
  const earlier = roll.values(sent).filter(({ sent: { grant } }) => grant.root === root && grant.im !== im)
  const isBounced = (name: ContactName): boolean => earlier.some(({ report: told }) => told?.leaves?.some((row) => row.name === name && row.outcome === 'bounced') === true)
  return new Map(earlier.flatMap(({ sent: { clear = [] } }) => clear.map((name) => [name, isBounced(name) ? 'bounced' : 'silent'] as const)))
}

/** The leaves of a message that is about to begin, or, `resumed`, of one that an earlier process has begun: what left then is not sent again. */
export const leavesOf = (config: Config, state: State, ring: Ring, sent: Sent, isAllowed: boolean, resumed: boolean): ReadonlyArray<Leaf> => {
  const seats = ring.members.filter((seat) => seat._tag === 'Classic')
  if (seats.length === 0) return []
  const { grant, clear = [] } = sent
  const g = config.ciphers.hash(grantBytes(grant))
  const before = sentBefore(state, grant.root, grant.im)
  return seats.map((seat): Leaf => {
    const { name } = seat
    const nonce = nonceOf(config, g, name)
    const leaf: Leaf = { name, nonce, copy: undefined, status: 'silent', due: state.at, ms: undefined }
    const known = resumed && clear.includes(name) ? 'silent' : before.get(name)
    if (known !== undefined) return { ...leaf, status: known }
    const copy = copyFor(config, sent, seat, nonce)
    if (longestRelay(copy) > limits.classicDatagramBytes) return { ...leaf, status: 'tooLarge' }
    return isAllowed ? { ...leaf, copy, status: 'unsent' } : { ...leaf, status: 'notAllowed' }
  })
}

/** The leaves of a message whose ring nobody tells any more: those of whom it is written that a copy leaves. */
export const writtenLeaves = (config: Config, { at }: State, { grant, clear = [] }: Sent): ReadonlyArray<Leaf> => {
  const g = config.ciphers.hash(grantBytes(grant))
  return clear.map((name): Leaf => ({ name, nonce: nonceOf(config, g, name), copy: undefined, status: 'silent', due: at, ms: undefined }))
}

const toLeaf = ({ copy }: Leaf): ReadonlyArray<Effect> => {
  const member = copy?.members[1]
  return copy === undefined || member === undefined ? [] : [send({ ip: member.ip, port: member.port + 1 }, copy)]
}

/** The next few copies, while the grant holds. Not all at once: what a socket has no room for is lost, and not sent again. */
const sendSome = (config: Config, state: State, own: Own): Step => {
  const unsent = own.leaves.filter(({ status }) => status === 'unsent')
  if (unsent.length === 0) return step(withOwn(state, own))
  const changed = (change: (leaf: Leaf) => Leaf): State => withOwn(state, { ...own, leaves: own.leaves.map((leaf) => (leaf.status === 'unsent' ? change(leaf) : leaf)) })
  if (!isLive(state, own.grant)) {
    const again = after(state.at, config.pace.hopHighestMs)
    return isDoubtful(state, own.grant) ? timeWanted(config, changed((leaf) => ({ ...leaf, due: again }))) : step(changed((leaf) => ({ ...leaf, copy: undefined, status: 'late' })))
  }
  const now = unsent.slice(0, limits.leavesAtOnce)
  const [silent, next] = [after(state.at, limits.leafSilentMs), after(state.at, limits.leavesApartMs)]
  const sent = changed((leaf) => (now.includes(leaf) ? { ...leaf, copy: undefined, status: 'awaited', due: silent } : { ...leaf, due: next }))
  return step(sent, ...now.flatMap(toLeaf))
}

/** Where nothing but a leaf was waited for, and none is any more, the report is due. */
const ended = (state: State, im: ImId): Step => {
  const own = roll.get(state.own, im)
  return own?.phase === 'leaves' && !awaits(own.leaves) ? report(state, own, false) : step(state)
}

/** What is due of them: copies leave, and who has been silent for long enough is called so. */
export const tend = (config: Config, state: State, im: ImId): Step => {
  const own = roll.get(state.own, im)
  if (own === undefined || own.phase === 'told') return step(state)
  const leaves = own.leaves.map((leaf): Leaf => (leaf.status === 'awaited' && leaf.due <= state.at ? { ...leaf, status: 'silent' } : leaf))
  return then(sendSome(config, state, { ...own, leaves }), (now) => ended(now, im))
}

/** A datagram in clear has come home with that nonce. If none of ours has it, it means nothing, and nobody is told of it. */
export const bounced = (state: State, nonce: string): Step => {
  const isIts = (leaf: Leaf): boolean => leaf.nonce === nonce && (leaf.status === 'awaited' || leaf.status === 'silent')
  const own = roll.values(state.own).find(({ leaves }) => leaves.some(isIts))
  if (own === undefined) return step(state)
  const next: Own = { ...own, leaves: own.leaves.map((leaf) => (isIts(leaf) ? { ...leaf, status: 'bounced', ms: state.at - own.began } : leaf)) }
  return own.phase === 'told' ? retold(state, next) : ended(withOwn(state, next), own.grant.im)
}
