// What a peer's notices say to a person: one line each. Everything that others wrote is made visible here, and only here.
import { coloursFor } from './colours.js'
import { classic, showAddress, table, type peer } from '../../core/index.js'
import { atLatest, chainLines, type Naming } from './chain.js'
import { quote } from './quoting.js'
import { visible } from './visible.js'

const pc = coloursFor(process.stdout)

/** A line, and whether it is data (stdout) or talk (stderr, where the two are apart). */
export interface Sentence {
  readonly text: string
  readonly isTalk: boolean
}

type Sentences = { readonly [K in peer.Notice['_tag']]: (notice: peer.NoticeOf<K>) => Sentence | undefined }

const data = (text: string): Sentence => ({ text, isTalk: false })
const talk = (text: string): Sentence => ({ text, isTalk: true })

const colours = [pc.cyan, pc.green, pc.magenta, pc.yellow, pc.blue]

/** A name in its own colour, the same everywhere. */
export const who = (name: string): string => (colours[table.hash(name) % colours.length] ?? pc.cyan)(visible(name))

/** What waits until it can be done, or was done at once, is called as what it is. */
const enqueue = 'enqueue'

export const command = ({ word, args }: peer.About): string => [...(word === enqueue ? [] : [word]), ...args.map((arg) => visible(quote(arg)))].join(' ')
const complete = ({ list, initiator }: { readonly list: string; readonly initiator: string }): string =>
  `im-complete ${visible(quote(list))} ${visible(quote(initiator))}`

/** `1 send`, `2 sends`. */
export const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** A code and its sentence, in colours. */
export const status = (code: number, sentence: string): string =>
  code === 200 ? pc.green(`${code} ${sentence}`) : pc.red(`${code} ${sentence}`)

const rows = (members: NonNullable<peer.NoticeOf<'Answered'>['members']>): string =>
  members.map(({ name, fingerprint, presence, rtt }) =>
    `${visible(quote(name))} (${[...(fingerprint === undefined ? ['classic, without a key'] : [fingerprint, ...(presence === undefined ? [] : [presence])]), ...(rtt === undefined ? [] : [rtt < 1 ? '< 1 ms' : `${rtt} ms`])].join(', ')})`,
  ).join(' ')

/** What it may mean that nothing is known of a ticket: the server keeps nothing of a contact that is gone. */
const lostTickets: ReadonlyMap<number, string> = new Map([
  [classic.codes.NotRegistered.code, 'if one was, its tickets are gone with it, and an exit that waited was done, or it was forgotten by the operator'],
  [classic.codes.NoSuchTicket.code, 'it was taken back, perhaps by the operator, or is of before an exit, or what came of it is too long ago'],
])

const answered = ({ about, code, sentence, lists, members, policy, owner }: peer.NoticeOf<'Answered'>): Sentence => {
  if (policy !== undefined && members !== undefined) {
    const of = owner === undefined ? policy : `${policy}, owned by ${visible(quote(owner))}`
    return data(`${command(about)}: ${of}; ${[plural(members.length, 'member'), ...(members.length > 0 ? [rows(members)] : [])].join(': ')}`)
  }
  if (about.word === 'withdraw' && code === 200) return data(`ticket ${about.args[0] ?? ''} is withdrawn: nothing was done, and nothing will be`)
  const lost = about.word === 'ticket' || about.word === 'withdraw' ? lostTickets.get(code) : undefined
  if (lost !== undefined) return data(`${command(about)}: ${status(code, sentence)}: ${lost}`)
  const names = lists === undefined ? '' : `; ${[plural(lists.length, 'list'), ...(lists.length > 0 ? [lists.map((name) => visible(quote(name))).join(' ')] : [])].join(': ')}`
  return data(`${command(about)}: ${status(code, sentence)}${names}`)
}

const unansweredMeaning = ({ word, args: [first = ''] }: peer.About, outcome: peer.NoticeOf<'Unanswered'>['outcome'], why: peer.NoticeOf<'Unanswered'>['why']): string => {
  // nobody has asked for anything to be done: the change may wait, or be done meanwhile
  if (word === 'ticket') return 'what has come of it is not known yet'
  if (outcome === 'notExecuted' || ['query-lists', 'members', 'locks'].includes(word)) return 'it was not done'
  const advice = why === 'superseded' ? '' : why === 'busy' ? '; whoever runs it has to make room' : word === 'withdraw' ? `; ticket ${first} shows it` : '; query-lists shows whether the server answers again'
  return `whether it was done${word === enqueue ? ', or waits,' : ''} is unknown${advice}`
}

