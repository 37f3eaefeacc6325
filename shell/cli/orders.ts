// The table of commands on the sealed wire that a peer may type. Where it leaves a contact out it means itself.
import { left, map, right, type Either } from 'fp-ts/lib/Either.js'
import { ImId, type ContactName, type ListName, type sealed } from '../../core/index.js'
import { choice, flag, needed, optional, type Row } from './rows.js'
import { contact, contactFrom, create, invite, list, listFrom, members, queryLists, remove, rowsAbout, ticket, ticketFrom, type Given, type Ordered } from './verbs.js'

/** What a peer's line means. `Register` gets its keys and its proof, and `Accept` its key, from the peer itself. */
export type Meant =
  | { readonly _tag: 'Order'; readonly order: Ordered }
  | { readonly _tag: 'Register'; readonly contact: ContactName }
  /** the changed key of this contact is trusted from now on */
  | { readonly _tag: 'Accept'; readonly contact: ContactName }
  /** a message, whose text is typed next where it is missing */
  | { readonly _tag: 'Send'; readonly list: ListName; readonly text: string | undefined; readonly inClear: boolean }
  | { readonly _tag: 'Resend'; readonly im: ImId; readonly inClear: boolean }
  | { readonly _tag: 'Mute'; readonly list: ListName; readonly muted: boolean }
  | { readonly _tag: 'CatchUp'; readonly list: ListName; readonly on: boolean }
  | { readonly _tag: 'History'; readonly list: ListName | undefined }
  /** a change that may wait at the server; `isAwaited`: this peer waits too, until it is done */
  | { readonly _tag: 'Enqueue'; readonly change: sealed.Change; readonly isAwaited: boolean }
  /** what the server has refused last, and why */
  | { readonly _tag: 'Explain' }

const orOneself =
  (own: ContactName | undefined) =>
  (text: Given): Either<string, ContactName> => {
    if (text !== undefined) return contactFrom(text)
    return own === undefined ? left('register first, or name the contact') : right(own)
  }

/** The same change, as soon as no message is in its way. */
const waiting = ({ meaning, args, detail, ...row }: Row<sealed.Change>): Row<Meant> => ({
  ...row,
  args: [flag('--wait', '--detach'), ...args],
  detail: `${detail} --wait does it as soon as it can be done, and Ctrl-C takes that back; --detach does not wait for it, and says by which number ticket and withdraw know it.`,
  meaning: ([how, ...rest]) =>
    map((change: sealed.Change): Meant => (how === undefined ? { _tag: 'Order', order: change } : { _tag: 'Enqueue', change, isAwaited: how === '--wait' }))(meaning(rest)),
})

const onTicket = (_tag: 'Ticket' | 'Withdraw') => ([given]: ReadonlyArray<Given>): Either<string, Ordered> => map((number: number): Ordered => ({ _tag, ticket: number }))(ticketFrom(given))

/** What is in the way, and what waits for it. */
const queue: ReadonlyArray<Row<Ordered>> = [
  {
    word: 'ticket',
    args: [ticket],
    summary: 'show what has become of a change that waits',
    detail: 'By the number that --wait or --detach has shown.',
    meaning: onTicket('Ticket'),
  },
  {
    word: 'withdraw',
    args: [ticket],
    summary: 'take back a change that waits',
    detail: 'What was done under it stays done.',
    meaning: onTicket('Withdraw'),
  },
  {
    word: 'locks',
    args: [optional('list', 'list')],
    summary: 'show which messages hold a list, until when, and who waits for them',
    detail: 'Of one list, or of all that you are on.',
    meaning: ([given]) => map((name: ListName | null): Ordered => ({ _tag: 'Locks', list: name, contact: null }))(given === undefined ? right(null) : listFrom(given)),
  },
]

const explain: Row<Meant> = {
  word: 'explain',
  args: [],
  summary: 'show what was refused last, and what was in its way',
  detail: 'Of this program: the code and its sentence, the messages that held the lists, and who waited for them; then what is in its way now.',
  meaning: () => right({ _tag: 'Explain' }),
}

const text = (optionally: boolean): Row<Meant>['args'][number] => (optionally ? optional : needed)('text', 'text')

/** What leaves in clear leaves because somebody has said so. */
const allowClassic = flag('--allow-classic')

