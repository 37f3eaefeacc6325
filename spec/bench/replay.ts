// A million recorded datagrams of real sessions, hellos among them, sent once more to the real server from another socket: nothing may be answered,
// nothing may change, and the contacts whose sessions were recorded must be served as ever. 100 are sent, and then a request of theirs,
// whose answer shows that all of them were read. A hello that comes while the server's loop lags gets a cookie, whoever sends it, and nothing
// is kept of it: these are counted apart. `node replay.js [thousands]`.
import { numbersGiven } from '../given.js'
import { operate, startServer, summary } from './child.js'
import { asked, meet, pinged, register, type Contact } from './contacts.js'
import { clientOn, dial, mustRun, type Exchange } from './load.js'
import { print } from './report.js'
import { types } from '../../core/wire/sealed/datagram.js'
import type { ListName, sealed } from '../../core/index.js'

const [thousands] = numbersGiven('Recorded datagrams at the real server.', ['thousands', 1000])
const contactCount = 32
/** each contact joins, asks, pings and leaves so often: 100,000 datagrams and more */
const turns = 800
const chunk = 100
const patienceMs = 5000
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
  ;(bytes[0] === types.hello ? hellos : records).push(bytes)
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
let [answered, cookies] = [0, 0]
other.on('message', (bytes) => {
  if (bytes[0] === types.retry) cookies += 1
  else answered += 1
})

/** Whether it is answered within `patienceMs`; what opens under no key of the one who asks is nobody's answer. */
const isServed = (exchange: Exchange): Promise<boolean> =>
  new Promise((served) => {
    const settle = (outcome: boolean): void => {
      clearTimeout(timer)
      socket.off('message', hear)
      served(outcome)
    }
    const hear = (answer: Uint8Array): void => { if (exchange.isAnswer?.(answer) === true) settle(true) }
    const timer = setTimeout(settle, patienceMs, false)
    socket.on('message', hear)
    socket.send(exchange.request)
  })

const before = { state: await told(), counts: await summary(child) }
const total = thousands * 1000
let [replayed, helloAt, valid, unserved] = [0, 0, 0, 0]
const begun = performance.now()
while (replayed < total) {
  for (let i = 0; i < chunk; i++, replayed++) {
    const isHello = replayed % recordsToHello === recordsToHello - 1
    other.send((isHello ? hellos[helloAt++ % hellos.length] : records[replayed % records.length]) as Uint8Array)
  }
  if (!(await isServed(query(contacts[valid++ % contactCount] as Contact)))) unserved += 1
}
const ms = performance.now() - begun
const after = { state: await told(), counts: await summary(child) }
for (const exchange of contacts.flatMap((by) => [query(by), pinged(by)])) if (!(await isServed(exchange))) unserved += 1
client.close()
other.close()
await child.stop()

const head = ['replayed', 'hellos of them', 'read', 'answered', 'by a cookie', 'lists and members', 'valid', 'unserved', 'RSS MiB', 'a second']
const rss = (bytes: number): string => (bytes / 2 ** 20).toFixed(1)
print(`${records.length + hellos.length} datagrams of ${contactCount} sessions, replayed from another socket`, head, [[
  String(replayed),
  String(helloAt),
  String(after.counts.received - before.counts.received - valid),
  String(answered),
  String(cookies),
  before.state === after.state ? 'as before' : 'CHANGED',
  String(valid + 2 * contactCount),
  String(unserved),
  `${rss(before.counts.rss)} to ${rss(after.counts.rss)}`,
  ((replayed / ms) * 1000).toFixed(0),
]])