const unanswered = ({ about, outcome, why, sends }: peer.NoticeOf<'Unanswered'>): Sentence => {
  const cause = {
    silence: `no answer after ${plural(sends, 'send')}`,
    portClosed: 'nothing listens at the server\'s address',
    busy: `the server had no room to store it, asked ${plural(sends, 'time')}`,
    closing: 'the program ended before the answer came',
    superseded: 'the server answers this program no more',
  }[why]
  return talk(`${command(about)}: ${cause}; ${unansweredMeaning(about, outcome, why)}`)
}

const serverMet = ({ fingerprint, how }: peer.NoticeOf<'ServerMet'>): Sentence | undefined => {
  switch (how) {
    case 'pinned':
    case 'named': return undefined
    case 'accepted': return talk(`the server's key is now ${fingerprint}: accepted, and remembered in place of the other one`)
    case 'firstUse':
      return talk(`first contact: the server's key is ${fingerprint}, and is remembered. Compare it with what the server shows, or somebody may be in between`)
  }
}

/** How the key that is missed was known. */
const sources = { named: 'the one you gave', pinned: 'the one remembered', met: 'the one met before' } as const

const otherServer = ({ expected, found, source }: peer.NoticeOf<'OtherServer'>): Sentence =>
  talk(
    `STOPPED: the server's key is not ${sources[source]}, ${expected}, but ${found}. Somebody is in between, or the server was set up anew. ` +
      (source === 'named' ? 'Ask who runs it which key is right' : 'Ask who runs it; if the new key is right, --accept-server-key takes it'),
  )

/** Why there is no receipt, in words. */
const reasons: Readonly<Record<string, string>> = {
  portClosed: 'port closed', noSession: 'no answer to a hello', remembered: 'unreachable a moment ago', late: 'too late', closed: 'not taken', silent: 'no answer', refused: 'refused', away: 'away', notAllowed: '--allow-classic', tooLarge: 'too large for classic',
}

/** A member without a receipt, and what is known of why. */
export const missing = ({ name, why, by, sends }: peer.NoticeOf<'Reported'>['unknown'][number]): string => {
  const evidence = [
    ...(why === undefined ? [] : [`${visible(reasons[why] ?? why)}${by === undefined ? '' : `, says ${visible(by)}`}`]),
    ...(sends === undefined ? [] : [sends === 1 ? '1 try' : `${sends} tries`]),
  ]
  return `${who(name)}${evidence.length === 0 ? '' : ` (${evidence.join(', ')})`}`
}

type Leaf = peer.NoticeOf<'Reported'>['leaves'][number]

/** Of classic members: to whom nothing was sent, and why. */
const notSent = ({ name, why = '' }: Leaf): string => `${who(name)} (${why === 'tooLarge' ? '' : 'classic; '}${reasons[why] ?? visible(why)})`

const reported = ({ im, ms, delivered, undelivered, unknown, leaves, poisoned, again }: peer.NoticeOf<'Reported'>): Sentence => {
  const all = delivered.length + undelivered.length + unknown.length + leaves.length
  const leavesOf = (outcome: Leaf['outcome']): ReadonlyArray<Leaf> => leaves.filter((leaf) => leaf.outcome === outcome)
  const open = [...unknown.map(missing), ...leavesOf('silent').map(({ name }) => `${who(name)} (in clear, silent)`)]
  const [shown, left] = [leavesOf('bounced'), leavesOf('notSent')]
  const isToSend = unknown.length + undelivered.length > 0 || left.some(({ why }) => why !== 'tooLarge')
  const count = `${again ? 'now ' : ''}delivered ${delivered.length}/${all} in ${ms} ms`
  const parts = [
    delivered.length + shown.length === all ? pc.green(count) : pc.yellow(count),
    ...(shown.length === 0 ? [] : [`in clear, unproven: ${shown.map(({ name }) => who(name)).join(', ')}`]),
    ...(open.length === 0 ? [] : [`no receipt: ${open.join(', ')}`]),
    ...(left.length === 0 ? [] : [`not sent: ${left.map(notSent).join(', ')}`]),
    ...(undelivered.length === 0 ? [] : [`not delivered: ${undelivered.map(missing).join(', ')}`]),
    ...(poisoned === 0 ? [] : [`${poisoned === 1 ? 'a copy' : `${poisoned} copies`} came home with false receipts`]),
    ...(isToSend ? [`resend ${im} tries again`] : []),
  ]
  return data(parts.join('; '))
}

