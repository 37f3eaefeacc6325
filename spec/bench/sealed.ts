// How many sealed requests the real server answers, against a raw UDP echo of datagrams of the same sizes, and beside the classic requests that
// do the same. This process asks and needs a core of its own: what it sends was sealed before the clock starts, what it hears is opened after it
// has stopped. Sides alternate, A B C C B A; ratios are of neighbours. 100 contacts with a key and a session each, 64 requests under way:
//
//   query-lists   of 20 lists
//   join          150 lists of 5 are filled by chance, by the contacts themselves; half of the joins are refused (461); undone by leave
//   repeat        each contact's last request, sent again: answered from what is stored
//   ping          answered by the sessions alone
//
// `node sealed.js [case]`. Where `busy`, the answering process's share of a core, is far below 100, only the CPU per answer counts.
import { casesGiven } from '../given.js'
import { startBeside, startServer } from './child.js'
import * as classic from './classic.js'
import { asked, meet, pinged, register, type Contact } from './contacts.js'
import { clientOn, connect, dial, mustRun, type Exchange } from './load.js'
import { dice, median, print, shuffled, spread } from './report.js'
import { roundMs, rounds, takeTurns, type Burst, type Round, type Side } from './rounds.js'
import type { ListName, sealed } from '../../core/index.js'

const target = 0.6
const burstLength = 1500

interface Case {
  readonly name: string
  readonly setup: ReadonlyArray<Exchange>
  readonly burst: () => Burst
  /** what the classic wire has of the kind */
  readonly classic: classic.Case | undefined
}

const done: sealed.Answer = { code: 200, body: { _tag: 'Nothing' } }
const alreadyMember: sealed.Answer = { code: 461, body: { _tag: 'Nothing' } }

const inTurn = (contacts: ReadonlyArray<Contact>, make: (by: Contact) => Exchange): ReadonlyArray<Exchange> =>
  Array.from({ length: burstLength }, (_, i) => make(contacts[i % contacts.length] as Contact))

const created = ([by]: ReadonlyArray<Contact>, lists: ReadonlyArray<string>): ReadonlyArray<Exchange> =>
  by === undefined ? [] : lists.map((list) => asked(by, by.request({ _tag: 'Create', list: list as ListName, policy: 'sealed' }), done))

const queryLists = (contacts: ReadonlyArray<Contact>): Case => {
  const names = classic.numbered('list', 20)
  const answer: sealed.Answer = { code: 200, body: { _tag: 'Lists', names: names as unknown as ReadonlyArray<ListName> } }
  return {
    name: 'query-lists',
    setup: created(contacts, names),
    burst: () => ({ clocked: inTurn(contacts, (by) => asked(by, by.request({ _tag: 'QueryLists' }), answer)), undo: [] }),
    classic: classic.queryLists(),
  }
}

const join = (contacts: ReadonlyArray<Contact>): Case => {
  const on = (_tag: 'Join' | 'Leave', { list, contact }: classic.Membership, answer: sealed.Answer): Exchange => {
    const by = contacts[contact] as Contact
    return asked(by, by.request({ _tag, list: list as ListName, contact: by.name }), answer)
  }
  const order = shuffled([...classic.memberships, ...classic.memberships], dice(1))
  const burst = (): Burst => {
    const seen = new Set<classic.Membership>()
    const clocked = order.map((membership) => {
      const answer = seen.has(membership) ? alreadyMember : done
      seen.add(membership)
      return on('Join', membership, answer)
    })
    return { clocked, undo: classic.memberships.map((membership) => on('Leave', membership, done)) }
  }
  return { name: 'join', setup: created(contacts, classic.lists), burst, classic: classic.join() }
}

/** All leave a list that they are not on, and say so again. */
const repeat = (contacts: ReadonlyArray<Contact>): Case => {
  const answer: sealed.Answer = { code: 460, body: { _tag: 'Nothing' } }
  const last = new Map(contacts.map((by) => [by, by.request({ _tag: 'Leave', list: 'nobody' as ListName, contact: by.name })]))
  const again = (by: Contact): Exchange => asked(by, last.get(by) as sealed.Request, answer)
  return { name: 'repeat', setup: contacts.map(again), burst: () => ({ clocked: inTurn(contacts, again), undo: [] }), classic: undefined }
}

