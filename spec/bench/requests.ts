// How many classic requests the real server answers, against a raw UDP echo with answers of the same size. This process asks and needs a
// core of its own; rounds alternate, A B B A, and a ratio is made of two neighbours. What a burst changes is undone outside the clock:
//
//   query-lists   of 20 lists                                        (100 contacts and 150 lists: what a server takes by default)
//   join          150 lists of 5 are filled by chance; half of the joins are refused (461), being second ones; undone by leave
//   im-start      one by each member of 150 lists of 5, the count of a list rising to 5; undone by im-complete
//
// `node requests.js [case]`. Where `busy`, the answering process's share of a core, is far below 100, only the CPU per answer counts.
import { connect, exchange, mustRun, type Client, type Exchange, type Outcome } from './load.js'
import { cpuMicros, startBeside, startServer } from './child.js'
import { dice, median, print, shuffled, spread } from './report.js'

interface Case {
  readonly name: string
  readonly target: number
  readonly setup: ReadonlyArray<Exchange>
  readonly clocked: ReadonlyArray<Exchange>
  readonly undo: ReadonlyArray<Exchange>
}

const done = '200-_-null'
const roundMs = 500
const rounds = 8

const numbered = (word: string, count: number): ReadonlyArray<string> => Array.from({ length: count }, (_, i) => `${word}_${String(i).padStart(4, '0')}`)

const port = (i: number): number => 22000 + 2 * i

const lists = numbered('list', 150)
const contacts = numbered('contact', 100)
const registered = [
  ...contacts.map((contact, i) => exchange(`register-_-${contact}-_-127.0.0.1-_-${port(i)}`, done)),
  ...lists.map((list) => exchange(`create-_-${list}`, done)),
]

const membersOf = (list: number): ReadonlyArray<number> => Array.from({ length: 5 }, (_, i) => (list * 7 + i * 23) % contacts.length)
const memberships = lists.flatMap((list, i) => membersOf(i).map((contact) => ({ list, at: i, contact })))

const asked = (word: string, { list, contact }: { readonly list: string; readonly contact: number }, reply = done): Exchange =>
  exchange([word, list, contacts[contact]].join('-_-'), reply)

const queryLists = (): Case => {
  const names = numbered('list', 20)
  const reply = `200-_-{"num_lists": 20, "list_names": [${names.map((name) => JSON.stringify(name)).join(', ')}]}`
  return {
    name: 'query-lists',
    target: 0.75,
    setup: names.map((name) => exchange(`create-_-${name}`, done)),
    clocked: Array.from({ length: 1500 }, () => exchange('query-lists', reply)),
    undo: [],
  }
}

const join = (): Case => {
  const order = shuffled([...memberships, ...memberships], dice(1))
  const seen = new Set<unknown>()
  const clocked = order.map((membership) => {
    const isSecond = seen.has(membership)
    seen.add(membership)
    return asked('join', membership, isSecond ? '461-_-null' : done)
  })
  return { name: 'join', target: 0.75, setup: registered, clocked, undo: memberships.map((membership) => asked('leave', membership)) }
}

const ringOf = (members: ReadonlyArray<number>): string => {
  const entries = members.map((i) => `{"name": "${contacts[i] ?? ''}", "ip": "127.0.0.1", "port": ${port(i)}}`)
  return `200-_-{"num_contacts_in_list": ${members.length}, "contact_list": [${entries.join(', ')}]}`
}

const imStart = (): Case => ({
  name: 'im-start',
  target: 0.7,
  setup: [...registered, ...memberships.map((membership) => asked('join', membership))],
  clocked: shuffled(memberships, dice(2)).map(({ list, at, contact }) =>
    asked('im-start', { list, contact }, ringOf([contact, ...membersOf(at).filter((other) => other !== contact)])),
  ),
  undo: memberships.map((membership) => asked('im-complete', membership)),
})

interface Round { readonly rate: number; readonly cpu: number; readonly busy: number; readonly bad: number }

/** Bursts until the clock has run long enough; what undoes them runs outside it. */
const round = async (client: Client, pid: number, clocked: ReadonlyArray<Exchange>, undo: ReadonlyArray<Exchange>): Promise<Round> => {
  let [ms, cpu, answered, bad] = [0, 0, 0, 0]
  while (ms < roundMs) {
    const before = cpuMicros(pid)
    const outcome: Outcome = await client.run(clocked)
    cpu += cpuMicros(pid) - before
    ms += outcome.ms
    answered += outcome.answered
    bad += outcome.wrong + outcome.lost
    if (bad > 1000) throw new Error(`${bad} answers were wrong or lost`)
    await mustRun(client, undo)
  }
  return { rate: (answered / ms) * 1000, cpu: cpu / answered, busy: cpu / ms / 10, bad }
}

const row = ({ name, target, clocked }: Case, echo: ReadonlyArray<Round>, peal: ReadonlyArray<Round>): ReadonlyArray<string> => {
  const of = (side: ReadonlyArray<Round>, what: keyof Round): number => median(side.map((one) => one[what]))
  const ratio = (what: 'rate' | 'cpu'): ReadonlyArray<number> => peal.map((one, i) => one[what] / (echo[i]?.[what] ?? NaN))
  return [
    name,
    `${clocked[0]?.request.length ?? 0}/${clocked[0]?.reply?.length ?? 0}`,
    of(echo, 'rate').toFixed(0),
    of(peal, 'rate').toFixed(0),
    spread(ratio('rate')),
    target.toFixed(2),
    of(echo, 'cpu').toFixed(2),
    of(peal, 'cpu').toFixed(2),
    spread(ratio('cpu').map((peals) => 1 / peals)),
    `${of(echo, 'busy').toFixed(0)}/${of(peal, 'busy').toFixed(0)}`,
    String([...echo, ...peal].reduce((sum, { bad }) => sum + bad, 0)),
  ]
}

const measure = async (one: Case): Promise<ReadonlyArray<string>> => {
  const peal = await startServer(['--log-level', 'silent'])
  const echo = await startBeside('echo.js', [Buffer.from(one.clocked[0]?.reply ?? []).toString()])
  const [toPeal, toEcho] = await Promise.all([connect(peal.port), connect(echo.port)])
  const echoed = one.clocked.map(({ request }) => ({ request, reply: one.clocked[0]?.reply }))
  const echoRound = (): Promise<Round> => round(toEcho, echo.child.pid, echoed, [])
  const pealRound = (): Promise<Round> => round(toPeal, peal.child.pid, one.clocked, one.undo)
  await mustRun(toPeal, one.setup)
  await echoRound()
  await pealRound()
  const [echoes, peals]: [Round[], Round[]] = [[], []]
  for (let i = 0; i < rounds; i++) {
    if (i % 2 === 0) echoes.push(await echoRound())
    peals.push(await pealRound())
    if (i % 2 === 1) echoes.push(await echoRound())
  }
  toPeal.close()
  toEcho.close()
  await Promise.all([peal.child.stop(), echo.child.stop()])
  return row(one, echoes, peals)
}

const head = ['case', 'bytes', 'echo/s', 'peal/s', 'rate ratio', 'target', 'echo µs', 'peal µs', 'echo µs / peal µs', 'busy %', 'bad']
const chosen = [queryLists, join, imStart].map((make) => make()).filter(({ name }) => [undefined, name].includes(process.argv[2]))
const rows: Array<ReadonlyArray<string>> = []
for (const one of chosen) rows.push(await measure(one))
print(`Classic requests, ${rounds} rounds of ${roundMs} ms; median (min..max); µs: CPU of the answering process`, head, rows)
