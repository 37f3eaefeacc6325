// A directory as it is shown: contacts, lists, and the messages that were ongoing, last, since those are what one looks for. What a person reads is
// made from what `--json` says.
import { fingerprint, roll, server, showAddress, table, type ContactId } from '../../core/index.js'
import { limits } from '../limits.js'
import { flow, named, padded, width, type Columns } from './layout.js'
import { duration, localTime, placed } from './moments.js'
import { plural } from './sentences.js'
import type { Shown, ShownOf } from './pastline.js'

const contactOf = ({ card: { name, ip, port }, bound }: server.Contact): ShownOf<'Contact'> => ({
  _tag: 'Contact', name, ip, port, ...(bound === undefined ? {} : { fingerprint: fingerprint(bound.identity.id) }),
})

const listOf = ({ keyed }: server.State, list: server.List): ShownOf<'List'> => {
  const nameOf = (id: ContactId): string => table.get(keyed.ids, id) ?? fingerprint(id)
  return {
    _tag: 'List',
    name: list.name,
    policy: list.policy,
    ...(list.owner === undefined ? {} : { owner: nameOf(list.owner) }),
    members: server.membersOf(list).map(({ name }) => name),
    guests: table.entries(list.guests).map(([id]) => nameOf(id)).sort(),
    ongoing: server.count(list),
  }
}

const ongoingIn = (list: server.List, seen: number): ReadonlyArray<ShownOf<'Ongoing'>> =>
  list.ims.map(({ id, initiator, since, granted }) => ({
    _tag: 'Ongoing', list: list.name, initiator, im: id, since, ms: Math.max(0, seen - since), ...(granted === undefined ? {} : { until: granted.ends }),
  }))

/** All that a directory is shown as, in order; `seen`: the instant (Unix milliseconds) that one looks at it from. */
export function* shownOf({ state, settings }: server.Directory, seen: number): Generator<Shown, void> {
  const { position, at, process, contacts, ongoing } = state
  const lists = roll.values(state.lists)
  yield { _tag: 'Directory', position, at, seen, process, settings, contacts: roll.size(contacts), lists: lists.length, ongoing }
  for (const name of roll.names(contacts)) {
    const contact = roll.get(contacts, name)
    if (contact !== undefined) yield contactOf(contact)
  }
  for (const list of lists) yield listOf(state, list)
  yield* lists.flatMap((list) => ongoingIn(list, seen)).sort((a, b) => a.im - b.im)
}

type Rows = Generator<string, void>

/** The width of a column: that of its widest cell, up to a bound beyond which a cell stands out. */
const columnOf = (cells: ReadonlyArray<string>): number => Math.min(cells.reduce((most, cell) => Math.max(most, width(cell)), 0), limits.cellColumns)

const isA = <K extends Shown['_tag']>(_tag: K) => (line: Shown): line is ShownOf<K> => line._tag === _tag

const namesIn = (what: string, names: ReadonlyArray<string>): string =>
  names.length === 0 ? '' : `; ${plural(names.length, what)}: ${names.map(named).join(' ')}`

/** A heading with a blank line before it, and its rows. */
function* section<A>(what: string, all: ReadonlyArray<A>, row: (line: A) => ReadonlyArray<string>, columns: Columns): Rows {
  yield ''
  yield all.length === 0 ? `no ${what}s` : plural(all.length, what)
  for (const line of all) yield flow(`  ${row(line).join('  ')}`, '      ', columns)
}

const contactRow = (column: number, place: number) => ({ name, ip, port, fingerprint: print }: ShownOf<'Contact'>): ReadonlyArray<string> => [
  padded(named(name), column), padded(showAddress({ ip, port }), place), print ?? 'classic, without a key',
]

const listRow = (column: number) => ({ name, policy, owner, members, guests, ongoing }: ShownOf<'List'>): ReadonlyArray<string> => [
  padded(named(name), column),
  [
    `${policy}, ${owner === undefined ? 'without an owner' : `owned by ${named(owner)}`}`,
    members.length === 0 ? '; no members' : namesIn('member', members),
    namesIn('guest', guests),
    ongoing === 0 ? '' : `; held by ${plural(ongoing, 'ongoing message')}`,
  ].join(''),
]

const ongoingRow = (column: number) => ({ list, initiator, since, ms, until }: ShownOf<'Ongoing'>): ReadonlyArray<string> => [
  padded(named(list), column),
  `held by ${named(initiator)} since ${localTime(since)}, for ${duration(ms)}${until === undefined ? '' : `, until ${localTime(until)} at the latest`}`,
]

/** The same for a person, folded at `columns`. */
export function* described(directory: server.Directory, seen: number, columns: Columns): Rows {
  const all = [...shownOf(directory, seen)]
  const [contacts, lists, ongoing] = [all.filter(isA('Contact')), all.filter(isA('List')), all.filter(isA('Ongoing'))]
  const column = columnOf(lists.map(({ name }) => named(name)))
  yield flow(`the directory at ${placed(directory.state)}${seen === directory.state.at ? '' : `, seen from ${localTime(seen)}`}`, '  ', columns)
  yield* section('contact', contacts, contactRow(columnOf(contacts.map(({ name }) => named(name))), columnOf(contacts.map(showAddress))), columns)
  yield* section('list', lists, listRow(column), columns)
  yield* section('ongoing message', ongoing, ongoingRow(column), columns)
}
