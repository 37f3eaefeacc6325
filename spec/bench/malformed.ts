// A million malformed datagrams at the real server: every one must be counted as what it is and answered 400 (or, when it looks like a
// reply, or is of the sealed wire, not at all), valid requests in between must be answered as ever, and the server must not grow. 64 are under way at once, and the
// next one waits for an answer, so that all of them are read and none is dropped by the system.
//
// The datagrams are random bytes, texts that are no UTF-8, and valid requests that were cut, changed by some bytes, or given more or fewer
// arguments, and bytes that look like datagrams of the sealed wire. 50,000 different ones, sent again and again; those that chance made valid are left out. `node malformed.js [thousands]`.
import { isLeft } from 'fp-ts/lib/Either.js'
import { numbersGiven } from '../given.js'
import { classic, decodeUtf8, sealed } from '../../core/index.js'
import { startServer, summary } from './child.js'
import { connect, exchange, type Exchange } from './load.js'
import { dice, print } from './report.js'

const [thousands] = numbersGiven('Malformed datagrams at the real server.', ['thousands', 1000])
const different = 50_000
const steps = 10
const roll = dice(7)

const valid = [
  'register-_-Me-_-192.0.2.7-_-22000',
  'register-_-Zoë-_-2001:db8::7-_-65534',
  'create-_-list_1',
  'query-lists',
  'join-_-list_1-_-Me',
  'leave-_-list 1-_-Myself',
  'im-start-_-list_1-_-Me',
  'im-complete-_-list_1-_-Me',
  'save-_-saved.txt',
  'exit-_-Me',
]
const pick = <A>(values: ReadonlyArray<A>): A => values[roll(values.length)] as A
const noise = (length: number): Buffer => Buffer.from(Array.from({ length }, () => roll(256)))
const bad = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]

/** Some bytes of a valid request, or all but one, become others. */
const changed = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes)
  for (let i = roll(4); i >= 0; i--) copy[roll(copy.length)] = roll(256)
  return copy
}

const kinds = {
  noise: () => noise(roll(roll(8) === 0 ? 1500 : 100)),
  changed: () => changed(Buffer.from(pick(valid))),
  cut: () => {
    const bytes = Buffer.from(pick(valid))
    return bytes.subarray(0, roll(bytes.length))
  },
  arguments: () => {
    const args = pick(valid).split('-_-')
    return Buffer.from((roll(2) === 0 ? [...args, ...args.slice(0, 1 + roll(300))] : args.slice(0, -1)).join('-_-'))
  },
  notUtf8: () => {
    const bytes = Buffer.from(pick(valid))
    const at = roll(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(pick(bad)), bytes.subarray(at)])
  },
  sealed: () => {
    const [type, length] = pick([[0xf8, 148], [0xf9, 92], [0xfa, 64], [0xfb, 16 * (3 + roll(72))]] as const)
    return Buffer.concat([Buffer.from([type, 0, 0, 0]), noise(length - 4)])
  },
  reply: () => Buffer.from(`${100 + roll(900)}-_-${pick(['null', '{}', '', 'register-_-Me', '{"num_lists": 1, "list_names": ["a"]}'])}`),
}
type Kind = keyof typeof kinds

/** A datagram of that kind which is no request, and looks like a reply just when it should. */
const make = (kind: Kind): Buffer => {
  for (;;) {
    const bytes = kinds[kind]()
    const text = decodeUtf8(bytes)
    if (isLeft(text)) return bytes
    if (isLeft(classic.decodeRequest(text.right)) && /^\d{3}-_-/.test(text.right) === (kind === 'reply')) return bytes
  }
}

const refused = Buffer.from('400-_-null')

/** Mostly what is answered; one in 50 looks like a reply. */
const pool: ReadonlyArray<Exchange> = Array.from({ length: different }, (_, i) => {
  const kind = i % 50 === 0 ? 'reply' : pick(['noise', 'changed', 'cut', 'arguments', 'notUtf8', 'sealed'] as const)
  const request = make(kind)
  return { request, reply: kind === 'reply' || sealed.isSealed(request) ? undefined : refused }
})

