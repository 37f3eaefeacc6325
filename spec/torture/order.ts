// The real server under strace: no answer to a command leaves before the sync of the log that follows the writing of the command has ended. Clients of
// both wires have one command in flight each; every command names what nobody has named before, so that it is found in the log.
// `node order.js [commands]`. Without strace, or where it may not look, it says so and ends with 0.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as passed } from 'node:timers/promises'
import { numbersGiven } from '../given.js'
import { bound, freePort, identityAt } from './ports.js'
import { Keyed } from './keyed.js'
import { decoded } from './line.js'
import { Failure } from './notes.js'
import { PlainLine } from './plain.js'
import { host, type Life } from './player.js'
import { isSynced, traceOf, type Trace } from './trace.js'
import { Victim } from './victim.js'
import type { Address, ContactName, ListName, sealed } from '../../core/index.js'

const [commands] = numbersGiven('The real server under strace: no answer leaves before its command is synced.', ['commands', 10_000])
const plainClients = 12
const keyedClients = 4
/** commands of one key, from its register to its exit */
const keyedTurns = 25
/** ms in which strace writes the last of what it saw */
const flushMs = 10_000

/** A command that was answered: how the log knows it, and the datagram that brought the answer; `undefined`: the next one to that port. */
interface Answered { readonly word: string; readonly port: number; readonly datagram: Buffer | undefined }

let asked = 0
const name = (): string => `n${String(asked++).padStart(6, '0')}q`

/** An exit names a contact that a register has named before; there a word is a name together with what is done to it. */
const word = /(?:Exit\\"[^{}]{0,40})?n\d{6}q/g
const wordOf = (found: string): string => (found.startsWith('Exit') ? `Exit ${found.slice(-8)}` : found)

const plain = async (port: number, answered: Answered[]): Promise<void> => {
  const socket = await bound()
  const line = new PlainLine(socket)
  while (asked < commands) {
    const contact = name() as ContactName
    const reply = await line.ask(port, { _tag: 'Register', contact, address: { ip: host, port: 40_000 } as Address })
    if (reply?.code !== 200) throw new Failure(`register ${contact} was answered ${reply?.code}`)
    answered.push({ word: contact, port: socket.address().port, datagram: undefined })
  }
  line.close()
}

const keyed = async (life: Life, answered: Answered[]): Promise<void> => {
  const socket = await bound()
  let datagram = Buffer.alloc(0)
  socket.on('message', (bytes) => { datagram = bytes })
  const done = async (by: Keyed, known: string, order: sealed.Order): Promise<void> => {
    const answer = await by.ask(by.request(order))
    const { code, body } = answer === undefined ? { code: 0, body: undefined } : decoded(answer)
    if (code !== 200) throw new Failure(`${JSON.stringify(order)} was answered ${code}`)
    if (body?._tag === 'Registered') by.boot = body.boot
    answered.push({ word: known, port: socket.address().port, datagram })
  }
  while (asked < commands) {
    const by = new Keyed(socket)
    by.connect(life)
    const contact = name() as ContactName
    await done(by, contact, by.registering(contact, life))
    for (let turn = 2; turn < keyedTurns && asked < commands; turn++) {
      const list = name() as ListName
      await done(by, list, { _tag: 'Create', list, policy: 'sealed' })
    }
    await done(by, `Exit ${contact}`, { _tag: 'Exit', contact })
    by.part()
  }
  socket.close()
}

/** Whether strace is there and may trace a process of ours. */
const mayTrace = (): boolean => spawnSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' }).status === 0

const strace = (file: string): ReadonlyArray<string> => [
  ...['strace', '-D', '-f', '-y', '-s', '8192', '-o', file, '-e', 'trace=fsync,fdatasync,pwrite64,pwritev,pwritev2,sendto,sendmsg,sendmmsg'],
]

/** All lines, when the one is there that says how the process ended. */
const linesOf = async (file: string, pid: number): Promise<ReadonlyArray<string>> => {
  const until = performance.now() + flushMs
  while (performance.now() < until) {
    const text = readFileSync(file, 'latin1')
    if (new RegExp(`^${pid} +\\+\\+\\+ `, 'm').test(text)) return text.split('\n')
    await passed(50)
  }
  throw new Failure(`strace does not say how process ${pid} ended`)
}

interface Verdict { readonly held: number; readonly early: ReadonlyArray<string>; readonly unseen: number }

/** Each answer against the log. */
const judge = (trace: Trace, answered: ReadonlyArray<Answered>): Verdict => {
  const written = new Map([...trace.written].map(([found, at]) => [wordOf(found), at]))
  const next = new Map<number, number>()
  const verdict = { held: 0, early: [] as string[], unseen: 0 }
  for (const { word: known, port, datagram } of answered) {
    const sent = trace.sent.get(port) ?? []
    const index = datagram === undefined ? (next.get(port) ?? 0) : sent.findIndex(({ bytes }) => bytes.equals(datagram))
    next.set(port, index + 1)
    const at = sent[index]?.at
    if (at === undefined) throw new Failure(`the answer to ${known} was never sent`)
    const line = written.get(known)
    if (line === undefined) verdict.unseen += 1
    else if (isSynced(trace, line, at)) verdict.held += 1
    else verdict.early.push(known)
  }
  return verdict
}

const run = async (folder: string): Promise<void> => {
  const [home, data, saves, file] = ['home', 'data', 'saves', 'trace'].map((part) => join(folder, part)) as [string, string, string, string]
  for (const path of [home, data, saves]) mkdirSync(path, { mode: 0o700 })
  const port = await freePort()
  const limits = ['--contacts', '100000', '--lists', '100000', '--request-rate', '0', '--register-rate', '0']
  const victim = new Victim([String(port), '--ports', `${port}-${port}`, '--host', host, '--data', data, '--saves', saves, ...limits], home, strace(file))
  victim.go()
  await victim.line(/^peal server at/)
  const life: Life = { port, server: await identityAt(port), isClosing: false, isOver: false }
  const answered: Answered[] = []
  const begun = performance.now()
  await Promise.all([...Array.from({ length: plainClients }, () => plain(port, answered)), ...Array.from({ length: keyedClients }, () => keyed(life, answered))])
  const ms = performance.now() - begun
  victim.signal('SIGTERM')
  await victim.ended
  const trace = traceOf(await linesOf(file, victim.pid), word)
  const { held, early, unseen } = judge(trace, answered)
  console.log(`${answered.length} answered commands in ${(ms / 1000).toFixed(1)} s under strace, ${trace.syncs.length} syncs of the log: ${held} answers after the sync of their command, ${early.length} before, ${unseen} whose command a page's end cuts`)
  if (early.length > 0) throw new Failure(`answered before they were durable: ${early.slice(0, 10).join(', ')} ...`)
  // a batch of some commands is a page or two: more that are not found means that the log is not what this program takes it for
  if (unseen > answered.length / 20) throw new Failure('too many commands are not found in the log')
}

if (!mayTrace()) {
  console.log('strace is not here, or may not trace: the order of syncs and answers was not looked at')
  process.exit(0)
}
const folder = mkdtempSync(join(tmpdir(), 'peal-order-'))
try {
  await run(folder)
  rmSync(folder, { recursive: true })
} catch (error) {
  console.log(`FAILED: ${error instanceof Error ? error.message : String(error)}\nwhat is left: ${folder}`)
  process.exitCode = 1
}
