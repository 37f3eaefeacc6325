// Who watches a story: every promise I1 to I11 of the protocol, looked at in each step of each member and of the server. It knows what nobody in the
// story knows: what time it really is, who has what on its disk, what was sent by whom.
import type { delivery, diary} from '../../core/index.js';
import { roll, sealed, server, table, type ImId } from '../../core/index.js'
import type { Member } from './member.js'
import type { Office, Seen } from './office.js'

export interface Broken {
  readonly rule: string
  readonly what: string
}

type Leaving = Exclude<delivery.Effect, { readonly _tag: 'Persist' | 'Jot' }>

/** The members that have a message, or will not have it, for good. */
const settledIn = ({ inbox }: diary.Diary, root: ImId): 'stored' | 'closed' | undefined => {
  const known = roll.get(inbox.roots, root)
  return known === undefined ? undefined : known.status === 'closed' ? 'closed' : 'stored'
}

export class Witness {
  readonly broken: Broken[] = []
  /** how often what matters has happened */
  readonly seen = new Map<string, number>()
  readonly #office: Office
  readonly #members: ReadonlyArray<Member>
  readonly #grants = new Map<ImId, sealed.Grant>()
  /** by im: the names of the ring, in order of joining */
  readonly #places = new Map<ImId, ReadonlyArray<string>>()
  /** im of each request that was granted */
  readonly #granted = new Map<string, ImId>()
  /** by root: what its initiator wrote */
  readonly #texts = new Map<ImId, string>()
  /** by im: who was called undelivered */
  readonly #undelivered = new Map<ImId, Set<string>>()
  /** `name life im` of those that have been passed on */
  readonly #passed = new Set<string>()
  readonly #screened = new Map<string, number>()
  /** `name root` of what a member has taken later, under no grant */
  readonly #later = new Set<string>()
  /** members who break rules: what is said of others holds all the same */
  readonly rogues = new Set<string>()

  constructor(office: Office, members: ReadonlyArray<Member>) {
    this.#office = office
    this.#members = members
  }

