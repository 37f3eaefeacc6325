// How many classic requests the real server answers, against a raw UDP echo with answers of the same size. This process asks and needs a
// core of its own; rounds alternate, A B B A, and a ratio is made of two neighbours. What a burst changes is undone outside the clock:
//
//   query-lists   of 20 lists                                        (100 contacts and 150 lists: what a server takes by default)
//   join          150 lists of 5 are filled by chance; half of the joins are refused (461), being second ones; undone by leave
//   im-start      one by each member of 150 lists of 5, the count of a list rising to 5; undone by im-complete
//
// `node requests.js [case]`. Where `busy`, the answering process's share of a core, is far below 100, only the CPU per answer counts.
import { casesGiven } from '../given.js'
import { startBeside, startServer } from './child.js'
import { imStart, join, queryLists, type Case } from './classic.js'
import { connect, mustRun } from './load.js'
import { median, print, spread } from './report.js'
import { roundMs, rounds, takeTurns, type Round } from './rounds.js'

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
  await mustRun(toPeal, one.setup)
  const [echoes = [], peals = []] = await takeTurns([
    { child: echo.child, client: toEcho, burst: () => ({ clocked: echoed, undo: [] }) },
    { child: peal.child, client: toPeal, burst: () => one },
  ])
  return row(one, echoes, peals)
}

const head = ['case', 'bytes', 'echo/s', 'peal/s', 'rate ratio', 'target', 'echo µs', 'peal µs', 'echo µs / peal µs', 'busy %', 'bad']
const all = [queryLists, join, imStart].map((make) => make())
const names = casesGiven('How many classic requests a server answers.', ...all.map(({ name }) => name))
const chosen = all.filter(({ name }) => names.includes(name))
const rows: Array<ReadonlyArray<string>> = []
for (const one of chosen) rows.push(await measure(one))
print(`Classic requests, ${rounds} rounds of ${roundMs} ms; median (min..max); µs: CPU of the answering process`, head, rows)
