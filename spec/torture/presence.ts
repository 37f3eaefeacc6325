// Members that die, and whether everybody notices: five real processes and a server. `node presence.js [rounds] [silent]`: so often (10) a member is killed and
// a message is sent to it, which finds it out; and so often (1) one is killed while nobody says anything. Says how long it takes until the server calls it
// suspect and away, and how long the next message, which leaves it out, holds the list; ends with 1 where that is longer than a ring takes, where it is told
// otherwise than undelivered, away, or where somebody is away who is there.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { limits } from '../../core/index.js'
import { median } from '../bench/report.js'
import { freed, gather, Member, names } from '../stage/company.js'
import { Program } from '../stage/program.js'

const rounds = Number(process.argv[2] ?? 10)
const silent = Number(process.argv[3] ?? 1)
const list = 'friends'
const host = '127.0.0.1'
/** ms: a ring of four on one machine, of which nobody is waited for, and what a question takes beside it */
const ringMs = 1000

const home = mkdtempSync(join(tmpdir(), 'peal-presence-'))
const programs: Program[] = []
const wrong: string[] = []

const start = (...args: readonly string[]): Program => {
  const program = new Program(new URL('../../shell/cli/main.js', import.meta.url), args, home, home)
  programs.push(program)
  return program
}

const check = (holds: boolean, what: string): void => {
  if (holds) return
  wrong.push(what)
  console.log(`WRONG: ${what}`)
}

const figures = (what: string, values: readonly number[]): void =>
  console.log(`${what.padEnd(58)} p50 ${median(values).toFixed(0).padStart(6)} ms   max ${Math.max(...values).toFixed(0).padStart(6)} ms   (${values.length})`)

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

const found = async (members: readonly Member[]): Promise<void> => {
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

const unnoticed = async (members: readonly Member[]): Promise<void> => {
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

mkdirSync(home, { recursive: true })
try {
  const server = start('server', '--host', host, '--ports', '30000-60000', '--memory', '--request-rate', '0', '--register-rate', '0', '--check', '--log-level', 'warn')
  const [, port = '', print = ''] = await server.line(/^peal peer .*:(\d+)#(.*)$/)
  const members = ['alice', 'bob', 'carol', 'dave', 'eve'].map((name) => new Member(name, async () => {
    const program = start('peer', `${host}:${port}#${print}`, '--as', name, '--ports', '30000-60000', '--host', host, '--json')
    await program.line(/"_tag":"Started"/)
    return { program }
  }))
  await gather(list, members)
  await members[0]?.sends(list, 'first')
  // a server that has just started judges nobody
  await passed(limits.awayAfterMs)
  await found(members)
  await unnoticed(members)
} finally {
  for (const program of programs) program.signal('SIGKILL')
  await Promise.all(programs.map(({ ended }) => ended))
  rmSync(home, { recursive: true, force: true })
}
console.log(wrong.length === 0 ? 'whoever was gone was away, and nobody else' : `${wrong.length} wrong`)
process.exitCode = wrong.length === 0 ? 0 : 1
