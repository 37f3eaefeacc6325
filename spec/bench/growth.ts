// What a command costs the server's process as the directory grows (`directory.ts` says which), datagram in and datagram out: CPU of the
// real server, which begins with the directory as a saved file. Three servers, one of each size, are asked in turns; each burst of
// commands is undone by the next one, which is measured as well but meets what has just been touched:
//
//   register, exit      new contacts          join, leave      contacts of chance, lists of chance          im-start, im-complete
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { server } from '../../core/index.js'
import { cpuMicros, startServer, type Child } from './child.js'
import { contact, directory, ip, list, port, sizes, type Directory, type Membership } from './directory.js'
import { connect, exchange, type Client, type Exchange } from './load.js'
import { dice, median, print } from './report.js'

const turns = 40
const burst = 500
const target = 2
const words = ['register', 'exit', 'join', 'leave', 'im-start', 'im-complete'] as const
type Bursts = Readonly<Record<(typeof words)[number], ReadonlyArray<Exchange>>>

const done = '200-_-null'
const roll = dice(11)

const ringOf = (members: ReadonlyArray<string>): string => {
  const entries = members.map((name) => `{"name": "${name}", "ip": "${ip}", "port": ${port}}`)
  return `200-_-{"num_contacts_in_list": ${members.length}, "contact_list": [${entries.join(', ')}]}`
}

type Members = ReadonlyMap<string, ReadonlyArray<string>>

/** Memberships that are not there, each once. */
const strangers = ({ size, lists }: Directory, membersOf: Members): ReadonlyArray<Membership> => {
  const chosen = new Map<string, Membership>()
  while (chosen.size < burst) {
    const one = { list: list(roll(lists)), contact: contact(roll(size)) }
    if (membersOf.get(one.list)?.includes(one.contact) !== true) chosen.set(`${one.list} ${one.contact}`, one)
  }
  return [...chosen.values()]
}

const burstsFor = (directory: Directory, membersOf: Members): Bursts => {
  const newcomers = Array.from({ length: burst }, (_, i) => `newcomer ${i}`)
  const others = strangers(directory, membersOf)
  const mine = Array.from({ length: burst }, () => directory.memberships[roll(directory.memberships.length)] as Membership)
  const on = (word: string) => (one: Membership, reply = done): Exchange => exchange(`${word}-_-${one.list}-_-${one.contact}`, reply)
  const ring = (one: Membership): string => ringOf([one.contact, ...(membersOf.get(one.list) ?? []).filter((name) => name !== one.contact)])
  return {
    'register': newcomers.map((name) => exchange(`register-_-${name}-_-${ip}-_-${port}`, done)),
    'exit': newcomers.map((name) => exchange(`exit-_-${name}`, done)),
    'join': others.map((one) => on('join')(one)),
    'leave': others.map((one) => on('leave')(one)),
    'im-start': mine.map((one) => on('im-start')(one, ring(one))),
    'im-complete': mine.map((one) => on('im-complete')(one)),
  }
}

interface Side {
  readonly child: Child
  readonly client: Client
  readonly next: () => Bursts
  readonly micros: Readonly<Record<(typeof words)[number], number[]>>
}

const open = async (size: number, folder: string): Promise<Side> => {
  const known = directory(size)
  const membersOf = new Map<string, string[]>()
  for (const { list: name, contact: who } of known.memberships) membersOf.set(name, [...(membersOf.get(name) ?? []), who])
  const file = join(folder, String(size))
  writeFileSync(file, server.saved(known.state))
  const limits = ['--contacts', '1000000', '--lists', '1000000', '--messages', '10000', '--reply-bytes', '65507']
  const { child, port: at } = await startServer(['--log-level', 'silent', ...limits, '22000', file])
  const micros = { 'register': [], 'exit': [], 'join': [], 'leave': [], 'im-start': [], 'im-complete': [] }
  return { child, client: await connect(at), next: () => burstsFor(known, membersOf), micros }
}

const turn = async ({ child, client, next, micros }: Side): Promise<void> => {
  const bursts = next()
  for (const word of words) {
    const before = cpuMicros(child.pid)
    const { answered, wrong, lost } = await client.run(bursts[word])
    micros[word].push((cpuMicros(child.pid) - before) / answered)
    if (wrong + lost > 0) throw new Error(`${word}: ${wrong} wrong answers, ${lost} lost`)
  }
}

const folder = mkdtempSync(join(tmpdir(), 'peal-bench-'))
const sides: Side[] = []
for (const size of sizes) sides.push(await open(size, folder))
for (let i = 0; i < turns; i++) for (const side of sides) await turn(side)
for (const { client, child } of sides) {
  client.close()
  await child.stop()
}
rmSync(folder, { recursive: true })
const rows = words.map((word) => {
  const medians = sides.map(({ micros }) => median(micros[word].slice(turns / 4)))
  return [word, ...medians.map((us) => us.toFixed(1)), ...medians.slice(1).map((us) => (us / (medians[0] ?? NaN)).toFixed(2)), `<= ${target}`]
})
const head = ['command', ...sizes.map((size) => size.toLocaleString('en')), '10,000 / 100', '100,000 / 100', 'target']
print(`CPU µs of the server a command, median of ${turns * 0.75} bursts of ${burst}`, head, rows)