/** A user who goes on all the while: 16 valid requests with the one answer that each must have. */
const visit = (n: number): ReadonlyArray<Exchange> => {
  const [me, list] = [`user ${n}`, `list ${n % 100}`]
  const on = (word: string): string => `${word}-_-${list}-_-${me}`
  const ring = `200-_-{"num_contacts_in_list": 1, "contact_list": [{"name": "${me}", "ip": "192.0.2.7", "port": 22000}]}`
  const session: ReadonlyArray<readonly [string, string]> = [
    [`register-_-${me}-_-192.0.2.7-_-22000`, '200-_-null'], [`register-_-${me}-_-192.0.2.7-_-22000`, '455-_-null'],
    [`create-_-${list}`, n < 100 ? '200-_-null' : '457-_-null'], [on('join'), '200-_-null'], [on('join'), '461-_-null'],
    [on('im-start'), ring], [on('leave'), '463-_-null'], [`exit-_-${me}`, '463-_-null'], [on('im-complete'), '200-_-null'],
    [on('im-complete'), '465-_-null'], [on('leave'), '200-_-null'], [on('im-start'), '464-_-null'], [on('leave'), '464-_-null'],
    [`exit-_-${me}`, '200-_-null'], [on('join'), '459-_-null'], [`exit-_-${me}`, '459-_-null'],
  ]
  return session.map(([request, reply]) => exchange(request, reply))
}

/** The n-th 1,000 of the pool, with a visit scattered among them. */
const mixed = (n: number): ReadonlyArray<Exchange> => {
  const among = visit(n)
  const at = (n * 1000) % different
  return among.flatMap((asked, i) => [...pool.slice(at + Math.floor((i * 1000) / among.length), at + Math.floor(((i + 1) * 1000) / among.length)), asked])
}

const { child, port } = await startServer(['--log-level', 'info'])
const client = await connect(port)
const sum = { sent: 0, valid: 0, answered: 0, wrong: 0, lost: 0, ms: 0 }
const rows: Array<ReadonlyArray<string>> = []
const rss: number[] = []
for (let n = 0; n < thousands; n++) {
  const exchanges = mixed(n)
  const { answered, wrong, lost, ms } = await client.run(exchanges)
  sum.sent += exchanges.length
  sum.valid += exchanges.length - 1000
  sum.answered += answered
  sum.wrong += wrong
  sum.lost += lost
  sum.ms += ms
  if (sum.lost > 1000) throw new Error(`${sum.lost} were lost`)
  if (Math.floor(((n + 1) * steps) / thousands) === Math.floor((n * steps) / thousands)) continue
  const counted = await summary(child)
  rss.push(counted.rss)
  const ours = [sum.sent, sum.valid, sum.answered, sum.wrong, sum.lost].map(String)
  const rate = ((sum.sent / sum.ms) * 1000).toFixed(0)
  rows.push([...ours, ...[counted.received, counted.malformed, counted.replies, counted.sealed].map(String), (counted.rss / 2 ** 20).toFixed(1), rate])
}
client.close()
await child.stop()
const head = ['sent', 'valid', 'answered', 'wrong', 'lost', 'received', 'malformed', 'replies', 'sealed', 'RSS MiB', 'a second']
print('Malformed datagrams at the server; received, malformed and replies as the server counts them', head, rows)
const growth = (from: number): string => {
  const mebibytes = ((rss[steps - 1] ?? NaN) - (rss[from] ?? NaN)) / 2 ** 20
  return `${mebibytes >= 0 ? '+' : ''}${mebibytes.toFixed(1)} MiB`
}
console.log(`\nRSS: ${growth(0)} from the first tenth to the end, ${growth(steps / 2 - 1)} in the second half`)