const ping = (contacts: ReadonlyArray<Contact>): Case => ({
  name: 'ping',
  setup: [],
  burst: () => ({ clocked: inTurn(contacts, pinged), undo: [] }),
  classic: undefined,
})

interface Sides { readonly echo: ReadonlyArray<Round>; readonly sealed: ReadonlyArray<Round>; readonly classic: ReadonlyArray<Round> | undefined }

const row = (name: string, { request, reply }: Exchange, sides: Sides): ReadonlyArray<string> => {
  const of = (side: ReadonlyArray<Round> | undefined, what: keyof Round, digits = 0): string => (side === undefined ? '' : median(side.map((one) => one[what])).toFixed(digits))
  const ratio = (what: 'rate' | 'cpu', side = sides.classic): string =>
    side === undefined ? '' : spread(sides.sealed.map((one, i) => (what === 'rate' ? one.rate / (side[i]?.rate ?? NaN) : (side[i]?.cpu ?? NaN) / one.cpu)))
  return [
    name,
    `${request.length}/${reply?.length ?? 0}`,
    ...[sides.echo, sides.classic, sides.sealed].map((side) => of(side, 'rate')),
    ratio('rate', sides.echo),
    target.toFixed(2),
    ratio('rate'),
    ...[sides.echo, sides.classic, sides.sealed].map((side) => of(side, 'cpu', 2)),
    ratio('cpu', sides.echo),
    `${of(sides.echo, 'busy')}/${of(sides.sealed, 'busy')}`,
    String([...sides.echo, ...sides.sealed, ...(sides.classic ?? [])].reduce((sum, { bad }) => sum + bad, 0)),
  ]
}

const classicSide = async (one: classic.Case): Promise<Side> => {
  const { child, port } = await startServer(['--log-level', 'silent'])
  const client = await connect(port)
  await mustRun(client, one.setup)
  return { child, client, burst: () => one }
}

const echoSide = async (sample: ReadonlyArray<Exchange>): Promise<Side> => {
  const reply = Buffer.alloc(sample[0]?.reply?.length ?? 0, 'x')
  const { child, port } = await startBeside('echo.js', [reply.toString()])
  const echoed: Burst = { clocked: sample.map(({ request }) => ({ request, reply })), undo: [] }
  return { child, client: await connect(port), burst: () => echoed }
}

const measure = async (make: (contacts: ReadonlyArray<Contact>) => Case): Promise<ReadonlyArray<string>> => {
  const { child, port } = await startServer(['--log-level', 'silent', '--request-rate', '0', '--register-rate', '0'])
  const socket = await dial(port)
  const server = await meet(socket)
  const contacts: Contact[] = []
  for (const name of classic.contacts) contacts.push(await register(socket, server, name as Contact['name']))
  const one = make(contacts)
  const client = clientOn(socket)
  await mustRun(client, one.setup)
  const sample = one.burst()
  await mustRun(client, sample.clocked)
  await mustRun(client, sample.undo)
  const others = [await echoSide(sample.clocked), ...(one.classic === undefined ? [] : [await classicSide(one.classic)])]
  const [sealedRounds = [], echo = [], classicRounds] = await takeTurns([{ child, client, burst: one.burst }, ...others])
  return row(one.name, sample.clocked[0] as Exchange, { echo, sealed: sealedRounds, classic: classicRounds })
}

const head = [
  'case', 'bytes', 'echo/s', 'classic/s', 'sealed/s', 'sealed / echo', 'target', 'sealed / classic', 'echo µs', 'classic µs', 'sealed µs', 'echo µs / sealed µs', 'busy %', 'bad',
]
const cases = { 'query-lists': queryLists, join, repeat, ping }
const rows: Array<ReadonlyArray<string>> = []
const names = casesGiven('How many sealed requests a server answers.', ...Object.keys(cases))
for (const [name, make] of Object.entries(cases)) if (names.includes(name)) rows.push(await measure(make))
print(`Sealed requests, ${rounds} rounds of ${roundMs} ms; median (min..max); µs: CPU of the answering process`, head, rows)
