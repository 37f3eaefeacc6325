// The table of what the operator may order (`peal operator`). The operator is no contact, and names one.
import { left, map, right, type Either } from 'fp-ts/lib/Either.js'
import { FileName, fileNameRule, type ContactName, type ListName, type sealed } from '../../core/index.js'
import { flag, needed, optional, type Row } from './rows.js'
import { contact, contactFrom, create, invite, list, listAndContact, listFrom, members, queryLists, remove, rowsAbout, ticket, ticketFrom } from './verbs.js'

/** An order, and what of its answer is shown: what ran out of time, or what an unlock would end. */
export interface Operation {
  readonly order: sealed.Order
  readonly shows: 'all' | 'expired' | 'unlocked'
}

const plainly = (order: sealed.Order): Operation => ({ order, shows: 'all' })

/** The first is to be said, so that nobody ends messages by a slip. */
const unlock: Row<Operation> = {
  word: 'unlock',
  args: [flag('--force'), list],
  summary: 'end all ongoing messages of a list',
  detail: 'Their senders are told that they were forced. Without --force it only says which messages it would end.',
  meaning: ([force, text]) =>
    map((name: ListName): Operation => (force === undefined ? { order: { _tag: 'Locks', list: name, contact: null }, shows: 'unlocked' } : plainly({ _tag: 'Unlock', list: name })))(listFrom(text)),
}

const lockRows: Row<Operation> = {
  word: 'locks',
  args: [flag('--expired'), optional('list', 'list')],
  summary: 'show which messages hold lists, and who waits for them',
  detail: 'Of one list, or of all. With --expired it shows the messages that ran out of time instead.',
  meaning: ([expired, text]) => {
    const asked = (name: ListName | null): Operation => ({ order: { _tag: 'Locks', list: name, contact: null }, shows: expired === undefined ? 'all' : 'expired' })
    return text === undefined ? right(asked(null)) : map(asked)(listFrom(text))
  },
}

const withdraw: Row<sealed.Order> = {
  word: 'withdraw',
  args: [ticket],
  summary: 'take back a change that waits, whosever it is',
  detail: 'By the number that locks shows. Nothing of it was done; whoever waits for it is told that it waits no more.',
  meaning: ([text]) => map((number: number): sealed.Order => ({ _tag: 'Withdraw', ticket: number }))(ticketFrom(text)),
}

const named = rowsAbout(contact, contactFrom)

const ordered: ReadonlyArray<Row<sealed.Order>> = [
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
    detail: 'For somebody who has lost them: the ongoing messages of its lists are ended, the contact is taken off every list, and anybody may register the name again.',
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

const plain = ({ meaning, ...row }: Row<sealed.Order>): Row<Operation> => ({
  ...row, meaning: (args): Either<string, Operation> => map(plainly)(meaning(args)),
})

/** What the operator may order. */
export const operations: ReadonlyArray<Row<Operation>> = [...ordered.map(plain), lockRows, plain(withdraw), unlock]