  #says(rule: string, holds: boolean, what: string): void {
    if (!holds) this.broken.push({ rule, what })
  }

  #count(what: string): void {
    this.seen.set(what, (this.seen.get(what) ?? 0) + 1)
  }

  #at({ im }: sealed.Grant, place: number): Member | undefined {
    return this.#members.find(({ name }) => name === this.#places.get(im)?.[place])
  }

  /** A member has decided something; nothing of it has happened yet. */
  decided(member: Member, { state, effects }: delivery.Step, command: delivery.Command | undefined): void {
    const before = member.state
    for (const effect of effects) {
      if (effect._tag !== 'Persist' || effect.record._tag !== 'Stored') continue
      if (effect.record.line.caughtUp === true) this.#caughtUp(member, before, effect.record)
      else this.#accepted(member, before, state, effect.record.root, command?._tag === 'Joined')
    }
    for (const { grant, passed } of roll.values(state.accepted)) {
      const was = roll.get(before.accepted, grant.im)?.passed === true
      if (!passed || was) continue
      const name = `${member.name} ${member.life} ${grant.im}`
      this.#says('I9', !this.#passed.has(name), `${name} is passed on again`)
      this.#passed.add(name)
      this.#count('passed on')
    }
  }

  #accepted(member: Member, before: delivery.State, after: delivery.State, root: ImId, isTold: boolean): void {
    const fresh = roll.values(after.accepted).find(({ grant }) => grant.root === root && !roll.has(before.accepted, grant.im))
    if (fresh === undefined) return this.#says('I1', false, `${member.name} stores ${root} under no grant`)
    const { grant } = fresh
    this.#count('accepted')
    this.#says('I1', this.#office.isLive(grant.im) || this.#office.end(grant.im) === 'forced', `${member.name} takes ${grant.im}, which has ended: ${this.#office.end(grant.im)}`)
    const known = table.get(before.lists, grant.list)
    this.#says('I2', known === undefined || (grant.epoch >= known.epoch && (isTold || !known.left)), `${member.name} takes a message of epoch ${grant.epoch}, and knows of ${known?.epoch}${known?.left ? ', and left' : ''}`)
    this.#says('I3', settledIn(before.diary, root) === undefined, `${member.name} takes ${root} again`)
    this.#says('I5', this.#undelivered.get(grant.im)?.has(member.name) !== true, `${member.name} takes ${grant.im}, and was called undelivered`)
  }

  /** What a member takes under no grant: one that went round without it. */
  #caughtUp(member: Member, before: delivery.State, { root, seals, line: { list, text } }: Extract<diary.Mark, { readonly _tag: 'Stored' }>): void {
    const grant = seals === undefined ? undefined : this.#grants.get(seals.grant.im)
    this.#count('caught up')
    this.#later.add(`${member.name} ${root}`)
    if (grant === undefined) return this.#says('I10', false, `${member.name} catches up with ${root}, which nobody granted`)
    const place = (this.#places.get(grant.im) ?? []).indexOf(member.name)
    this.#says('I1', place >= 0 && place !== grant.initiator && !grant.path.includes(place), `${member.name} catches up with ${grant.im}, in which it is at place ${place}`)
    this.#says('I2', table.get(before.lists, list)?.left !== true, `${member.name} catches up with a list that it has left`)
    this.#says('I3', settledIn(before.diary, root) === undefined, `${member.name} catches up with ${root}, which it has`)
    this.#says('I10', this.#texts.get(root) === text, `${member.name} catches up with ${JSON.stringify(text)}`)
  }

  /** A write is there. */
  durable(member: Member, mark: diary.Mark, isTaken: boolean): void {
    if (mark._tag === 'Stored' || mark._tag === 'Closed') this.#says('I3', isTaken, `${member.name} writes ${mark.root} twice`)
    if (mark._tag === 'Sent') this.#texts.set(mark.grant.root, this.#texts.get(mark.grant.root) ?? mark.text)
  }

  left(member: Member, effect: Leaving): void {
    if (effect._tag === 'Announce') return this.#told(member, effect.notice)
    if (effect._tag !== 'Seal') return
    const { frame } = effect
    if (frame._tag === 'Ack' && frame.kind !== 'home') this.#acked(member, frame)
    if (frame._tag === 'Relay') this.#relayed(member, frame, effect.to)
  }

  #acked({ name, kept }: Member, { im, status, receipts }: sealed.Ack): void {
    const root = this.#grants.get(im)?.root ?? im
    const has = settledIn(kept, root)
    const isSettled = status === 'stored' || status === 'have' ? has === 'stored' : status === 'closed' ? has === 'closed' : receipts === undefined
    this.#says('I4', isSettled, `${name} says ${status} of ${im}, and its disk has ${has ?? 'nothing'}`)
    this.#count(`ack ${status}`)
  }

  #relayed({ name, kept }: Member, { im, kind, head }: sealed.Relay, to: Member['key']): void {
    const grant = this.#grants.get(im)
    if (kind === 'missed') return this.#gave({ name, kept }, grant, to)
    const trail = sealed.decodeTrail(head)
    if (grant === undefined || trail._tag === 'Left') return this.#says('I10', false, `${name} sends ${im}, which nobody granted`)
    const isOwn = this.#at(grant, grant.initiator)?.name === name
    this.#says('I4', isOwn ? roll.has(kept.sent, im) : settledIn(kept, grant.root) === 'stored', `${name} sends on ${im}, and its disk has it not`)
    const places = this.#places.get(im) ?? []
    const [me, next] = [places.indexOf(name), places.indexOf(this.#members.find(({ key }) => key === to)?.name ?? '')]
    if (kind === 'ring') this.#says('I9', (isOwn || next > me) && trail.right.visited.every((place) => place <= me || isOwn), `${name} at ${me} sends ${im} to ${next}, behind ${trail.right.visited.join()}`)
    this.#count(`sent ${kind}`)
  }

  /** A member gives another what went round without that one. */
  #gave({ name, kept }: Pick<Member, 'name' | 'kept'>, grant: sealed.Grant | undefined, to: Member['key']): void {
    if (grant === undefined) return this.#says('I10', false, `${name} gives what nobody granted`)
    const place = (this.#places.get(grant.im) ?? []).indexOf(this.#members.find(({ key }) => key === to)?.name ?? '')
    this.#says('I4', roll.has(kept.sent, grant.im) || settledIn(kept, grant.root) === 'stored', `${name} gives ${grant.im}, and its disk has it not`)
    this.#says('K4', place >= 0 && place !== grant.initiator && !grant.path.includes(place), `${name} gives ${grant.im} to place ${place}`)
    this.#count('gave')
  }

  #told(member: Member, notice: delivery.Notice): void {
    if (notice._tag === 'Taken') {
      this.#says('I3', settledIn(member.kept, notice.root as ImId) === 'stored', `${member.name} shows ${notice.root}, which its disk has not`)
      const said = this.#texts.get(notice.root as ImId)
      this.#count(notice.repeated === true ? 'repeated' : 'shown')
      this.#says('I10', said === notice.text, `${member.name} shows ${JSON.stringify(notice.text)} of ${JSON.stringify(said)}`)
      const line = `${member.name} ${notice.root}`
      const times = (this.#screened.get(line) ?? 0) + 1
      this.#screened.set(line, times)
      this.#says('I3', times === 1 || notice.repeated === true, `${line} is on a screen twice, and not marked so`)
    }
    if (notice._tag === 'Reported') this.#reported(member, notice)
  }

  #reported(member: Member, { im, delivered, undelivered, unknown, leaves }: delivery.NoticeOf<'Reported'>): void {
    const grant = this.#grants.get(im as ImId)
    if (grant === undefined) return
    this.#count(unknown.length > 0 ? 'reported, some unknown' : 'reported in full')
    const have = (name: string): 'stored' | 'closed' | undefined => {
      const other = this.#members.find((one) => one.name === name)
      return other === undefined ? undefined : settledIn(other.kept, grant.root)
    }
    for (const { name } of delivered) this.#says('I5', this.rogues.has(name) || have(name) === 'stored', `${name} is called delivered of ${im}, and its disk has ${have(name) ?? 'nothing'}`)
    const out = this.#undelivered.get(grant.im) ?? new Set()
    for (const { name } of undelivered) {
      if (grant.root === grant.im && !this.#later.has(`${name} ${grant.root}`)) this.#says('I5', have(name) !== 'stored', `${name} is called undelivered of ${im}, and has it`)
      out.add(name)
    }
    this.#undelivered.set(grant.im, out)
    const all = [...delivered, ...undelivered, ...unknown, ...leaves].map(({ name }) => name).sort()
    const others = (this.#places.get(grant.im) ?? []).filter((name) => name !== member.name).sort()
    // of a ring that nobody tells any more members are known by their places
    if (!all.some((name) => name.startsWith('member '))) this.#says('I5', JSON.stringify(all) === JSON.stringify(others), `${all.join()} are reported of ${others.join()}`)
  }

  /** An answer of the server leaves. */
  answered(member: Member, request: sealed.Request, answer: sealed.Answer): void {
    if (answer.body._tag !== 'Granted') return
    const { grant } = answer.body
    // one for nobody has ended in the step in which it was given
    if (!this.#grants.has(grant.im) && this.#office.list.epoch === grant.epoch) {
      this.#grants.set(grant.im, grant)
      this.#places.set(grant.im, server.membersOf(this.#office.list).map((one) => one.name))
    }
    const name = `${member.name} ${request.boot} ${request.seq}`
    this.#says('I11', (this.#granted.get(name) ?? grant.im) === grant.im, `${name} has been granted ${this.#granted.get(name)} and ${grant.im}`)
    this.#granted.set(name, grant.im)
    this.#count('granted')
  }

  served({ before, after, isForced }: Seen): void {
    for (const { list, granted, id } of roll.values(after.lists).flatMap((list) => list.ims.map((im) => ({ list, ...im })))) {
      if (granted === undefined || this.#grants.has(granted.grant.im)) continue
      this.#grants.set(granted.grant.im, granted.grant)
      this.#places.set(granted.grant.im, server.membersOf(list).map(({ name }) => name))
      this.#says('I11', id === after.position, `${granted.grant.im} is granted beside its request`)
    }
    for (const list of roll.values(before.lists)) this.#stood(list, roll.get(after.lists, list.name), isForced, after)
    if (roll.values(after.lists).some(({ name, epoch }) => roll.get(before.lists, name)?.epoch !== epoch)) this.#count('another epoch')
    const sum = roll.values(after.lists).reduce((count, { ims }) => count + ims.length, 0)
    this.#says('I6', after.ongoing === sum, `${after.ongoing} messages are counted, and ${sum} go round`)
  }

  #stood(was: server.List, now: server.List | undefined, isForced: boolean, after: server.State): void {
    const there = new Set((now?.ims ?? []).map(({ granted }) => granted?.grant.im))
    // what waited for the last of them is done in the step in which that ends
    const goesOn = was.ims.length > 0 && (now === undefined || was.ims.some(({ granted }) => there.has(granted?.grant.im)))
    if (goesOn && (now === undefined || now.epoch !== was.epoch || now.size !== was.size)) this.#says('I6', isForced, `the members of ${was.name} change while ${was.ims.length} messages go round`)
    for (const { granted } of was.ims) if (granted !== undefined && !there.has(granted.grant.im)) this.#ended(granted.grant, after)
  }

  #ended(grant: sealed.Grant, after: server.State): void {
    const end = roll.values(after.contacts).flatMap(({ bound }) => bound?.past.over ?? []).findLast(({ im }) => im === grant.im)?.end
    this.#count(`ended ${end ?? 'and forgotten'}`)
    if (end !== 'proof') return
    const open = grant.path.map((place) => this.#at(grant, place)).filter((member) => member !== undefined && !this.rogues.has(member.name) && settledIn(member.kept, grant.root) === undefined)
    this.#says('I7', open.length === 0, `${grant.im} ended by a proof, and ${open.map((member) => member?.name).join()} may still take it`)
  }

  /** Time has passed at the server. */
  looked(now: number): void {
    for (const { grant, lease } of this.#office.live) {
      const began = (grant.until - lease - this.#office.shift) / this.#office.rate
      this.#says('I8', now <= Math.max(began, this.#office.startedAt) + lease * 1.002 + 2, `${grant.im} goes on after its lease`)
    }
  }
}
