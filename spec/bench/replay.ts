// A million recorded datagrams of real sessions, hellos among them, sent once more to the real server from another socket: nothing may be answered,
// nothing may change, and the contacts whose sessions were recorded must be served as ever. 100 are sent, and then a request of theirs,
// whose answer shows that all of them were read. `node replay.js [thousands]`.
import { operate, startServer, summary } from './child.js'
import { asked, meet, pinged, register, type Contact } from './contacts.js'
import { clientOn, dial, mustRun } from './load.js'
import { print } from './report.js'
import type { ListName, sealed } from '../../core/index.js'

const thousands = Number(process.argv[2] ?? 1000)
const contactCount = 32
/** each contact joins, asks, pings and leaves so often: 100,000 datagrams and more */
const turns = 800
const chunk = 100
/** recorded hellos are mixed in so rarely that the server answers none by a cookie for being under load */
const recordsToHello = 20_000

const done: sealed.Answer = { code: 200, body: { _tag: 'Nothing' } }
const list = 'friends' as ListName

const { child, port } = await startServer(['--log-level', 'info', '--request-rate', '0', '--register-rate', '0'])
const socket = await dial(port)
const server = await meet(socket)
const hellos: Uint8Array[] = []
const records: Uint8Array[] = []
const send = socket.send.bind(socket) as (bytes: Uint8Array) => void
const recording = (bytes: Uint8Array): void => {
  ;(bytes[0] === 0xf8 ? hellos : records).push(bytes)
  send(bytes)
}
Object.assign(socket, { send: recording })

const contacts: Contact[] = []
for (let i = 0; i < contactCount; i++) contacts.push(await register(socket, server, `contact_${i}` as Contact['name']))
const client = clientOn(socket)
const on = (by: Contact, _tag: 'Join' | 'Leave') => asked(by, by.request({ _tag, list, contact: by.name }), done)
const names: sealed.Answer = { code: 200, body: { _tag: 'Lists', names: [list] } }
const query = (by: Contact) => asked(by, by.request({ _tag: 'QueryLists' }), names)
const [first] = contacts as [Contact]
await mustRun(client, [asked(first, first.request({ _tag: 'Create', list, policy: 'sealed' }), done)])
for (let turn = 0; turn < turns; turn++) {
  const last = turn === turns - 1
  await mustRun(client, contacts.flatMap((by, i) => [on(by, 'Join'), query(by), pinged(by), ...(last && i % 2 === 0 ? [] : [on(by, 'Leave')])]))
}
Object.assign(socket, { send })

const told = async (): Promise<string> => `${await operate(port, ['query-lists'])}\n${await operate(port, ['members', list])}`
const other = await dial(port)
let answered = 0
other.on('message', () => { answered += 1 })

const before = { state: await told(), counts: await summary(child) }
const total = thousands * 1000
let [replayed, helloAt, valid, wrong, lost] = [0, 0, 0, 0, 0]
const begun = performance.now()
while (replayed < total) {
  for (let i = 0; i < chunk; i++, replayed++) {
    const isHello = replayed % recordsToHello === recordsToHello - 1
    other.send((isHello ? hellos[helloAt++ % hellos.length] : records[replayed % records.length]) as Uint8Array)
  }
  const outcome = await client.run([query(contacts[valid % contactCount] as Contact)])
  valid += 1
  wrong += outcome.wrong
  lost += outcome.lost
}
const ms = performance.now() - begun
const after = { state: await told(), counts: await summary(child) }
const closing = await client.run(contacts.flatMap((by) => [query(by), pinged(by)]))
client.close()
other.close()
await child.stop()

const head = ['replayed', 'hellos of them', 'read', 'answered', 'lists and members', 'valid', 'of them wrong', 'lost', 'RSS MiB', 'a second']
const rss = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
print(`${records.length + hellos.length} datagrams of ${contactCount} sessions, replayed from another socket`, head, [[
  String(replayed),
  String(helloAt),
  String(after.counts.received - before.counts.received - valid),
  String(answered),
  before.state === after.state ? 'as before' : 'CHANGED',
  String(valid + closing.answered),
  String(wrong + closing.wrong),
  String(lost + closing.lost),
  `${rss(before.counts.rss)} to ${rss(after.counts.rss)}`,
  ((replayed / ms) * 1000).toFixed(0),
]])