const released = ({ list, outcome }: peer.NoticeOf<'Released'>): Sentence | undefined => {
  switch (outcome) {
    case 'proof': return undefined
    case 'recorded': return talk(pc.dim(`${visible(quote(list))} keeps its members for some seconds more: not all have settled`))
    case 'expired': return talk(pc.dim(`the time of the message to ${visible(quote(list))} was over`))
    case 'forced': return talk(`the operator has ended the message to ${visible(quote(list))}`)
    default: return talk(`the server did not take the report on ${visible(quote(list))}: ${visible(outcome)}`)
  }
}

const taken = ({ list, from, text, missed, late, repeated, caughtUp }: peer.NoticeOf<'Taken'>): Sentence => {
  const marks = [
    ...(missed === undefined ? [] : [`${plural(missed, 'message')} missing before this one`]),
    ...(late === true ? ['late'] : []),
    ...(repeated === true ? ['perhaps shown before'] : []),
    ...(caughtUp === true ? ['caught up'] : []),
  ]
  return data(`[${visible(list)}] ${who(from)}${marks.length === 0 ? '' : pc.dim(` (${marks.join(', ')})`)}: ${visible(text)}`)
}

/** Why a message was not taken, in words. */
const closedFor: Readonly<Record<string, string>> = { muted: 'the list is muted', full: 'the diary is full', tooLarge: 'it is too long' }

/** How a screen shows names. */
export const onScreen: Naming = { list: (name) => visible(quote(name)), who }

const locks = (notice: peer.NoticeOf<'Locks'>): Sentence => {
  const lines = chainLines(onScreen, notice)
  return data(lines.length === 0 ? 'no message holds a list, and nobody waits' : lines.join('\n'))
}

const queued = ({ about, ticket, place, opens, now }: peer.NoticeOf<'Queued'>): Sentence => {
  const first = about.word === enqueue ? `${command(about)} waits as ticket ${ticket}` : `ticket ${ticket} waits`
  return data(`${first}, at place ${place}: ${opens === undefined ? 'nobody can tell until when' : `done ${atLatest(opens, now)}, as it looks now`}`)
}

/** What is said of a ticket that nobody waits for here any more. */
export const stillWaits = (ticket: number): string =>
  `as far as is known the change still waits at the server, as ticket ${ticket}: ticket ${ticket} shows what has come of it, withdraw ${ticket} takes it back`

/** Why a message waits, and how long at most. */
const postponed = ({ list, name, again, ms }: peer.NoticeOf<'Postponed'>): Sentence => {
  const why = name === 'StillGoing' ? 'the message still goes on' : `somebody waits to join or leave ${visible(quote(list))}, so that it starts no message now`
  const until = ms === undefined ? 'when that is done' : `in ${Math.ceil(ms / 1000)} s at the latest`
  return talk(pc.dim(`${why}; ${again ? 'it is sent again' : 'yours is sent'} ${until}`))
}

