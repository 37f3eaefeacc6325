// The second model of the server: dumb and obviously right. Arrays, scans, no index, no order but that of the arrays. It decides the same
// things in the order in which `PROTOCOL.md` lists them, and knows nothing of how the core keeps them.
import { FileName, type Actor, type ContactName, type ListName, type Order, type Policy, type ProcessId } from '../../core/index.js'
import { begin, complete, expire, hold, seek } from './grants.js'
import { dismissed, invite } from './guests.js'
import { code, saved, sized, type Expected, type Keyed, type KnownContact, type KnownExpired, type KnownKey, type KnownList, type KnownTicket } from './known.js'
import { force, imComplete, imStart, unlock } from './messages.js'
import { ask, drop, enqueue, fence, locks, needs, withdraw } from './queue.js'
import { judge, move, register, registerKey, where } from './registering.js'
import { isAllowed, type Role } from './rights.js'
import type { sealed, server } from '../../core/index.js'

type Wire = 'classic' | 'sealed'

const isQuestion = ({ _tag }: Order): boolean => ['QueryLists', 'Members', 'Where', 'Suspect', 'Ticket', 'Locks'].includes(_tag)

export class Directory {
  contacts: KnownContact[] = []
  lists: KnownList[] = []
  tickets: KnownTicket[] = []
  expired: KnownExpired[] = []
  readonly debts = new Map<string, KnownKey['locks']>()
  position = 0
  process = '0'.repeat(16) as ProcessId
  /** Unix milliseconds */
  now = 0
  readonly config: server.Config

  constructor(config: server.Config) {
    this.config = config
  }

  contact(name: ContactName, wire: Wire = 'sealed'): KnownContact | undefined {
    return this.contacts.find((contact) => contact.name === name && (wire === 'sealed' || contact.key === undefined))
  }

  keyed(key: string): Keyed | undefined {
    return this.contacts.find((contact): contact is Keyed => contact.key?.identity.seals === key)
  }

  list(name: ListName, wire: Wire = 'sealed'): KnownList | undefined {
    return this.lists.find((list) => list.name === name && (wire === 'sealed' || list.policy === 'open'))
  }

  /** In a list whose count is above 0, anywhere. */
  isPartOfMessage(name: ContactName): boolean {
    return this.lists.some((list) => list.members.includes(name) && list.ongoing.length > 0)
  }

  /** Does the command at that instant; undefined: nobody is answered. */
  step(by: Actor, command: server.Command, at: number): Expected | undefined {
    this.now = at
    const before = this.position
    return this.#served(before, this.#done(by, command))
  }

