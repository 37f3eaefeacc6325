// What a stage stands on: the world's time, the members and the server, and the ways between them, which carry nothing by themselves.
import { classic, delivery, sealed, type Address, type Instant, type Order, type Policy } from '../../core/index.js'
import { box } from '../model/box.js'
import { frameIn, type Asking, type Datagram } from './post.js'
import { list, Office, own as serverBox } from './office.js'
import { Member } from './member.js'
import { Witness } from './witness.js'

const rowsOf = ({ members }: Extract<sealed.AnswerBody, { readonly _tag: 'Members' }>): Extract<delivery.Command, { readonly _tag: 'Located' }>['rows'] =>
  members.flatMap(({ ip, port, keys }) => (keys === undefined ? [] : [{ key: keys.seals, address: { ip, port } }]))

/** ms: a request that is not answered leaves again. */
const askAgainMs = 1000

export class Boards {
  now = 1_000_000
  readonly office: Office
  readonly members: ReadonlyArray<Member>
  readonly witness: Witness
  /** whatever lies in the open, the oldest first */
  open: Datagram[] = []
  #processes = 0

  constructor(...names: ReadonlyArray<string>) {
    this.office = new Office(() => this.now)
    this.members = names.map((name, place) => new Member(name, place, {
      before: (member, step, command) => this.witness.decided(member, step, command),
      durable: (member, mark, isTaken) => this.witness.durable(member, mark, isTaken),
      leaves: (member, effect) => this.#leaves(member, effect),
    }))
    this.witness = new Witness(this.office, this.members)
    this.office.watch = (seen) => this.witness.served(seen)
    for (const member of this.members) this.begin(member)
    this.order(names[0] ?? '', { _tag: 'Create', list, policy: 'sealed' as Policy })
  }

  member(name: string): Member {
    const found = this.members.find((one) => one.name === name)
    if (found === undefined) throw new Error(`nobody is called ${name}`)
    return found
  }

  protected begin(member: Member, knowsTime = true): void {
    this.#processes += 1
    const boot = this.office.register(member.name, member.ciphers, this.#processes)
    const rows = this.members.map(({ key }, place) => ({ key, address: { ip: `192.168.1.${place + 2}`, port: 22000 } as Address }))
    member.begin(this.now, boot, rows)
    const { now: shown, state: { process } } = this.office
    if (knowsTime) member.give(this.now, { _tag: 'Learned', process, shown, since: member.clock(this.now) })
  }

  /** An order of the user, which is answered at once. */
  asks(name: string, asked: Order): sealed.Answer {
    const member = this.member(name)
    member.seq += 1
    return this.office.asked(member.key, { _tag: 'Request', boot: member.boot, seq: member.seq, have: 0n, order: asked }) ?? { code: 0, body: { _tag: 'Nothing' } }
  }

  /** Its code. */
  order(name: string, asked: Order): number {
    return this.asks(name, asked).code
  }

  #leaves(member: Member, effect: Exclude<delivery.Effect, { readonly _tag: 'Persist' | 'Jot' }>): void {
    this.witness.left(member, effect)
    const { name } = member
    switch (effect._tag) {
      case 'Announce': member.notices.push(effect.notice); return
      case 'Ping': this.open.push({ from: name, to: 'server', content: { _tag: 'Ping', since: member.clock(this.now), life: member.life, sleeps: member.sleeps } }); return
      case 'Request': this.#request(member, effect); return
      case 'Send': this.open.push({ from: name, to: effect.packet.members[1]?.name ?? '', content: { _tag: 'Clear', text: classic.encodeRelay(effect.packet) } }); return
      case 'Seal': {
        const to = effect.to === serverBox.own.seals ? 'server' : this.members.find(({ key }) => key === effect.to)?.name ?? 'nobody'
        this.open.push({ from: name, to, content: { _tag: 'Frame', bytes: sealed.encodeFrame(effect.frame) }, again: effect.again })
      }
    }
  }

