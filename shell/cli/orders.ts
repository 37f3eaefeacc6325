// The tables of commands on the sealed wire: what a peer may type, and what the operator may (`peal operator`). Where a peer leaves a
// contact out it means itself; the operator is no contact, and names one.
import { left, map, right, type Either } from 'fp-ts/lib/Either.js'
import { ContactName, FileName, fileNameRule, ImId, ListName, nameRule, type sealed } from '../../core/index.js'
import { choice, flag, needed, optional, type Row } from './rows.js'

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

type Ordered = Exclude<sealed.Order, { readonly _tag: 'Register' | 'ImStart' | 'ImComplete' | 'Release' | 'Suspect' | 'Enqueue' | 'Withdraw' | 'Ticket' | 'Locks' | 'Unlock' }>
type Given = string | undefined

const contact = needed('contact', 'contact')
const list = needed('list', 'list')

const contactFrom = (text: Given): Either<string, ContactName> =>
  ContactName.is(text) ? right(text) : left(`"${text ?? ''}" cannot be a contact's name: ${nameRule}`)
const listFrom = (text: Given): Either<string, ListName> => (ListName.is(text) ? right(text) : left(`"${text ?? ''}" cannot be a list's name: ${nameRule}`))

const onList =
  (_tag: 'Delete' | 'Members') =>
  ([text]: ReadonlyArray<Given>): Either<string, Ordered> => map((name: ListName): Ordered => ({ _tag, list: name }))(listFrom(text))

const policies: ReadonlyMap<Given, 'open' | 'closed'> = new Map([['--open', 'open'], ['--closed', 'closed']])

const create: Row<Ordered> = {
  word: 'create',
  args: [flag(...[...policies.keys()].map(String)), list],
  summary: 'make a contact list, empty and yours',
  detail: 'Any contact with a key may join it; with --open those of the classic wire too, with --closed only whom you invite.',
  meaning: ([policy, text]) => map((name: ListName): Ordered => ({ _tag: 'Create', list: name, policy: policies.get(policy) ?? 'sealed' }))(listFrom(text)),
}

const remove: Row<Ordered> = {
  word: 'delete',
  args: [list],
  summary: 'delete a list',
  detail: 'By its owner. Refused while the list has an ongoing message.',
  meaning: onList('Delete'),
}

const queryLists: Row<Ordered> = {
  word: 'query-lists',
  args: [],
  summary: 'show the names of all lists',
  detail: 'In the order in which they were created.',
  meaning: () => right({ _tag: 'QueryLists' }),
}

const members: Row<Ordered> = {
  word: 'members',
  args: [list],
  summary: 'show who is on a list',
  detail: 'In the order in which they joined.',
  meaning: onList('Members'),
}

interface OnListAndContact<K> { readonly _tag: K; readonly list: ListName; readonly contact: ContactName }

const listAndContact =
  <K extends 'Invite' | 'Join' | 'Leave' | 'Release'>(_tag: K, who: (text: Given) => Either<string, ContactName>) =>
  ([listText, contactText]: ReadonlyArray<Given>): Either<string, OnListAndContact<K>> => {
    const on = listFrom(listText)
    return on._tag === 'Left' ? on : map((name: ContactName) => ({ _tag, list: on.right, contact: name }))(who(contactText))
  }

const invite: Row<Ordered> = {
  word: 'invite',
  args: [list, contact],
  summary: 'let a contact join a closed list',
  detail: "By the list's owner. The contact joins by itself.",
  meaning: listAndContact('Invite', contactFrom),
}

/** The rows whose contact may be left out where there is somebody to be meant. */
const rowsAbout = (argument: Row<Ordered>['args'][number], who: (text: Given) => Either<string, ContactName>): Readonly<Record<'join' | 'leave' | 'exit', Row<Ordered>>> => ({
  join: {
    word: 'join',
    args: [list, argument],
    summary: 'put a contact on a list',
    detail: 'Refused while the contact is part of an ongoing message anywhere, or the list has one: try again when it is complete.',
    meaning: listAndContact('Join', who),
  },
  leave: {
    word: 'leave',
    args: [list, argument],
    summary: 'take a contact off a list',
    detail: 'Refused while the list has an ongoing message.',
    meaning: listAndContact('Leave', who),
  },
  exit: {
    word: 'exit',
    args: [argument],
    summary: 'take a contact off every list and free its name',
    detail: 'Its lists go to their oldest members, its invitations end; a peer whose contact it was ends too. Refused while the contact is part of an ongoing message.',
    meaning: ([text]) => map((name: ContactName): Ordered => ({ _tag: 'Exit', contact: name }))(who(text)),
  },
})

const orOneself =
  (own: ContactName | undefined) =>
  (text: Given): Either<string, ContactName> => {
    if (text !== undefined) return contactFrom(text)
    return own === undefined ? left('register first, or name the contact') : right(own)
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
      meaning: ([allowed, im]) => (ImId.is(im) ? right({ _tag: 'Resend', im, inClear: allowed !== undefined }) : left(`"${im ?? ''}" is no message's id: 28 digits, which its report shows`)),
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
    ...[create, remove, queryLists, members, invite, join, leave, exit].map(ordered),
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

const named = rowsAbout(contact, contactFrom)

/** What the operator may order. */
export const operations: ReadonlyArray<Row<sealed.Order>> = [
  {
    word: 'save',
    args: [needed('file', 'file')],
    summary: "save contacts and lists to a file in the server's folder",
    detail: `The file is ${fileNameRule}. A file of that name is replaced.`,
    meaning: ([file]) => (FileName.is(file) ? right({ _tag: 'Save', file }) : left(`"${file ?? ''}" is not ${fileNameRule}`)),
  },
  {
    word: 'forget',
    args: [contact],
    summary: 'free the name of a contact from its keys',
    detail: 'For somebody who has lost them: the contact is taken off every list, and anybody may register the name again.',
    meaning: ([text]) => map((name: ContactName): sealed.Order => ({ _tag: 'Forget', contact: name }))(contactFrom(text)),
  },
  create,
  remove,
  queryLists,
  members,
  invite,
  named.join,
  named.leave,
  named.exit,
  {
    word: 'im-complete',
    args: [list, contact],
    summary: "end that contact's oldest ongoing message in a list",
    detail: 'Frees a list that is held by a message whose initiator has gone.',
    meaning: listAndContact('Release', contactFrom),
  },
]
