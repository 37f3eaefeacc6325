// A record of a server's journal as it is told: who, what, and what came of it, worked out by the reducer from the directory as it was. What a person
// reads is made from what `--json` says.
import { isLeft } from 'fp-ts/lib/Either.js'
import { agenda, classic, fingerprint, peer, roll, server, showAddress, table, type ImId, type ListName, type PublicKey, type sealed } from '../../core/index.js'
import { limits } from '../limits.js'
import { coloursFor } from './colours.js'
import { flow, isolated, named, padded, width, type Columns } from './layout.js'
import { duration, localTime } from './moments.js'
import { plural, status, who } from './sentences.js'
import { visible } from './visible.js'
import { waitedIn, waitedText } from './waited.js'
import type { By, Held, JournalLine } from './pastline.js'

const pc = coloursFor(process.stdout)

/** A record, the directories before and behind it, and the step that it was, worked out when it is asked for: folding alone is twice as fast. */
export interface Happened {
  readonly entry: server.Entry
  readonly before: server.Directory
  readonly after: server.Directory
  readonly step: () => server.Step
}

/** The contact of that key, then: after what made it one, before what parted it. */
const contactOf = ({ before, after }: Happened, key: PublicKey): server.Contact | undefined => {
  const name = table.get(before.state.keyed.keys, key) ?? table.get(after.state.keyed.keys, key)
  return name === undefined ? undefined : (roll.get(before.state.contacts, name) ?? roll.get(after.state.contacts, name))
}

const byOf = (happened: Happened): By => {
  const { by } = happened.entry
  if (by._tag !== 'Key') return by
  const contact = contactOf(happened, by.key)
  return { _tag: 'Key', key: by.key, contact: contact?.card.name ?? '', fingerprint: contact?.bound === undefined ? '' : fingerprint(contact.bound.identity.id) }
}

/** The command as one would type it, and in the same way what the program says to itself. */
const aboutOf = (happened: Happened): JournalLine['about'] => {
  const { command } = happened.entry
  switch (command._tag) {
    case 'Ask':
    case 'Operate': return peer.sealed.aboutOf(command.order)
    case 'Seek': return { word: 'seek', args: [command.ring] }
    case 'Start': return { word: 'start', args: [command.process] }
    case 'Moved': return { word: 'moved', args: [contactOf(happened, command.key)?.card.name ?? command.key, command.address.ip, String(command.address.port)] }
    case 'Judged': return { word: 'judged', args: [contactOf(happened, command.key)?.card.name ?? command.key, command.presence] }
    case 'Close': return { word: 'close', args: [String(command.ms)] }
    case 'Wake':
    case 'Malformed': return { word: command._tag.toLowerCase(), args: [] }
    case 'Register':
    case 'Create':
    case 'QueryLists':
    case 'Join':
    case 'Leave':
    case 'Exit':
    case 'ImStart':
    case 'ImComplete':
    case 'Save': return { word: classic.words[command._tag], args: classic.argumentsOf(command) }
  }
}

/** The answer, now or with what is done about a key. */
const answerIn = ({ response, effects }: server.Step): server.Response | undefined => {
  if (response._tag === 'Some') return response.value
  return effects.flatMap((effect) => (effect._tag === 'Bind' || effect._tag === 'Part' ? (effect.answer ?? []) : []))[0]
}

/** The lists that the order names or that its contact is on, where a message was ongoing. */
const heldBefore = ({ entry: { command }, before: { state } }: Happened): ReadonlyArray<Held> => {
  const order = command._tag === 'Ask' || command._tag === 'Operate' ? command.order : command
  const named: ReadonlyArray<ListName> = 'list' in order && order.list !== null ? [order.list] : []
  const joined = 'contact' in order && order.contact !== null ? table.entries(roll.get(state.contacts, order.contact)?.lists ?? table.empty<ListName, number>()).map(([name]) => name) : []
  return [...new Set([...named, ...joined])].flatMap((list) => {
    const [oldest] = roll.get(state.lists, list)?.ims ?? []
    return oldest === undefined ? [] : [{ list, initiator: oldest.initiator, since: oldest.since }]
  })
}

/** To whom: the members at those places. */
const grantIn = ({ after: { state } }: Happened, { im, root, no, size, path, until, list }: sealed.Grant): Partial<JournalLine> => {
  const on = roll.get(state.lists, list)
  const members = on === undefined ? [] : server.membersOf(on)
  return { grant: { im, root, no, size, path: path.map((place) => members[place]?.name ?? String(place)), until } }
}

/** What a Wake has ended. */
const expiredIn = ({ entry: { command }, before: { state }, after }: Happened): Partial<JournalLine> => {
  if (command._tag !== 'Wake') return {}
  const ended = agenda.size(state.granted.ends) - agenda.size(after.state.granted.ends)
  const expired = agenda.dueAt(state.granted.ends, after.state.at, ended).flatMap(({ id }) => {
    const list = table.get(state.granted.lists, id as ImId)
    const im = list === undefined ? undefined : roll.get(state.lists, list)?.ims.find(({ granted }) => granted?.grant.im === id)
    return list === undefined || im === undefined ? [] : [{ list, initiator: im.initiator, im: id, since: im.since }]
  })
  return { expired }
}