  /** Whatever is in nobody's way any more is done, in the position of the step that made it so. */
  #served(before: number, expected: Expected | undefined): Expected | undefined {
    let isParted = false
    for (const ticket of [...this.tickets]) {
      if (!this.tickets.includes(ticket) || needs(this, ticket.change).some(({ ongoing }) => ongoing.length > 0)) continue
      const by = this.contacts.find((contact): contact is Keyed => contact.name === ticket.by)
      drop(this, ticket)
      this.position = before
      const answer = this.#ordered(ticket.change, by)
      this.position = before + 1
      if (by !== undefined) by.key.served = [...by.key.served, { ticket: ticket.number, code: answer?.code ?? 0 }].slice(-16)
      isParted ||= answer?.effect === 'Part'
    }
    return isParted && expected !== undefined ? { ...expected, effect: 'Part' } : expected
  }

  #done(by: Actor, command: server.Command): Expected | undefined {
    switch (command._tag) {
      case 'Ask': return by._tag === 'Key' ? this.#ask(by.key, command) : code(by._tag === 'Classic' ? 400 : 403)
      case 'Operate':
        if (by._tag !== 'Operator') return code(by._tag === 'Classic' ? 400 : 403)
        return this.#ordered(command.order, undefined)
      case 'Seek': return by._tag === 'Key' ? seek(this, by.key, command.ring) : code(by._tag === 'Classic' ? 400 : 403)
      case 'Start': return this.#self(by, () => (hold(this, command.settings.classicLeaseMs), (this.process = command.process), (this.position += 1)))
      case 'Moved': return this.#self(by, () => move(this, command.key, command.address))
      case 'Judged': return this.#self(by, () => judge(this, command.key, command.presence))
      case 'Close': return by._tag === 'Classic' ? code(400) : undefined
      case 'Wake':
        if (by._tag === 'Classic' || by._tag === 'Key') return code(by._tag === 'Classic' ? 400 : 403)
        this.#woken()
        return undefined
      case 'Malformed': return by._tag === 'Classic' || by._tag === 'Operator' ? code(400) : code(403)
      case 'Register':
      case 'Create':
      case 'QueryLists':
      case 'Join':
      case 'Leave':
      case 'Exit':
      case 'ImStart':
      case 'ImComplete':
      case 'Save': return by._tag === 'Classic' || by._tag === 'Operator' ? this.#counted(this.#classic(command)) : code(403)
    }
  }

  #woken(): void {
    const before = this.position
    if (expire(this)) this.position += 1
    this.#served(before, undefined)
    if (fence(this)) this.position = before + 1
  }

  #self(by: Actor, change: () => void): Expected | undefined {
    if (by._tag !== 'Self') return code(by._tag === 'Classic' ? 400 : 403)
    change()
    return undefined
  }

  #classic(request: server.Command & { readonly _tag: 'Register' | 'Create' | 'QueryLists' | 'Join' | 'Leave' | 'Exit' | 'ImStart' | 'ImComplete' | 'Save' }): Expected | undefined {
    switch (request._tag) {
      case 'Register': return register(this, request.contact, request.address)
      case 'Create': return this.#create(request.list, 'open', undefined)
      case 'QueryLists': return this.#queryLists()
      case 'Join': return this.#join('classic', request.list, request.contact)
      case 'Leave': return this.#leave('classic', request.list, request.contact)
      case 'Exit': return this.#exit('classic', request.contact)
      case 'ImStart': return imStart(this, request.list, request.contact)
      case 'ImComplete': return imComplete(this, 'classic', request.list, request.contact)
      case 'Save': return FileName.is(request.file) ? undefined : code(462)
    }
  }

  /** What succeeded, but for questions, moves the journal on. */
  #counted(expected: Expected | undefined): Expected | undefined {
    if (expected?.code === 200 && expected.names === undefined && expected.members === undefined && expected.locks === undefined && expected.queued === undefined && expected.served === undefined) this.position += 1
    return expected
  }

  /** At most once: what was asked before is remembered and not done. */
  #ask(key: string, { boot, seq, order, identity, address, proven = false }: server.Ask): Expected | undefined {
    const contact = this.keyed(key)
    if (order._tag === 'Register') return registerKey(this, key, order, identity, address)
    if (contact === undefined) return code(401)
    if (contact.key.boot !== boot) return code(409)
    if (isQuestion(order)) return this.#ordered(order, contact)
    const { last } = contact.key
    if (last !== undefined && seq < last.seq) return undefined
    if (last !== undefined && seq === last.seq) return last.answer
    const before = this.position
    const answer = this.#ordered(order, contact, proven) ?? code(403)
    this.position = before + 1
    contact.key.last = { seq, answer }
    return answer
  }

  /** What that asker, or the operator, is to the order. */
  roles(order: Order, by: KnownContact | undefined): ReadonlyArray<Role> {
    const named = 'contact' in order ? order.contact : undefined
    const list = 'list' in order && order.list !== null ? this.list(order.list) : undefined
    if (by === undefined) return ['operator']
    const id = by.key?.identity.id
    return [
      'contact',
      ...(named === by.name ? ['self' as const] : []),
      ...(list !== undefined && list.owner === id ? ['owner' as const] : []),
      ...(list !== undefined && list.owner === undefined && list.members.length === 0 ? ['finder' as const] : []),
    ]
  }

  /** An order by a contact, or by the operator. */
  #ordered(order: Order, by: Keyed | undefined, proven = false): Expected | undefined {
    if (order._tag === 'Enqueue') return this.#enqueue(order.change, by)
    const isOfList = order._tag === 'Delete' || order._tag === 'Invite'
    if (isOfList && this.list(order.list) === undefined) return code(460)
    if (!isAllowed(order, this.roles(order, by))) return code(403)
    const done = this.#do(order, by, proven)
    return order._tag === 'Suspect' || order._tag === 'Where' ? done : this.#counted(done)
  }

  #enqueue(change: sealed.Change, by: Keyed | undefined): Expected | undefined {
    if (by === undefined) return code(403)
    const answer = this.#ordered(change, by)
    return answer?.code === 463 ? enqueue(this, by, change) : answer
  }

  #do(order: Order, by: Keyed | undefined, proven: boolean): Expected | undefined {
    switch (order._tag) {
      case 'Register': return code(403)
      case 'Create': return this.#create(order.list, order.policy, by?.key.identity.id)
      case 'Delete': return this.#delete(order.list)
      case 'QueryLists': return { code: 200, names: this.lists.map(({ name }) => name) }
      case 'Members': return this.members(order.list, by)
      case 'Invite': return invite(this, order.list, order.contact)
      case 'Join': return this.#join('sealed', order.list, order.contact)
      case 'Leave': return dismissed(this, this.#leave('sealed', order.list, order.contact), by, order.list, order.contact)
      case 'Exit': return this.#exit('sealed', order.contact)
      case 'Forget': return this.#forget(order.contact)
      case 'ImStart': return by === undefined ? code(403) : begin(this, by, order)
      case 'ImComplete': return by === undefined ? code(403) : complete(this, by, order, proven)
      case 'Suspect': return this.lists.some(({ members }) => by !== undefined && members.includes(by.name) && members.some((name) => this.contact(name)?.key?.identity.id === order.id)) ? code(200) : code(459)
      case 'Where': return by === undefined ? code(403) : where(this, this.members(order.list, by, false), order.ids, by)
      case 'Release': return imComplete(this, 'sealed', order.list, order.contact)
      case 'Save': return FileName.is(order.file) ? undefined : code(462)
      case 'Enqueue': return code(403)
      case 'Withdraw': return withdraw(this, by, order.ticket)
      case 'Ticket': return by === undefined ? code(403) : ask(this, by, order.ticket)
      case 'Locks': return locks(this, by, order.list, order.contact)
      case 'Unlock': return unlock(this, order.list)
    }
  }

  /** The saved file. */
  saved(): string {
    return saved(this.contacts, this.lists)
  }

  #create(name: ListName, policy: Policy, owner: string | undefined): Expected {
    if (this.list(name)) return code(457)
    if (this.lists.length >= this.config.maxLists) return code(458)
    this.lists.push({ name, policy, owner, guests: [], members: [], ongoing: [], epoch: this.position + 1, no: 0, ring: undefined, fence: undefined, open: 0 })
    return code(200)
  }

  #delete(name: ListName): Expected {
    if ((this.list(name)?.ongoing.length ?? 0) > 0) return code(463)
    this.lists = this.lists.filter((list) => list.name !== name)
    return code(200)
  }

  members(name: ListName, by: KnownContact | undefined, isOwners = true): Expected {
    const list = this.list(name)
    if (!list) return code(460)
    if (by !== undefined && !list.members.includes(by.name) && !(isOwners && list.owner === by.key?.identity.id)) return code(464)
    return { code: 200, members: list.members.map((member) => ({ name: member, presence: this.contact(member)?.key?.presence ?? 'classic' })) }
  }

  #queryLists(): Expected {
    const names = this.lists.filter(({ policy }) => policy === 'open').map(({ name }) => name)
    return sized(this.config.maxReplyBytes, { num_lists: names.length, list_names: names }, { code: 200, names })
  }

  #join(wire: Wire, listName: ListName, name: ContactName): Expected {
    const contact = this.contact(name, wire)
    if (!contact) return code(459)
    const list = this.list(listName, wire)
    if (!list) return code(460)
    const id = contact.key?.identity.id
    if (list.policy !== 'open' && id === undefined) return code(403)
    if (list.policy === 'closed' && list.owner !== id && !list.guests.includes(id ?? '')) return code(423)
    if (list.members.includes(name)) return code(461)
    if (list.ongoing.length > 0 || this.isPartOfMessage(name)) return code(463)
    if (list.members.length >= this.config.maxMembers) return code(454)
    list.members.push(name)
    this.#turn(list)
    return code(200)
  }

  #leave(wire: Wire, listName: ListName, name: ContactName): Expected {
    if (!this.contact(name, wire)) return code(459)
    const list = this.list(listName, wire)
    if (!list) return code(460)
    if (!list.members.includes(name)) return code(464)
    if (list.ongoing.length > 0) return code(463)
    list.members = list.members.filter((member) => member !== name)
    this.#turn(list)
    return code(200)
  }

  /** Other members, another ring. */
  #turn(list: KnownList): void {
    Object.assign(list, { epoch: this.position + 1, ring: undefined })
  }

  #exit(wire: Wire, name: ContactName): Expected {
    const contact = this.contact(name, wire)
    if (!contact) return code(459)
    if (this.isPartOfMessage(name)) return code(463)
    this.contacts = this.contacts.filter((other) => other.name !== name)
    if (contact.key !== undefined) this.debts.set(contact.key.identity.seals, contact.key.locks)
    for (const ticket of this.tickets) if (ticket.by === name) drop(this, ticket)
    for (const list of this.lists) {
      if (list.members.includes(name)) this.#turn(list)
      list.members = list.members.filter((member) => member !== name)
      if (contact.key === undefined) continue
      const { id } = contact.key.identity
      list.guests = list.guests.filter((guest) => guest !== id)
      if (list.owner === id) list.owner = list.members.flatMap((member) => this.contact(member)?.key?.identity.id ?? [])[0]
    }
    return contact.key === undefined ? code(200) : { code: 200, effect: 'Part' }
  }

  #forget(name: ContactName): Expected {
    for (const list of this.lists) if (this.contact(name) !== undefined && list.members.includes(name)) force(this, list)
    return this.#exit('sealed', name)
  }
}
