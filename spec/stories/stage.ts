// A stage for stories: a few members, one server, every datagram in the open, and time that passes when the story says so. A story reads as a sequence of
// sentences; whatever it does, each promise of the protocol is looked at (`witness`).
//
//   const stage = new Stage('alice', 'bob', 'carol')
//   stage.sends('alice', 'hello')           asks, and has its grant: alice>bob ring lies in the open
//   stage.deliver('alice>bob ring')         the oldest that is meant
//   stage.lose('bob>alice ack*')            all that are meant
//   stage.pass(3000)                        what lies in the open arrives, timers are due
import { deepEqual } from 'node:assert/strict'
import { delivery, diary, roll, sealed, type Address, type ContactName, type ImId, type Instant, type Order, type Policy, type Tag } from '../../core/index.js'
import { box } from '../model/box.js'
import { frameIn, isMeant, lineOf, type Datagram } from './post.js'
import { list, Office, own as serverBox } from './office.js'
import { Member } from './member.js'
import { Witness } from './witness.js'

export class Stage {
  now = 1_000_000
  readonly office: Office
  readonly members: ReadonlyArray<Member>
  readonly witness: Witness
  /** whatever lies in the open, the oldest first */
  open: Datagram[] = []
  #processes = 0
  #salts = 0

  constructor(...names: ReadonlyArray<string>) {
    this.office = new Office(() => this.now)
    this.members = names.map((name, place) => new Member(name, place, {
      before: (member, step) => this.witness.decided(member, step),
      durable: (member, mark, isTaken) => this.witness.durable(member, mark, isTaken),
      leaves: (member, effect) => this.#leaves(member, effect),
    }))
    this.witness = new Witness(this.office, this.members)
    this.office.watch = (seen) => this.witness.served(seen)
    for (const member of this.members) this.#begin(member)
    this.order(names[0] ?? '', { _tag: 'Create', list, policy: 'sealed' as Policy })
    for (const name of names) this.joins(name)
    this.#acquaint()
  }