const sentences: Sentences = {
  Queued: queued,
  Served: ({ ticket, code, sentence }) => data(`ticket ${ticket}: ${status(code, sentence)}`),
  Locks: locks,
  Begun: () => undefined,
  RoundHome: () => undefined,
  Reported: reported,
  Released: released,
  Muted: ({ list, muted }) => talk(`messages of ${visible(quote(list))} are ${muted ? 'not taken from now on' : 'taken again'}`),
  CatchesUp: ({ list, on }) => talk(`what is missed of ${visible(quote(list))} is ${on ? 'asked of co-members, and given to them' : 'neither asked for nor given to others from now on'}`),
  TooFew: ({ have, members, required }) => talk(`${have} of ${members} have it, and ${required} were required`),
  Postponed: postponed,
  LeftUnderWay: ({ im, list }) => talk(`the message to ${visible(quote(list))} was begun, and this program ends before it is known who has it; the next one of these keys tells what it finds out, and resend ${im} tries again there`),
  NotBegun: ({ list, code, sentence }) => talk(`not sent${list === '' ? '' : ` to ${visible(quote(list))}`}: ${code === 0 ? visible(sentence) : status(code, sentence)}`),
  Taken: taken,
  Gap: ({ list, from, to, missing }) =>
    talk(pc.dim(`${plural(missing, 'message')} to ${visible(quote(list))} ${missing === 1 ? 'is' : 'are'} missing here, ${from === to ? `number ${from}` : `of the numbers ${from} to ${to}`}, and nobody who was asked gave ${missing === 1 ? 'it' : 'them'}`)),
  Closed: ({ list, from, why }) => talk(pc.dim(`a message of ${who(from)} to ${visible(quote(list))} was not taken: ${visible(closedFor[why] ?? why)}`)),
  Ready: () => undefined,
  TextWanted: () => undefined,
  Answered: answered,
  Unanswered: unanswered,
  AnsweredLate: ({ about, code, sentence }) => data(`${command(about)}: answered late, ${status(code, sentence)}`),
  ElsewhereRegistered: ({ contact, registered, own }) =>
    talk(`note: ${visible(contact)} is registered at ${showAddress(registered)}, this peer is ${showAddress(own)}: its messages go elsewhere`),
  Sent: ({ which, to, members }) => talk(`sent to ${visible(quote(which.list))}: ${members.map(visible).join(' > ')} > home; first to ${visible(to)}`),
  Home: ({ which, members, ms }) =>
    data(
      members === 1
        ? `${visible(which.initiator)} is alone in ${visible(quote(which.list))}: complete. Now: ${complete(which)}`
        : `home after ${ms} ms: all ${members} in ${visible(quote(which.list))} have it. Now: ${complete(which)}`,
    ),
  Overdue: ({ which, ms }) =>
    talk(`the message to ${visible(quote(which.list))} is not home after ${ms} ms: a member may be gone. ${complete(which)} frees the list`),
  Dropped: ({ completing, ...which }) => talk(`no message was sent; ${completing ? 'its im-start is completed' : `the list is held until ${complete(which)}`}`),
  Shown: ({ from, text, list, unproven }) =>
    data(`${list === undefined ? '' : `[${visible(list)}] `}${who(from)}${unproven === true ? pc.dim(' (in clear, unproven)') : ''}: ${visible(text)}`),
  Passed: ({ to, home }) => (home ? talk(pc.dim(`passed home to ${visible(to)}`)) : talk(pc.dim(`passed on to ${visible(to)}`))),
  HomeUnknown: ({ initiator }) => talk(`a message of ${visible(initiator)} came home that was not sent from here`),
  NotPassed: ({ to, why }) => talk(`the message could not go on to ${visible(to)}: ${visible(why)}`),
  Ignored: ({ count, expected }) => talk(`ignored ${plural(count, 'datagram')} so far; expected ${visible(expected)}`),
  NotTaken: ({ sentence }) => talk(`not done: ${visible(sentence)}`),
  StillRegistered: ({ contacts }) => talk(`still registered at the server: ${contacts.map((name) => visible(quote(name))).join(' ')}`),
  ServerMet: serverMet,
  NoAnswerYet: ({ sends, busy }) =>
    talk(pc.dim(`${busy === true ? 'the server has no room to store anything' : `no answer after ${plural(sends, 'send')}`}; trying for half a minute`)),
  Unmet: ({ sends }) => talk(`no server: nobody answered after ${plural(sends, 'send')}; nothing was done`),
  OtherServer: otherServer,
  Superseded: () => talk('another program registered with the key of this one, which therefore ends; run one program a key'),
  KeyChanged: ({ contact, was, is }) =>
    talk(
      `WARNING: ${who(contact)} has another key than before: ${was}, now ${is}. It was set up anew, or somebody stands in for it. Ask in another way; ` +
        `then accept ${visible(quote(contact))} takes the new one`,
    ),
  KeyAccepted: ({ contact, fingerprint }) => data(`the key ${fingerprint} of ${who(contact)} is accepted and remembered`),
}

/** The line for a notice, or none for those that are only a prompt. */
export const sentenceFor = (notice: peer.Notice): Sentence | undefined =>
  (sentences[notice._tag] as (of: peer.Notice) => Sentence | undefined)(notice)
