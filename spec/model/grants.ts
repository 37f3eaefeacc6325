// What the dumb server does about messages with grants: scans of everything it knows, and the arithmetic written out.
import { sealed, type ContactName, type Digest, type ImId, type Instant, type ListName, type Order } from '../../core/index.js'
import { fenced } from './queue.js'
import { code, type Expected, type KnownContact, type KnownGrant, type KnownKey, type KnownList, type Ongoing, type World } from './known.js'

type Start = Order & { readonly _tag: 'ImStart' }
type Complete = Order & { readonly _tag: 'ImComplete' }

const contactOf = ({ contacts }: World, name: ContactName): KnownContact | undefined => contacts.find((contact) => contact.name === name)

const ringOf = (world: World, list: KnownList): sealed.Ring => ({
  list: list.name,
  epoch: list.epoch,
  members: list.members.flatMap((name) => {
    const contact = contactOf(world, name)
    if (contact === undefined) return []
    const { ip, port, key } = contact
    return [key === undefined ? { _tag: 'Classic', name, ip: ip as never, port: port as never } : { _tag: 'Keyed', name, signs: key.identity.signs, seals: key.identity.seals }]
  }),
})

const digestOf = (world: World, list: KnownList): Digest => world.config.hash(sealed.ringBytes(sealed.encodeRing(ringOf(world, list))))

