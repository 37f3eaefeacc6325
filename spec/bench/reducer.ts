// What one reduction costs as the directory grows (`directory.ts` says which), without the wire and the socket around it.
//
// Every command is timed alone, by the monotonic clock, and the median is shown, less the median of timing nothing. A directory is
// immutable, so each command of a row meets the same one and the new ones are forgotten. The three sizes take turns. Contacts and lists are
// drawn by chance, twice: a hundred that are in use, met again and again, which shows what the steps cost; and anew for every command,
// which shows what memory costs that was not just used (the smallest directory fits into the fastest cache).
import { isLeft } from 'fp-ts/lib/Either.js'
import { isNone } from 'fp-ts/lib/Option.js'
import { server, table } from '../../core/index.js'
import { crowd } from './crowd.js'
import { after, contact, directory, input, ip, list, port, sizes, unbounded, type Directory, type Input, type Membership } from './directory.js'
import { dice, median, print } from './report.js'

const samples = 4000
const turns = 10
const target = 3
const bounded = server.reduce({ ...unbounded, maxReplyBytes: server.defaults.maxReplyBytes })
const unboundedReduce = server.reduce(unbounded)

const answerTo = (state: server.State, asked: Input, reducer = bounded): string => {
  const { response } = reducer(state, asked)
  if (isNone(response)) return 'None'
  const outcome = server.outcomeOf(response.value)
  return isLeft(outcome) ? outcome.left._tag : outcome.right._tag
}

const on = (word: string) => ({ list: name, contact: who }: Membership): Input => input(word, name, who)
const register = (name: string): Input => input('register', name, ip, String(port))

interface Subject extends Directory {
  /** in each list one message is ongoing, by `initiators` */
  readonly busy: server.State
  readonly initiators: ReadonlyArray<Membership>
  /** in the list of `crowded` a thousand are */
  readonly full: server.State
  readonly crowded: Membership
}

const subject = (size: number): Subject => {
  const known = directory(size)
  const initiators = [...new Map(known.memberships.map((one) => [one.list, one])).values()]
  const crowded = initiators[0] ?? { list: '', contact: '' }
  return {
    ...known, initiators, crowded,
    busy: after(known.state, initiators.map(on('im-start'))),
    full: after(known.state, Array.from({ length: 1000 }, () => on('im-start')(crowded))),
  }
}

interface Row {
  readonly name: string
  readonly answer: string
  readonly state: (of: Subject) => server.State
  readonly input: (of: Subject, roll: (n: number) => number) => Input
  readonly reducer?: typeof bounded
}

const pick = <A>(values: ReadonlyArray<A>, roll: (n: number) => number): A => values[roll(values.length)] as A
const idle = ({ state }: Subject): server.State => state
const busy = ({ busy: state }: Subject): server.State => state
const full = ({ full: state }: Subject): server.State => state
const stranger = ({ size, lists, state }: Subject, roll: (n: number) => number): Input => {
  for (;;) {
    const asked = on('join')({ list: list(roll(lists)), contact: contact(roll(size)) })
    if (answerTo(state, asked) === 'Done') return asked
  }
}

const rows: ReadonlyArray<Row> = [
  { name: 'register', answer: 'Done', state: idle, input: ({ size }, roll) => register(contact(size + roll(size))) },
  { name: 'register, known (455)', answer: 'ContactExists', state: idle, input: ({ size }, roll) => register(contact(roll(size))) },
  { name: 'create', answer: 'Done', state: idle, input: ({ lists }, roll) => input('create', list(lists + roll(lists))) },
  { name: 'join', answer: 'Done', state: idle, input: stranger },
  { name: 'join, a member (461)', answer: 'AlreadyMember', state: idle, input: ({ memberships }, roll) => on('join')(pick(memberships, roll)) },
  { name: 'leave', answer: 'Done', state: idle, input: ({ memberships }, roll) => on('leave')(pick(memberships, roll)) },
  { name: 'exit', answer: 'Done', state: idle, input: ({ size }, roll) => input('exit', contact(roll(size))) },
  { name: 'exit, held (463)', answer: 'Ongoing', state: busy, input: ({ size }, roll) => input('exit', contact(roll(size))) },
  { name: 'im-start of about 30', answer: 'Ring', reducer: unboundedReduce, state: idle, input: ({ memberships }, roll) => on('im-start')(pick(memberships, roll)) },
  { name: 'im-complete', answer: 'Done', state: busy, input: ({ initiators }, roll) => on('im-complete')(pick(initiators, roll)) },
  { name: 'im-start, 1,000 ongoing', answer: 'Ring', reducer: unboundedReduce, state: full, input: ({ crowded }) => on('im-start')(crowded) },
  { name: 'im-complete, 1,000 ongoing', answer: 'Done', state: full, input: ({ crowded }) => on('im-complete')(crowded) },
  { name: 'query-lists (200, else 413)', answer: '', state: idle, input: () => input('query-lists') },
]