  /** One at a time: the next leaves when this one is answered. */
  #request(member: Member, { ticket, order }: delivery.Request): void {
    member.errands = [...member.errands, { ticket, request: { _tag: 'Request', boot: member.boot, seq: 0, have: 0n, order }, since: 0 as Instant, life: member.life, sleeps: member.sleeps }]
    this.#next(member)
  }

  #next(member: Member): void {
    const [first, ...rest] = member.errands
    if (first === undefined || member.isAsking) return
    member.isAsking = true
    member.seq += 1
    const asking = { ...first, request: { ...first.request, seq: member.seq }, since: member.clock(this.now), sleeps: member.sleeps }
    member.errands = [asking, ...rest]
    this.#ask(member, asking)
  }

  #ask(member: Member, asking: Asking): void {
    member.askAt = this.now + askAgainMs
    const isThere = this.open.some(({ content }) => content._tag === 'Asked' && content.asking.life === asking.life && content.asking.request.boot === asking.request.boot && content.asking.request.seq === asking.request.seq)
    if (!isThere) this.open.push({ from: member.name, to: 'server', content: { _tag: 'Asked', asking } })
  }

  /** The request that is not answered leaves once more, as it was. */
  asksAgain(name: string): void {
    const member = this.member(name)
    const [asking] = member.errands
    if (asking !== undefined && member.isAsking) this.#ask(member, asking)
  }

  protected serve({ from, content }: Datagram): void {
    const member = this.member(from)
    const { now: at, state: { process } } = this.office
    if (content._tag === 'Ping') this.open.push({ from: 'server', to: from, content: { ...content, _tag: 'Pong', at, process } })
    if (content._tag === 'Asked') {
      const answer = this.office.asked(member.key, content.asking.request)
      if (answer === undefined) return
      this.witness.answered(member, content.asking.request, answer)
      for (const { key, knock } of this.office.knocks.splice(0)) {
        const to = this.members.find((one) => one.key === key)?.name ?? 'nobody'
        this.open.push({ from: 'server', to, content: { _tag: 'Frame', bytes: sealed.encodeFrame(knock) } })
      }
      this.open.push({ from: 'server', to: from, content: { _tag: 'Answered', asking: content.asking, at, process, answer } })
    }
    if (content._tag !== 'Frame') return
    const frame = frameIn({ from, to: 'server', content })
    if (frame._tag !== 'RingWanted') return
    for (const told of this.office.seek(member.key, frame)) this.open.push({ from: 'server', to: from, content: { _tag: 'Frame', bytes: sealed.encodeFrame(told) } })
  }

  protected arrive(datagram: Datagram): void {
    const member = this.member(datagram.to)
    const { content } = datagram
    if (content._tag === 'Frame') return this.#hear(member, datagram)
    if (content._tag === 'Pong') return content.life !== member.life || content.sleeps !== member.sleeps ? undefined : member.give(this.now, { _tag: 'Learned', process: content.process, shown: content.at, since: content.since })
    if (content._tag !== 'Answered' || content.asking.life !== member.life) return
    const { asking: { request: { seq, order }, since, ticket, sleeps }, process, at, answer } = content
    if (member.errands[0]?.request.seq !== seq) return
    member.errands = member.errands.slice(1)
    member.isAsking = false
    member.askAt = Infinity
    // how long an answer took that was asked for before a sleep is not known
    if (sleeps === member.sleeps) member.give(this.now, { _tag: 'Learned', process, shown: at, since })
    const news = order._tag === 'Members' ? delivery.standing(member.key, member.state, order, answer) : undefined
    if (news !== undefined) member.give(this.now, news)
    if (answer.body._tag === 'Members' && (order._tag === 'Members' || order._tag === 'Where')) {
      const rows = rowsOf(answer.body).filter(({ key }) => key !== member.key)
      member.give(this.now, { _tag: 'Located', rows, ...(order._tag === 'Members' ? { list: order.list } : {}) })
    }
    member.give(this.now, { _tag: 'Answered', ticket, answer })
    this.#next(member)
  }

  #hear(member: Member, datagram: Datagram): void {
    const frame = frameIn(datagram)
    if (frame._tag === 'Knock' && datagram.from === 'server') member.give(this.now, { _tag: 'Knocked', knock: frame })
    if (frame._tag !== 'Relay' && frame._tag !== 'Ack' && frame._tag !== 'RingWanted' && frame._tag !== 'RingTold' && frame._tag !== 'MissedWanted' && frame._tag !== 'MissedNone') return
    const from = datagram.from === 'server' ? serverBox.own.seals : this.members.find(({ name }) => name === datagram.from)?.key ?? box(datagram.from).own.seals
    member.give(this.now, { _tag: 'Hear', from, frame })
  }
}