/** The minute before now in which something of it was locked in vain: where the first span begins, and where each goes on beyond those before it. */
const lockedMs = ({ now }: World, { locks }: KnownKey): number => {
  let [sum, reached] = [0, now - 60_000]
  for (const { from, to } of [...locks].sort((a, b) => a.from - b.from)) {
    sum += Math.max(0, Math.min(to, now) - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return sum
}

const leaseMs = (members: number, size: number, times: number): number =>
  Math.min(60_000, times * (8000 + members * (50 + 5 * Math.ceil((size + 585) / 1024))))

const remember = (key: KnownKey, list: ListName, { im, root, no, commit, rootUntil }: KnownGrant, end: string): void => {
  key.done = [...key.done, { im, root, list, no, commit, until: rootUntil, end }].slice(-16)
}

const dayMs = 24 * 3600 * 1000

/** A grant, or why there is none. */
export const begin = (world: World, by: KnownContact & { readonly key: KnownKey }, { list: name, commit, size, patience, again }: Start): Expected => {
  const { config, now } = world
  if (size > 64_512) return code(400)
  const list = world.lists.find((one) => one.name === name)
  if (list === undefined) return code(460)
  if (!list.members.includes(by.name)) return code(464)
  const fence = fenced(world, list)
  if (fence !== undefined) return fence
  if (lockedMs(world, by.key) > 20_000) return code(431)
  const own = world.lists.flatMap(({ ongoing }) => ongoing).filter((one) => one.by === by.name).length
  if (list.ongoing.length >= config.maxMessages || own >= config.maxOwnMessages) return code(429)
  const still = again === null ? undefined : list.ongoing.find((one) => one.by === by.name && one.grant?.root === again.root)
  if (still?.grant !== undefined) return still.grant.commit === commit ? { code: 433, opens: still.ends } : code(403)
  const root = again === null ? undefined : by.key.done.find((one) => one.root === again.root && one.list === name)
  if (again !== null && (root === undefined || root.no > list.no || now > root.until + 7 * dayMs)) return code(404)
  if (root !== undefined && root.commit !== commit) return code(403)
  const lease = leaseMs(list.members.length, size, { once: 1, twice: 2, thrice: 3 }[patience])
  const im = `${world.process}${(world.position + 1).toString(16).padStart(12, '0')}` as ImId
  const isNamed = (member: ContactName): boolean => member !== by.name && again?.to.some((id) => id === contactOf(world, member)?.key?.identity.id) === true
  const isMixed = list.members.some((member) => contactOf(world, member)?.key === undefined)
  if (again !== null && again.to.length > 0 && !isMixed && !list.members.some(isNamed)) return code(459)
  const isWanted = ({ id }: { readonly id: string }): boolean => again === null || again.to.length === 0 || again.to.some((one) => one === id)
  const path = list.members.flatMap((member, place) => {
    const key = contactOf(world, member)?.key
    return key !== undefined && key.presence !== 'away' && member !== by.name && isWanted(key.identity) ? [place] : []
  })
  const until = (now + lease) as Instant
  list.no += root === undefined ? 1 : 0
  list.ring = digestOf(world, list)
  const grant: sealed.Grant = {
    im, root: root?.root ?? im, list: name, no: root?.no ?? list.no, epoch: list.epoch, ring: list.ring, initiator: list.members.indexOf(by.name), path, commit, size, until,
  }
  const known: KnownGrant = { im, root: grant.root, no: grant.no, commit, path, rootUntil: root?.until ?? until, said: undefined }
  if (path.length === 0 && !isMixed) remember(by.key, name, known, 'proof')
  else list.ongoing.push({ by: by.name, since: now, lease, ends: until, grant: known })
  return { code: 200, grant }
}

/** The message is ongoing no more. */
export const end = (world: World, list: KnownList, one: Ongoing, how: 'proof' | 'expired' | 'forced'): void => {
  list.ongoing = list.ongoing.filter((other) => other !== one)
  const { ends = 0, lease = 0, since } = one
  if (how === 'expired') world.expired = [...world.expired, { list: list.name, im: one.grant?.im, initiator: one.by, since, ended: world.now }].slice(-16)
  const key = contactOf(world, one.by)?.key
  if (key === undefined || one.grant === undefined) return
  if (how === 'expired') key.locks.push({ from: ends - lease, to: ends })
  remember(key, list.name, one.grant, how)
}

/** What has come of a message, by whoever asks: an end once there is one, and until then a proof ends it and nothing else does. */
export const complete = (world: World, by: KnownContact & { readonly key: KnownKey }, { im, stored, closed }: Complete, proven: boolean): Expected => {
  const seen = world.contacts.flatMap(({ key }) => key?.done ?? []).filter(({ list }) => world.lists.some(({ name, members }) => name === list && members.includes(by.name)))
  const before = [...by.key.done, ...seen].find((one) => one.im === im)
  if (before !== undefined) return { code: 200, outcome: before.end }
  const list = world.lists.find(({ ongoing, members }) => members.includes(by.name) && ongoing.some(({ grant }) => grant?.im === im))
  const one = list?.ongoing.find(({ grant }) => grant?.im === im)
  if (list === undefined || one?.grant === undefined) return code(404)
  const { path } = one.grant
  const said = [...stored, ...closed]
  const isTold = (place: number): boolean => said.filter((other) => other === place).length === 1
  const isKnown = proven && said.every((place) => path.includes(place) && isTold(place))
  const isOnWay = by.name === one.by || path.includes(list.members.indexOf(by.name))
  if (!isKnown || !isOnWay) return code(422)
  if (path.every(isTold)) {
    end(world, list, one, 'proof')
    return { code: 200, outcome: 'proof' }
  }
  if (by.name !== one.by) return code(422)
  one.grant.said = { stored, closed }
  return { code: 200, outcome: 'recorded' }
}

/** Whether something's time was over. */
export const expire = (world: World): boolean => {
  const due = world.lists.flatMap((list) => list.ongoing.flatMap((one) => (one.ends !== undefined && one.ends <= world.now ? [{ list, one, ends: one.ends, im: one.grant?.im ?? '' }] : [])))
  // in the order in which they end, and of those that end together in the order in which they began
  for (const { list, one } of due.sort((a, b) => a.ends - b.ends || (a.im < b.im ? -1 : 1)).slice(0, 256)) end(world, list, one, 'expired')
  return due.length > 0
}

/** The server has started: whatever is ongoing has a whole lease from now on, one of the classic wire also where it had none, if there are any now. */
export const hold = ({ lists, now }: World, classicMs: number): void => {
  for (const one of lists.flatMap(({ ongoing }) => ongoing)) {
    if (one.lease === undefined && classicMs > 0) Object.assign(one, { lease: classicMs, ends: now })
    if (one.lease !== undefined) one.ends = Math.max(one.ends ?? 0, now + one.lease)
  }
}

/** To a member of a ring of which somebody has been told. */
export const seek = (world: World, key: string, digest: Digest): Expected | undefined => {
  const by = world.contacts.find((contact) => contact.key?.identity.seals === key)
  const list = world.lists.find(({ ring, members }) => by !== undefined && members.includes(by.name) && ring === digest)
  return list === undefined ? undefined : { code: 200, told: ringOf(world, list) }
}
