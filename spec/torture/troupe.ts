// What the tortures of rings share: a server and five members, each a process of its own, what was found wrong, and figures of how long things took.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from '../bench/report.js'
import { Member } from '../stage/company.js'
import { Program } from '../stage/program.js'

const host = '127.0.0.1'

export type Five = readonly [Member, Member, Member, Member, Member]

export interface Served {
  readonly port: number
  readonly print: string
}

const home = mkdtempSync(join(tmpdir(), 'peal-torture-'))
const programs: Program[] = []
const wrong: string[] = []

const start = (...args: readonly string[]): Program => {
  const program = new Program(new URL('../../shell/cli/main.js', import.meta.url), args, home, home)
  programs.push(program)
  return program
}

/** A server that answers at any pace, and keeps nothing. */
export const serve = async (): Promise<Served> => {
  const program = start('server', '--host', host, '--ports', '30000-60000', '--memory', '--request-rate', '0', '--register-rate', '0', '--check', '--log-level', 'warn')
  const [, port, print = ''] = await program.line(/^peal peer .*:(\d+)#(.*)$/)
  return { port: Number(port), print }
}

/** Five who are to be its members: alice, bob, carol, dave and eve, each name with that suffix. */
export const company = ({ port, print }: Served, suffix = ''): Five =>
  ['alice', 'bob', 'carol', 'dave', 'eve'].map((name) => new Member(name + suffix, async () => {
    const program = start('peer', `${host}:${port}#${print}`, '--as', name + suffix, '--ports', '30000-60000', '--host', host, '--json')
    await program.line(/"_tag":"Started"/)
    return { program }
  })) as unknown as Five

export const check = (holds: boolean, what: string): void => {
  if (holds) return
  wrong.push(what)
  console.log(`WRONG: ${what}`)
}

/** A line of what was measured, in ms. */
export const figures = (what: string, values: readonly number[]): void =>
  console.log(`${what.padEnd(58)} p50 ${median(values).toFixed(0).padStart(6)} ms   max ${Math.max(...values).toFixed(0).padStart(6)} ms   (${values.length})`)

/** Plays it, ends every process, and the program with 1 where anything was wrong; `right` is said where nothing was. */
export const perform = async (play: () => Promise<void>, right: string): Promise<void> => {
  try {
    await play()
  } finally {
    for (const program of programs) program.signal('SIGKILL')
    await Promise.all(programs.map(({ ended }) => ended))
    rmSync(home, { recursive: true, force: true })
  }
  console.log(wrong.length === 0 ? right : `${wrong.length} wrong`)
  process.exitCode = wrong.length === 0 ? 0 : 1
}
