// A stage for stories: a few members, one server, every datagram in the open, and time that passes when the story says so. A story reads as a sequence of
// sentences; whatever it does, each promise of the protocol is looked at (`witness`).
//
//   const stage = new Stage('alice', 'bob', 'carol')
//   stage.sends('alice', 'hello')           asks, and has its grant: alice>bob ring lies in the open
//   stage.deliver('alice>bob ring')         the oldest that is meant
//   stage.lose('bob>alice ack*')            all that are meant
//   stage.pass(3000)                        what lies in the open arrives, timers are due
import { deepEqual } from 'node:assert/strict'
import { delivery, diary, roll, sealed, type ContactName, type ImId, type Tag } from '../../core/index.js'
import { Boards } from './boards.js'
import { list } from './office.js'
import { isMeant, lineOf, type Datagram } from './post.js'

export class Stage extends Boards {
  #salts = 0

  constructor(...names: ReadonlyArray<string>) {
    super(...names)
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

  // What members do.

  /** `isTold`: whether its courier hears of it */
  joins(name: string, isTold = true): number {
    const code = this.order(name, { _tag: 'Join', list, contact: name as ContactName })
    const member = this.member(name)
    if (code === 200 && isTold) member.give(this.now, { _tag: 'Joined', list, since: member.clock(this.now) })
    return code
  }

  /** `isTold`: whether its courier hears of it */
  leaves(name: string, isTold = true): number {
    const code = this.order(name, { _tag: 'Leave', list, contact: name as ContactName })
    if (code === 200 && isTold) this.member(name).give(this.now, { _tag: 'Left', list })
    return code
  }

  /** Asks for a grant for that text; nothing has arrived yet. `inClear`: to classic members too. */
  says(name: string, text: string, patience: delivery.Patience = 'once', inClear = false): void {
    this.#salts += 1
    this.member(name).give(this.now, { _tag: 'Compose', list, text, salt: this.#salts.toString(16).padStart(32, '0') as Tag, patience, inClear })
  }

  /** Asks for a grant for that text, and has it. */
  sends(name: string, text: string, patience: delivery.Patience = 'once', inClear = false): ImId {
    this.says(name, text, patience, inClear)
    this.deliver(`${name}>server ImStart`)
    return this.begins(name)
  }

  /** Has its grant, and what it takes to begin. */
  begins(name: string): ImId {
    this.deliver(`server>${name} Granted`)
    while (this.lines(`${name}>server ring?`).length > 0) {
      this.deliver(`${name}>server ring?`)
      while (this.lines(`server>${name} ring!`).length > 0) this.deliver(`server>${name} ring!`)
    }
    return this.im(name)
  }

  /** Sends its last message again. */
  resends(name: string, im = this.im(name), inClear = false): void {
    this.member(name).give(this.now, { _tag: 'Resend', im, patience: 'once', inClear })
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

  /** The server takes it for away, or for alive again. */
  judges(name: string, presence: 'alive' | 'away'): void {
    this.office.judge(this.member(name).key, presence)
  }

  /** Its clock goes on, and it does nothing. */
  stop(name: string): void {
    this.member(name).mode = 'stopped'
  }

  /** Its clock stands still, as a laptop's whose lid is closed. */
  sleep(name: string): void {
    this.member(name).mode = 'asleep'
    this.member(name).sleeps += 1
  }

  /** It goes on; what arrived meanwhile is read first, after it has noticed that it slept (`isAware`). */
  continue(name: string, isAware = true): void {
    const member = this.member(name)
    const wasAsleep = member.mode === 'asleep'
    member.mode = 'running'
    if (wasAsleep && isAware) member.give(this.now, { _tag: 'Slept' })
    const waiting = member.buffer
    member.buffer = []
    for (const datagram of waiting) this.arrive(datagram)
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
    this.begin(member, knowsTime)
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

  /** All that lies between members. */
  loseAll(): void {
    this.open = this.open.filter(({ content: { _tag } }) => _tag === 'Asked' || _tag === 'Answered')
  }

  bring(datagram: Datagram): void {
    const member = this.members.find(({ name }) => name === datagram.to)
    if (member === undefined) return this.serve(datagram)
    if (member.mode === 'stopped' || member.mode === 'asleep') member.buffer.push(datagram)
    if (member.mode === 'running') this.arrive(datagram)
  }

  /** A frame of one arrives at another; how that one acks it. */
  answer(from: string, to: string, frame: sealed.Frame): string {
    this.slip(from, to, frame)
    this.deliver(`${from}>${to} *`)
    const line = this.lines(`${to}>${from} ack *`).at(-1) ?? 'nothing'
    this.open = this.open.filter((datagram) => datagram.from !== to || datagram.content._tag !== 'Frame')
    return line.split(' ').at(-1) ?? ''
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
    for (let i = 0; ; i += 1) {
      if (i > 100_000) throw new Error('time stands still')
      const wakes = this.members.map((member) => Math.max(this.now, Math.min(member.wakeAt, member.mode === 'running' ? member.askAt : Infinity)))
      const office = Math.max(this.now, this.office.wakeAt)
      const next = Math.min(office, ...wakes)
      if (next > until) break
      this.#elapse(next - this.now)
      if (office <= next) this.look()
      this.members.forEach((member, i) => {
        if (wakes[i] !== next) return
        if (member.askAt <= next) this.asksAgain(member.name)
        member.give(this.now, delivery.wake)
      })
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
}
