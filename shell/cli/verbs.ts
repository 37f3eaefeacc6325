// Commands on the sealed wire that both a peer and the operator have, and how their arguments are read.
import { left, map, right, type Either } from 'fp-ts/lib/Either.js'
import { ContactName, ListName, nameRule, type sealed } from '../../core/index.js'
import { flag, needed, type Row } from './rows.js'

export type Ordered = Exclude<sealed.Order, { readonly _tag: 'Register' | 'ImStart' | 'ImComplete' | 'Release' | 'Where' | 'Suspect' | 'Enqueue' | 'Unlock' }>
export type Given = string | undefined

export const contact = needed('contact', 'contact')
export const list = needed('list', 'list')

export const ticket = needed('ticket', 'ticket')

export const contactFrom = (text: Given): Either<string, ContactName> =>
  ContactName.is(text) ? right(text) : left(`"${text ?? ''}" cannot be a contact's name: ${nameRule}`)
export const listFrom = (text: Given): Either<string, ListName> => (ListName.is(text) ? right(text) : left(`"${text ?? ''}" cannot be a list's name: ${nameRule}`))

export const ticketFrom = (text: Given): Either<string, number> =>
  /^\d{1,15}$/.test(text ?? '') ? right(Number(text)) : left(`"${text ?? ''}" is no ticket: the number that --wait, --detach or locks has shown`)

const onList =
  (_tag: 'Delete' | 'Members') =>
  ([text]: ReadonlyArray<Given>): Either<string, Ordered> => map((name: ListName): Ordered => ({ _tag, list: name }))(listFrom(text))

const policies: ReadonlyMap<Given, 'open' | 'closed'> = new Map([['--open', 'open'], ['--closed', 'closed']])

export const create: Row<Ordered> = {
  word: 'create',
  args: [flag(...[...policies.keys()].map(String)), list],
  summary: 'make a contact list, empty and yours',
  detail: 'Any contact with a key may join it; with --open those of the classic wire too, with --closed only whom you invite.',
  meaning: ([policy, text]) => map((name: ListName): Ordered => ({ _tag: 'Create', list: name, policy: policies.get(policy) ?? 'sealed' }))(listFrom(text)),
}

export const remove: Row<Ordered> = {
  word: 'delete',
  args: [list],
  summary: 'delete a list',
  detail: 'By its owner. Refused while the list has an ongoing message.',
  meaning: onList('Delete'),
}

export const queryLists: Row<Ordered> = {
  word: 'query-lists',
  args: [],
  summary: 'show the names of all lists',
  detail: 'In the order in which they were created.',
  meaning: () => right({ _tag: 'QueryLists' }),
}

export const members: Row<Ordered> = {
  word: 'members',
  args: [list],
  summary: 'show who is on a list',
  detail: 'In the order in which they joined.',
  meaning: onList('Members'),
}

interface OnListAndContact<K> { readonly _tag: K; readonly list: ListName; readonly contact: ContactName }

export const listAndContact =
  <K extends 'Invite' | 'Join' | 'Leave' | 'Release'>(_tag: K, who: (text: Given) => Either<string, ContactName>) =>
  ([listText, contactText]: ReadonlyArray<Given>): Either<string, OnListAndContact<K>> => {
    const on = listFrom(listText)
    return on._tag === 'Left' ? on : map((name: ContactName) => ({ _tag, list: on.right, contact: name }))(who(contactText))
  }

export const invite: Row<Ordered> = {
  word: 'invite',
  args: [list, contact],
  summary: 'let a contact join a closed list',
  detail: "By the list's owner. The contact joins by itself.",
  meaning: listAndContact('Invite', contactFrom),
}

/** The rows whose contact may be left out where there is somebody to be meant. */
export const rowsAbout = (argument: Row<Ordered>['args'][number], who: (text: Given) => Either<string, ContactName>): Readonly<Record<'join' | 'leave' | 'exit', Row<sealed.Change>>> => ({
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
    meaning: ([text]) => map((name: ContactName): sealed.Change => ({ _tag: 'Exit', contact: name }))(who(text)),
  },
})