  /** Everybody knows who is on the ring, and what time it is. */
  #acquaint(): void {
    const [first] = this.members
    if (first === undefined) return
    this.says(first.name, 'a first message')
    this.flow()
    for (const member of this.members) member.notices.length = 0
    this.witness.seen.clear()
  }

  member(name: string): Member {
    const found = this.members.find((one) => one.name === name)
    if (found === undefined) throw new Error(`nobody is called ${name}`)
    return found
  }

  #begin(member: Member, knowsTime = true): void {
    this.#processes += 1
    const boot = this.office.register(member.name, member.ciphers, this.#processes)
    const rows = this.members.map(({ key }, place) => ({ key, address: { ip: `192.168.1.${place + 2}`, port: 22000 } as Address }))
    member.begin(this.now, boot, rows)
    const { now: shown, state: { process } } = this.office
    if (knowsTime) member.give(this.now, { _tag: 'Learned', process, shown, since: member.clock(this.now) })
  }

  // What members do.

  /** An order of the user, which is answered at once: its code. */
  order(name: string, asked: Order): number {
    const member = this.member(name)
    member.seq += 1
    const answer = this.office.asked(member.key, { _tag: 'Request', boot: member.boot, seq: member.seq, have: 0n, order: asked })
    return answer?.code ?? 0
  }

  joins(name: string): number {
    const code = this.order(name, { _tag: 'Join', list, contact: name as ContactName })
    if (code === 200) this.member(name).give(this.now, { _tag: 'Joined', list })
    return code
  }

  /** `isTold`: whether its courier hears of it */
  leaves(name: string, isTold = true): number {
    const code = this.order(name, { _tag: 'Leave', list, contact: name as ContactName })
    if (code === 200 && isTold) this.member(name).give(this.now, { _tag: 'Left', list })
    return code
  }

  /** Asks for a grant for that text; nothing has arrived yet. */
  says(name: string, text: string, patience: delivery.Patience = 'once'): void {
    this.#salts += 1
    this.member(name).give(this.now, { _tag: 'Compose', list, text, salt: this.#salts.toString(16).padStart(32, '0') as Tag, patience })
  }

  /** Asks for a grant for that text, and has it. */
  sends(name: string, text: string, patience: delivery.Patience = 'once'): ImId {
    this.says(name, text, patience)
    this.deliver(`${name}>server ImStart`)
    this.deliver(`server>${name} Granted`)
    while (this.lines(`${name}>server ring?`).length > 0) {
      this.deliver(`${name}>server ring?`)
      while (this.lines(`server>${name} ring!`).length > 0) this.deliver(`server>${name} ring!`)
    }
    return this.im(name)
  }

  /** Sends its last message again. */
  resends(name: string, im = this.im(name)): void {
    this.member(name).give(this.now, { _tag: 'Resend', im, patience: 'once' })
  }

  /** Of its newest own message. */
  im(name: string): ImId {
    const im = roll.names(this.member(name).state.diary.sent).at(-1)
    if (im === undefined) throw new Error(`${name} has sent nothing`)
    return im
  }

  mutes(name: string, muted = true): void {
    this.member(name).give(this.now, { _tag: 'Mute', list, muted })
  }

  // What happens to them.

  /** Its clock goes on, and it does nothing. */
  stop(name: string): void {
    this.member(name).mode = 'stopped'
  }

  /** Its clock stands still, as a laptop's whose lid is closed. */
  sleep(name: string): void {
    this.member(name).mode = 'asleep'
  }

  /** It goes on; what arrived meanwhile is read first, after it has noticed that it slept (`isAware`). */
  continue(name: string, isAware = true): void {
    const member = this.member(name)
    const wasAsleep = member.mode === 'asleep'
    member.mode = 'running'
    if (wasAsleep && isAware) member.give(this.now, { _tag: 'Slept' })
    const waiting = member.buffer
    member.buffer = []
    for (const datagram of waiting) this.#arrive(datagram)
    if (member.wakeAt <= this.now) member.give(this.now, delivery.wake)
  }

  kill(name: string): void {
    const member = this.member(name)
    member.mode = 'dead'
    member.queue = []
    member.buffer = []
  }

  /** A new process: it registers again, and takes up what its disk says. `knowsTime`: by the answer to that. */
  restart(name: string, knowsTime = true): void {
    const member = this.member(name)
    this.#begin(member, knowsTime)
    member.give(this.now, { _tag: 'Resume' })
  }

  restartServer(shift = 0): void {
    this.office.shift += shift
    this.office.start()
  }

  portClosed(name: string, of: string): void {
    this.member(name).give(this.now, { _tag: 'PortClosed', key: this.member(of).key })
  }

  unmet(name: string, of: string): void {
    this.member(name).give(this.now, { _tag: 'Unmet', key: this.member(of).key })
  }

  // Datagrams.

  lines(pattern = '*'): ReadonlyArray<string> {
    return this.open.map(lineOf).filter((line) => isMeant(line, pattern))
  }

  /** Takes the oldest that is meant out of the open. */
  take(pattern: string): Datagram {
    const at = this.open.findIndex((datagram) => isMeant(lineOf(datagram), pattern))
    const [found] = at < 0 ? [] : this.open.splice(at, 1)
    if (found === undefined) throw new Error(`no ${pattern} among ${this.lines().join(', ') || 'nothing'}`)
    return found
  }

  deliver(pattern: string): void {
    this.bring(this.take(pattern))
  }

  /** It arrives, and lies there still. */
  repeat(pattern: string): void {
    const datagram = this.take(pattern)
    this.open.unshift(datagram)
    this.bring(datagram)
  }

  /** All that are meant, at least one. */
  lose(pattern: string): void {
    this.take(pattern)
    this.open = this.open.filter((datagram) => !isMeant(lineOf(datagram), pattern))
  }

  bring(datagram: Datagram): void {
    const member = this.members.find(({ name }) => name === datagram.to)
    if (member === undefined) return this.#serve(datagram)
    if (member.mode === 'stopped' || member.mode === 'asleep') member.buffer.push(datagram)
    if (member.mode === 'running') this.#arrive(datagram)
  }

  /** Somebody who has that key sends what it likes. */
  slip(from: string, to: string, frame: sealed.Frame): void {
    this.witness.rogues.add(from)
    this.open.push({ from, to, content: { _tag: 'Frame', bytes: sealed.encodeFrame(frame) } })
  }

  /** Everything arrives, but what is meant by these, which lies there still. */
  flow(...but: ReadonlyArray<string>): void {
    for (let i = 0; i < 20_000; i += 1) {
      const next = this.open.find((datagram) => !but.some((pattern) => isMeant(lineOf(datagram), pattern)))
      if (next === undefined) return
      this.open.splice(this.open.indexOf(next), 1)
      this.bring(next)
    }
    throw new Error(`there is no end of it: ${this.lines().join(', ')}`)
  }

  /** Time passes; what lies in the open arrives, but what is meant by these, and timers are due. */
  pass(ms: number, ...but: ReadonlyArray<string>): void {
    const until = this.now + ms
    this.flow(...but)
    for (;;) {
      const wakes = this.members.map((member) => Math.max(this.now, member.wakeAt))
      const office = Math.max(this.now, this.office.wakeAt)
      const next = Math.min(office, ...wakes)
      if (next > until) break
      this.#elapse(next - this.now)
      if (office <= next) this.look()
      this.members.forEach((member, i) => (wakes[i] === next ? member.give(this.now, delivery.wake) : undefined))
      this.flow(...but)
    }
    this.#elapse(until - this.now)
    this.look()
  }

  #elapse(ms: number): void {
    this.now += ms
    for (const member of this.members) if (member.mode === 'asleep') member.skew -= ms
  }

  /** The server looks at its clock. */
  look(): void {
    this.office.wake()
    this.witness.looked(this.now)
  }

  // What can be seen.

  screen(name: string): ReadonlyArray<string> {
    return this.member(name).notices.flatMap((notice) => (notice._tag === 'Taken' ? [notice.text] : []))
  }

  history(name: string): ReadonlyArray<string> {
    return diary.lines(this.member(name).kept).map(({ text }) => text).slice(1)
  }

  reports(name: string): ReadonlyArray<delivery.NoticeOf<'Reported'>> {
    return this.member(name).notices.flatMap((notice) => (notice._tag === 'Reported' ? [notice] : []))
  }

  /** Its newest report: who has it, who has it not, of whom nobody knows. */
  report(name: string): { readonly delivered: string; readonly undelivered: string; readonly unknown: string } {
    const last = this.reports(name).at(-1)
    if (last === undefined) throw new Error(`${name} has not reported`)
    const names = (all: ReadonlyArray<{ readonly name: string }>): string => all.map((one) => one.name).sort().join(' ')
    return { delivered: names(last.delivered), undelivered: names(last.undelivered), unknown: names(last.unknown) }
  }

  /** Nothing was promised that was not kept. */
  end(): void {
    deepEqual(this.witness.broken, [])
  }

  // The works.

  #leaves(member: Member, effect: Exclude<delivery.Effect, { readonly _tag: 'Persist' | 'Jot' }>): void {
    this.witness.left(member, effect)
    const { name } = member
    switch (effect._tag) {
      case 'Announce': member.notices.push(effect.notice); return
      case 'Ping': this.open.push({ from: name, to: 'server', content: { _tag: 'Ping', since: member.clock(this.now), life: member.life } }); return
      case 'Request': this.#request(member, effect); return
      case 'Seal': {
        const to = effect.to === serverBox.own.seals ? 'server' : this.members.find(({ key }) => key === effect.to)?.name ?? 'nobody'
        this.open.push({ from: name, to, content: { _tag: 'Frame', bytes: sealed.encodeFrame(effect.frame) } })
      }
    }
  }

  /** One at a time: the next leaves when this one is answered. */
  #request(member: Member, { ticket, order }: delivery.Request): void {
    member.errands = [...member.errands, { ticket, request: { _tag: 'Request', boot: member.boot, seq: 0, have: 0n, order }, since: 0 as Instant, life: member.life }]
    this.#next(member)
  }

  #next(member: Member): void {
    const [first, ...rest] = member.errands
    if (first === undefined || member.isAsking) return
    member.isAsking = true
    member.seq += 1
    const asking = { ...first, request: { ...first.request, seq: member.seq }, since: member.clock(this.now) }
    member.errands = [asking, ...rest]
    this.open.push({ from: member.name, to: 'server', content: { _tag: 'Asked', asking } })
  }

  /** The request that is not answered leaves once more, as it was. */
  asksAgain(name: string): void {
    const [asking] = this.member(name).errands
    if (asking !== undefined) this.open.push({ from: name, to: 'server', content: { _tag: 'Asked', asking } })
  }

  #serve({ from, content }: Datagram): void {
    const member = this.member(from)
    const { now: at, state: { process } } = this.office
    if (content._tag === 'Ping') this.open.push({ from: 'server', to: from, content: { ...content, _tag: 'Pong', at, process } })
    if (content._tag === 'Asked') {
      const answer = this.office.asked(member.key, content.asking.request)
      if (answer === undefined) return
      this.witness.answered(member, content.asking.request, answer)
      this.open.push({ from: 'server', to: from, content: { _tag: 'Answered', asking: content.asking, at, process, answer } })
    }
    if (content._tag !== 'Frame') return
    const frame = frameIn({ from, to: 'server', content })
    if (frame._tag !== 'RingWanted') return
    for (const told of this.office.seek(member.key, frame)) this.open.push({ from: 'server', to: from, content: { _tag: 'Frame', bytes: sealed.encodeFrame(told) } })
  }

  #arrive(datagram: Datagram): void {
    const member = this.member(datagram.to)
    const { content } = datagram
    if (content._tag === 'Frame') return this.#hear(member, datagram)
    if (content._tag === 'Pong' && content.life === member.life) return member.give(this.now, { _tag: 'Learned', process: content.process, shown: content.at, since: content.since })
    if (content._tag !== 'Answered' || content.asking.life !== member.life) return
    const { asking: { request: { seq }, since, ticket }, process, at, answer } = content
    if (member.errands[0]?.request.seq !== seq) return
    member.errands = member.errands.slice(1)
    member.isAsking = false
    member.give(this.now, { _tag: 'Learned', process, shown: at, since })
    member.give(this.now, { _tag: 'Answered', ticket, answer })
    this.#next(member)
  }

  #hear(member: Member, datagram: Datagram): void {
    const frame = frameIn(datagram)
    if (frame._tag !== 'Relay' && frame._tag !== 'Ack' && frame._tag !== 'RingWanted' && frame._tag !== 'RingTold') return
    const from = datagram.from === 'server' ? serverBox.own.seals : this.members.find(({ name }) => name === datagram.from)?.key ?? box(datagram.from).own.seals
    member.give(this.now, { _tag: 'Hear', from, frame })
  }
}