/** Who sends is who has registered here: whoever else is named is somebody else. */
const messages = (own: ContactName | undefined): ReadonlyArray<Row<Meant>> => {
  const to = (allowed: Given, listText: Given, said: string | undefined): Either<string, Meant> =>
    map((name: ListName): Meant => ({ _tag: 'Send', list: name, text: said, inClear: allowed !== undefined }))(listFrom(listText))
  const onList = (meant: (name: ListName) => Meant) => ([listText]: ReadonlyArray<Given>): Either<string, Meant> => map(meant)(listFrom(listText))
  return [
    {
      word: 'send',
      args: [allowClassic, list, text(false)],
      summary: 'send a message round a list, and tell who has it',
      detail: 'The text is the rest of the line as it stands. The list keeps its members until all have settled, or for some seconds. Classic members get it in clear, and only with --allow-classic.',
      meaning: ([allowed, listText, said]) => to(allowed, listText, said ?? ''),
    },
    {
      word: 'im-start',
      args: [allowClassic, list, optional('contact', 'contact'), text(true)],
      summary: 'the same, step by step',
      detail: 'Asks for one line of text with "> ", and begins when it has it. Nothing need be completed.',
      meaning: ([allowed, listText, name, said]) => {
        if (own === undefined) return left('register first')
        return name === undefined || name === own ? to(allowed, listText, said) : left(`you are ${own}, and send as nobody else`)
      },
    },
    {
      word: 'resend',
      args: [allowClassic, needed('im', 'im')],
      summary: 'send a message again to whoever has given no receipt',
      detail: 'By the id that its report shows. Whoever has it already shows nothing. A classic member that was sent a copy gets no other: it would show it twice.',
      meaning: ([allowed, im]) => (ImId.is(im) ? right({ _tag: 'Resend', im, inClear: allowed !== undefined }) : left(`"${im ?? ''}" is no message's id: 28 hexadecimal digits, which its report shows`)),
    },
    {
      word: 'history',
      args: [optional('list', 'list')],
      summary: 'show what was sent and taken',
      detail: 'Of one list, or of all, the oldest first.',
      meaning: ([listText]) => (listText === undefined ? right({ _tag: 'History', list: undefined }) : map((name: ListName): Meant => ({ _tag: 'History', list: name }))(listFrom(listText))),
    },
    {
      word: 'mute',
      args: [list],
      summary: 'take no more messages of a list',
      detail: 'Their senders are told that you did not take them. You stay a member.',
      meaning: onList((name) => ({ _tag: 'Mute', list: name, muted: true })),
    },
    {
      word: 'unmute',
      args: [list],
      summary: 'take its messages again',
      detail: 'What was refused meanwhile does not come any more.',
      meaning: onList((name) => ({ _tag: 'Mute', list: name, muted: false })),
    },
    {
      word: 'catch-up',
      args: [list, choice('on', 'off')],
      summary: 'ask co-members for what you missed, or do not',
      detail: 'What went round while you were away is asked of who has it, and marked so; others get from you what they missed. On unless you say off.',
      meaning: ([listText, said]) =>
        said === 'on' || said === 'off' ? map((name: ListName): Meant => ({ _tag: 'CatchUp', list: name, on: said === 'on' }))(listFrom(listText)) : left('say on or off'),
    },
  ]
}

/** What a peer may type that is registered as `own`; `undefined`: not yet. */
export const orders = (own: ContactName | undefined): ReadonlyArray<Row<Meant>> => {
  const { join, leave, exit } = rowsAbout(optional('contact', 'contact'), orOneself(own))
  const ordered = (row: Row<Ordered>): Row<Meant> => ({
    ...row,
    meaning: (args) => map((order: Ordered): Meant => ({ _tag: 'Order', order }))(row.meaning(args)),
  })
  const naming = (_tag: 'Register' | 'Accept') => ([text]: ReadonlyArray<Given>): Either<string, Meant> =>
    map((name: ContactName): Meant => ({ _tag, contact: name }))(contactFrom(text))
  return [
    {
      word: 'register',
      args: [contact],
      summary: 'make yourself known to the server by that name',
      detail: 'The name is bound to your keys: nobody else can register it.',
      meaning: naming('Register'),
    },
    ...[create, remove, queryLists, members, invite].map(ordered),
    ...[join, leave, exit].map(waiting),
    ...queue.map(ordered),
    explain,
    ...messages(own),
    {
      word: 'accept',
      args: [contact],
      summary: 'trust the changed key of a contact',
      detail: 'Compare the fingerprints first, by a way that nobody else writes to: whoever has the new key reads what you send.',
      meaning: naming('Accept'),
    },
  ]
}