const resultOf = (happened: Happened): Partial<JournalLine> => {
  const answer = answerIn(happened.step())
  if (answer === undefined) return {}
  const outcome = server.outcomeOf(answer)
  const name = isLeft(outcome) ? outcome.left._tag : 'Done'
  const { code, sentence } = classic.codes[name]
  const told = { code, name, sentence }
  if (name === 'Ongoing') return { ...told, held: heldBefore(happened) }
  if (isLeft(outcome)) return told
  switch (outcome.right._tag) {
    case 'Ring': return { ...told, members: outcome.right.members.map(({ name: member, ip, port }) => ({ name: member, ip, port })) }
    case 'Registered': return { ...told, boot: outcome.right.boot }
    case 'Granted': return { ...told, ...grantIn(happened, outcome.right.grant) }
    case 'Ended': return { ...told, outcome: outcome.right.outcome }
    case 'Done':
    case 'Lists':
    case 'Queued':
    case 'Served':
    case 'Locks':
    case 'OldestLocks':
    case 'Members': return told
  }
}

const isSet = (settings: server.Settings, key: string): key is keyof server.Settings => Object.hasOwn(settings, key)

const settingsOf = ({ entry: { command }, before, after }: Happened): Partial<JournalLine> => {
  if (command._tag !== 'Start') return {}
  const [was, is] = [before.settings, after.settings]
  return { settings: is, changed: Object.keys(is).filter((key) => isSet(is, key) && JSON.stringify(is[key]) !== JSON.stringify(was[key])) }
}

/** What a record says. */
export const tell = (happened: Happened): JournalLine => {
  const { entry: { command }, after: { state } } = happened
  return {
    v: 1,
    position: state.position,
    at: state.at,
    by: byOf(happened),
    about: aboutOf(happened),
    ...(command._tag === 'Ask' ? { request: { boot: command.boot, seq: command.seq } } : {}),
    ...(command._tag === 'Ask' && command.order._tag === 'Register' && command.address !== undefined ? { place: command.address } : {}),
    ...resultOf(happened),
    ...expiredIn(happened),
    ...waitedIn(happened.before, happened.after),
    ...settingsOf(happened),
  }
}

/** A name in its own colour, with the beginning of its fingerprint. */
const signed = (contact: string, print: string): string => `${isolated(who(contact))} (${print.slice(0, limits.fingerprintShown)})`

const actor = (by: By): string => {
  switch (by._tag) {
    case 'Classic': return visible(showAddress(by))
    case 'Key': return signed(by.contact, by.fingerprint)
    case 'Operator': return pc.bold('the operator')
    case 'Self': return pc.bold('the server')
  }
}

/** The members of a ring, those of a long one in part. */
const ringOf = (members: ReadonlyArray<{ readonly name: string }>): string => {
  const shown = members.slice(0, limits.ringShown).map(({ name }) => named(name))
  return `; ring: ${[...shown, ...(members.length > shown.length ? [`${members.length - shown.length} more`] : []), 'home'].join(' > ')}`
}

/** What a grant is for. */
const grantOf = ({ im, root, size, path, until }: NonNullable<JournalLine['grant']>): string => {
  const names = path.slice(0, limits.ringShown).map(named)
  const to = [...names, ...(path.length > names.length ? [`${path.length - names.length} more`] : [])].join(' > ')
  return `; ${im}${root === im ? '' : `, again ${root}`}, ${plural(size, 'byte')} to ${to === '' ? 'nobody' : to}, until ${localTime(until)}`
}

const result = ({ code, sentence = '', held, members, place, grant, outcome }: JournalLine): string => {
  if (code === undefined) return ''
  const holders = (held ?? []).map(({ list, initiator, since }) => `${named(list)}: ${named(initiator)} since ${localTime(since)}`)
  return [
    `: ${status(code, sentence)}`,
    ...(holders.length > 0 ? [` (${holders.join(', ')})`] : []),
    ...(members === undefined ? [] : [ringOf(members)]),
    ...(grant === undefined ? [] : [grantOf(grant)]),
    ...(outcome === undefined ? [] : [`; ${outcome}`]),
    ...(place === undefined ? [] : [`, at ${showAddress(place)}`]),
  ].join('')
}

const deed = (line: JournalLine): string => {
  const { about: { word, args: [first = '', ...args] }, settings, changed = [], expired = [] } = line
  switch (word) {
    case 'start': return [`start ${first}`, ...changed.map((key) => `${key} ${settings !== undefined && isSet(settings, key) ? JSON.stringify(settings[key]) : ''}`)].join(', ')
    case 'moved': return `${named(first)} is at ${showAddress({ ip: args[0] ?? '', port: Number(args[1]) })} now`
    case 'close': return `close, in ${duration(Number(first))} at the latest`
    case 'wake': return expired.length === 0 ? 'looks at what waits' : `time is over: ${expired.map(({ list, initiator, since }) => `${named(list)}: ${named(initiator)} since ${localTime(since)}`).join(', ')}`
    default: return [word, ...line.about.args.map(named)].join(' ')
  }
}

/** A record as a line; where that is wider than `columns`, what was done and what came of it stand below, under its time. */
export const shown = (line: JournalLine, columns: Columns): string => {
  const position = padded(String(line.position), limits.positionColumns)
  const head = `${pc.dim(position)}  ${pc.dim(localTime(line.at))}  ${padded(actor(line.by), limits.actorColumns)}`
  const what = [`${deed(line)}${result(line)}`, ...waitedText(line)].join('; ')
  const indent = ' '.repeat(position.length + 2)
  return columns === undefined || width(head) + 2 + width(what) <= columns ? `${head}  ${what}` : `${head.trimEnd()}\n${flow(indent + what, indent, columns)}`
}