const now = (): number => performance.now()

/** µs that one reduction took, for each input. */
const timed = (reducer: typeof bounded, state: server.State, inputs: ReadonlyArray<Input>): ReadonlyArray<number> =>
  inputs.map((asked) => {
    const begun = now()
    reducer(state, asked)
    return (now() - begun) * 1000
  })

const empty = (): number => {
  const times = Array.from({ length: 10_000 }, () => {
    const begun = now()
    return (now() - begun) * 1000
  })
  return median(times)
}

const measure = ({ name, answer, state, input: make, reducer = bounded }: Row, subjects: ReadonlyArray<Subject>, distinct: number): ReadonlyArray<string> => {
  const roll = dice(5)
  const prepared = subjects.map((one) => {
    const drawn = Array.from({ length: distinct }, () => make(one, roll))
    return { state: state(one), inputs: Array.from({ length: samples }, (_, i) => drawn[i % distinct] as Input) }
  })
  for (const { state: from, inputs } of prepared)
    for (const asked of inputs.slice(0, 100)) {
      const given = answerTo(from, asked, reducer)
      if (answer !== '' && given !== answer) throw new Error(`${name} was answered ${given}`)
    }
  const times: ReadonlyArray<number[]> = subjects.map(() => [])
  const share = samples / turns
  for (let turn = 0; turn < turns; turn++)
    prepared.forEach(({ state: from, inputs }, i) => {
      const measured = timed(reducer, from, inputs.slice(turn * share, (turn + 1) * share))
      if (turn > 0) times[i]?.push(...measured)
    })
  const nothing = empty()
  const medians = times.map((one) => median(one) - nothing)
  const growth = medians.slice(1).map((us) => (us / (medians[0] ?? NaN)).toFixed(1))
  return [name, ...medians.map((us) => us.toFixed(2)), ...growth, answer === '' ? '' : `<= ${target}`]
}

/** ms to put all names into a table and find each of them again. */
const fill = (names: ReadonlyArray<string>): number => {
  const begun = now()
  const filled = names.reduce((so, name) => table.set(so, name, true), table.empty<string, boolean>())
  if (!names.every((name) => table.has(filled, name))) throw new Error('a name was lost')
  return now() - begun
}

const compareCrowd = (): void => {
  const { crafted, ordinary, hashes } = crowd(14)
  const times = Array.from({ length: 9 }, () => [fill(ordinary), fill(crafted)] as const).slice(2)
  const [fair, foul] = [median(times.map(([a]) => a)), median(times.map(([, b]) => b))]
  print(`${crafted.length} names of ${crafted[0]?.length ?? 0} characters into a table, and each found again; ms, median of 7`,
    ['ordinary', 'crafted to collide', 'ratio', 'hashes of the crafted'],
    [[fair.toFixed(1), foul.toFixed(1), (foul / fair).toFixed(2), String(hashes)]])
}

compareCrowd()
const subjects = sizes.map(subject)
for (const distinct of [100, samples])
  print(`One reduction, µs, median; ${distinct} different commands, ${samples / distinct} times each`,
    ['command', ...sizes.map((size) => size.toLocaleString('en')), '10,000 / 100', '100,000 / 100', 'target'],
    rows.map((row) => measure(row, subjects, distinct)))
