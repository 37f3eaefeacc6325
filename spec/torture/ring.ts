// A ring of five real processes whose members die, again and again. `node ring.js [kills] [rounds]`: so often (50) the next hop is killed, and so often the
// initiator in the middle of a message; then so many messages (200) go through a network that loses three datagrams of ten. Says how long it takes until the
// report is there and until the list is free; ends with 1 where a message was lost, shown twice, or held its list too long.
import { setTimeout as passed } from 'node:timers/promises'
import { numbersGiven } from '../given.js'
import { openLossy } from '../../shell/cli/demo/lossy.js'
import { freed, gather, names, type Member } from '../stage/company.js'
import { check, company, figures, perform, serve, type Five, type Served } from './troupe.js'

const [kills, rounds] = numbersGiven('A ring of five real processes whose members are killed, and then messages through a network that loses some.', ['kills', 50], ['rounds', 200])
const list = 'friends'
/** ms: what a process that starts, or a question, takes */
const graceMs = 4000

/** Everybody has each text once: what a restart shows again says so. */
const once = async (members: readonly Member[], texts: readonly string[]): Promise<void> => {
  for (const member of members) {
    const history = await member.history(list)
    check(new Set(history).size === history.length, `${member.name} has a text twice`)
    const missing = texts.filter((text) => !history.includes(text))
    check(missing.length === 0, `${member.name} misses ${missing.join(', ')}`)
  }
}

/** Whose turn it is: a contact whose messages ran out of time too often may send none for a while. */
const turn = ([alice, bob, carol, dave]: Five, n: number): Member => [alice, bob, carol, dave][n % 4] ?? alice

/** When a message began, and when its lease is over at the latest: two, or three, where its initiator has found much to be lost. */
interface Sent {
  readonly began: number
  readonly ends: number
}

/** As often as it takes until the server begins it: a list that was held by time is paid for, and a fast machine comes round too soon. */
const sent = async (from: Member, line: string): Promise<Sent> => {
  for (;;) {
    from.program.type(line)
    const [tag, until] = await from.program.line(/"_tag":"Begun".*"until":(\d+)|"LockBudget"/)
    if (tag.includes('Begun')) return { began: performance.now(), ends: performance.now() + Number(until) - Date.now() }
    await passed(1000)
  }
}

/** The list is free, and was not held for longer than its lease. */
const heard = async (by: Member, text: string, { began, ends }: Sent, free: number[]): Promise<void> => {
  await freed(by, list)
  const at = performance.now()
  free.push(at - began)
  check(at < ends + graceMs, `${text} holds its list for ${(at - began).toFixed(0)} ms`)
}

const hops = async (members: Five): Promise<void> => {
  const [alice, bob, , , eve] = members
  const [reports, free]: [number[], number[]] = [[], []]
  const texts: string[] = []
  for (let n = 0; n < kills; n++) {
    const text = `past ${n}`
    texts.push(text)
    const from = turn(members, n)
    const next = from === alice ? bob : alice
    await next.die()
    const told = await sent(from, `send ${list} ${text}`)
    const report = await from.report()
    reports.push(performance.now() - told.began)
    const others = members.filter((member) => member !== from && member !== next).map(({ name }) => name)
    check(names(report.delivered).join() === others.sort().join(), `${text} is delivered to ${names(report.delivered).join()}`)
    check(names(report.unknown).join() === next.name, `${text} is unknown of ${names(report.unknown).join()}`)
    await heard(eve, text, told, free)
    await next.enter()
    await sent(from, `resend ${report.im}`)
    const again = await from.report()
    check(again.unknown.length === 0, `${text}, sent again, is unknown of ${JSON.stringify(again.unknown)}`)
  }
  figures('next hop killed: report', reports)
  figures('next hop killed: the list is free', free)
  await once(members, texts)
}

const initiators = async (members: Five): Promise<void> => {
  const [, , , , eve] = members
  const [reports, free]: [number[], number[]] = [[], []]
  const texts: string[] = []
  for (let n = 0; n < kills; n++) {
    const text = `gone ${n}`
    const from = turn(members, n)
    const told = await sent(from, `send ${list} ${text}`)
    await from.die()
    // every other time it comes back before its time is over, and tells
    if (n % 2 === 0) {
      await from.enter()
      const report = await from.report()
      reports.push(performance.now() - told.began)
      check(report.unknown.length === 0, `${text}, taken up again, is unknown of ${names(report.unknown).join()}`)
      texts.push(text)
    }
    await heard(eve, text, told, free)
    if (n % 2 === 1) await from.enter()
  }
  figures('initiator killed, and back: report', reports)
  figures('initiator killed: the list is free', free)
  await once(members, texts)
}

const losses = async ({ port, print }: Served): Promise<void> => {
  let loss = 0
  const lossy = await openLossy(port, () => loss, 20261122)
  const members = company({ port: lossy.port, print }, '-far')
  const [alice, ...others] = members
  await gather('far', members)
  await alice.sends('far', 'first')
  loss = 0.3
  const times: number[] = []
  for (let n = 0; n < rounds; n++) {
    const report = await alice.sends('far', `round ${n}`)
    times.push(report.ms)
    check(report.unknown.length + report.undelivered.length === 0, `round ${n} is unknown of ${JSON.stringify(report.unknown)}`)
  }
  figures('30 % loss: report', times)
  loss = 0
  const texts = ['first', ...Array.from({ length: rounds }, (_, n) => `round ${n}`)]
  for (const member of others) {
    const history = await member.history('far')
    check(history.join() === texts.join(), `${member.name} has ${history.length} texts, of ${texts.length}, or in another order`)
  }
  lossy.close()
}

await perform(async () => {
  const served = await serve()
  const members = company(served)
  await gather(list, members)
  await members[0].sends(list, 'first')
  await hops(members)
  await initiators(members)
  await losses(served)
}, 'nothing was lost, and nothing shown twice')
