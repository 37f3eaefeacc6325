// Members that die, and whether everybody notices: five real processes and a server. `node presence.js [rounds] [silent]`: so often (10) a member is killed and
// a message is sent to it, which finds it out; and so often (1) one is killed while nobody says anything. Says how long it takes until the server calls it
// suspect and away, and how long the next message, which leaves it out, holds the list; ends with 1 where that is longer than a ring takes, where it is told
// otherwise than undelivered, away, or where somebody is away who is there.
import { setTimeout as passed } from 'node:timers/promises'
import { numbersGiven } from '../given.js'
import { limits } from '../../core/index.js'
import { freed, gather, names, type Member } from '../stage/company.js'
import { check, company, figures, perform, serve, type Five } from './troupe.js'

const [rounds, silent] = numbersGiven('Members that die, and whether everybody notices.', ['rounds', 10], ['silent', 1])
const list = 'friends'
/** ms: a ring of four on one machine, of which nobody is waited for, and what a question takes beside it */
const ringMs = 1000

interface Row { readonly name: string; readonly presence: string }

/** What the server says of everybody on the list. */
const presences = async (by: Member): Promise<ReadonlyMap<string, string>> => {
  by.program.type(`members ${list}`)
  const [said] = await by.program.line(/"_tag":"Answered".*/)
  const { members = [] } = JSON.parse(`{${said}`) as { readonly members?: readonly Row[] }
  return new Map(members.map(({ name, presence }) => [name, presence]))
}

/** Asks until it is so; ms since `began`. Nobody else may be anything but alive meanwhile. */
const until = async (by: Member, who: Member, wanted: ReadonlyArray<string>, began: number, everyMs: number): Promise<number> => {
  for (;;) {
    const found = await presences(by)
    for (const [name, presence] of found) check(name === who.name || presence === 'alive', `${name}, who is there, is ${presence}`)
    if (wanted.includes(found.get(who.name) ?? '')) return performance.now() - began
    await passed(everyMs)
  }
}

/** How long the next message holds the list, and what is told of it. */
const without = async (from: Member, by: Member, dead: Member): Promise<number> => {
  const began = performance.now()
  const report = await from.sends(list, 'without')
  await freed(by, list)
  const ms = performance.now() - began
  check(report.undelivered.map(({ name, why }) => `${name} ${why ?? ''}`).join() === `${dead.name} away`, `${dead.name} is told as ${JSON.stringify(report)}`)
  check(report.unknown.length === 0 && report.delivered.length === 3, `it is delivered to ${names(report.delivered).join()}`)
  check(ms < ringMs, `a message without ${dead.name} holds its list for ${ms.toFixed(0)} ms`)
  return ms
}

const found = async (members: Five): Promise<void> => {
  const [suspect, away, held, back]: [number[], number[], number[], number[]] = [[], [], [], []]
  for (let n = 0; n < rounds; n++) {
    const [from, by, dead] = [members[n % 5], members[(n + 2) % 5], members[(n + 3) % 5]]
    if (from === undefined || by === undefined || dead === undefined) return
    await dead.die()
    const began = performance.now()
    from.program.type(`send ${list} to ${dead.name} too`)
    suspect.push(await until(by, dead, ['suspect', 'away'], began, 10))
    away.push(await until(by, dead, ['away'], began, 10))
    await from.report()
    await freed(by, list)
    held.push(await without(from, by, dead))
    const again = performance.now()
    await dead.enter()
    back.push(await until(by, dead, ['alive'], again, 10))
    // what one member says of another counts once in a while
    await passed(Math.max(0, limits.suspectMs - (performance.now() - began)))
  }
  if (rounds === 0) return
  figures('killed, and sent to: suspect after', suspect)
  figures('killed, and sent to: away after', away)
  figures('the next message without it: its list is held for', held)
  figures('a new process of it: alive after', back)
}

const unnoticed = async (members: Five): Promise<void> => {
  const [away, held]: [number[], number[]] = [[], []]
  for (let n = 0; n < silent; n++) {
    const [from, by, dead] = [members[n % 5], members[(n + 2) % 5], members[(n + 3) % 5]]
    if (from === undefined || by === undefined || dead === undefined) return
    await dead.die()
    away.push(await until(by, dead, ['away'], performance.now(), 500))
    held.push(await without(from, by, dead))
    await dead.enter()
  }
  if (silent === 0) return
  figures('killed, and nobody says anything: away after', away)
  figures('the next message without it: its list is held for', held)
}

await perform(async () => {
  const members = company(await serve())
  await gather(list, members)
  await members[0].sends(list, 'first')
  // a server that has just started judges nobody
  await passed(limits.awayAfterMs)
  await found(members)
  await unnoticed(members)
}, 'whoever was gone was away, and nobody else')
