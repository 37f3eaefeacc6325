// What the dumb server knows and what it answers: plain records, the file that they are saved in, and the one answer whose length matters.
import type { ContactName, Digest, Identity, ImId, ListName, Policy, ProcessId, sealed, server } from '../../core/index.js'

/** A message that has ended: `until` is that of the first grant of its root. */
export interface KnownDone { readonly im: ImId; readonly root: ImId; readonly list: ListName; readonly no: number; readonly commit: Digest; readonly until: number; readonly end: string }
export interface KnownKey {
  readonly identity: Identity
  boot: number
  nonce: string
  presence: 'alive' | 'suspect' | 'away'
  last: { seq: number; answer: Expected } | undefined
  /** the last sixteen */
  done: KnownDone[]
  /** all leases that ran out */
  locks: { readonly from: number; readonly to: number }[]
  /** the last sixteen */
  served: { readonly ticket: number; readonly code: number }[]
}
export interface KnownContact { readonly name: ContactName; ip: string; port: number; readonly key: KnownKey | undefined }
/** One that has a key. */
export type Keyed = KnownContact & { readonly key: KnownKey }

export interface KnownGrant {
  readonly im: ImId
  readonly root: ImId
  readonly no: number
  readonly commit: Digest
  readonly path: ReadonlyArray<number>
  readonly rootUntil: number
  said: { readonly stored: ReadonlyArray<number>; readonly closed: ReadonlyArray<number> } | undefined
}
/** `ends`: `undefined` of the classic wire, where its time is not bounded */
export interface Ongoing { readonly by: ContactName; readonly since: number; readonly lease: number | undefined; ends: number | undefined; readonly grant: KnownGrant | undefined }
/** A change of members that waits. */
export interface KnownTicket { readonly number: number; readonly by: ContactName; readonly change: sealed.Change; readonly since: number }
export interface KnownExpired { readonly list: ListName; readonly im: ImId | undefined; readonly initiator: ContactName; readonly since: number; readonly ended: number }
export interface KnownList {
  readonly name: ListName
  readonly policy: Policy
  owner: string | undefined
  guests: string[]
  members: ContactName[]
  ongoing: Ongoing[]
  epoch: number
  no: number
  /** the hash of the ring, once a grant has named it */
  ring: Digest | undefined
  fence: { readonly ticket: number; readonly since: number } | undefined
  open: number
}

/** What of the directory its parts need. */
export interface World {
  readonly contacts: ReadonlyArray<KnownContact>
  readonly lists: ReadonlyArray<KnownList>
  tickets: KnownTicket[]
  expired: KnownExpired[]
  /** what keys have locked in vain that were contacts' and are not now */
  readonly debts: Map<string, KnownKey['locks']>
  readonly position: number
  readonly process: ProcessId
  readonly now: number
  readonly config: server.Config
}

/** What the model expects as an answer: the code, what comes with it, and what is done with the asking key, or with that of the contact named. */
export interface Expected {
  readonly code: number
  readonly names?: ReadonlyArray<string>
  readonly ring?: ReadonlyArray<{ readonly name: string; readonly ip: string; readonly port: number }>
  readonly members?: ReadonlyArray<{ readonly name: string; readonly presence: string }>
  readonly boot?: number
  readonly grant?: sealed.Grant
  readonly outcome?: string
  readonly told?: sealed.Ring
  /** a ticket, its place, and when it is served at the latest */
  readonly queued?: readonly [ticket: number, place: number, opens: number | undefined]
  readonly served?: number
  readonly opens?: number | undefined
  readonly locks?: sealed.LockRows
  readonly effect?: 'Bind' | 'Part'
}

export const code = (is: number): Expected => ({ code: is })

/** `answer`, or 413 where an original would have to read more than it can: JSON with blanks after commas and colons outside of strings, \u escapes. */
export const sized = (maxReplyBytes: number, body: object, answer: Expected): Expected => {
  const strings: string[] = []
  const bare = JSON.stringify(body).replace(/"(?:[^"\\]|\\.)*"/g, (string) => `s${strings.push(string) - 1}s`)
  const blanks = (bare.match(/[,:]/g) ?? []).length
  const escaped = strings.join('').replace(/[\u007f-\uffff]/g, '\\u0000').length
  const bytes = '200-_-'.length + bare.replace(/s\d+s/g, '').length + blanks + escaped
  return bytes > maxReplyBytes ? code(413) : answer
}

/** The saved file: what the classic wire knows. */
export const saved = (contacts: ReadonlyArray<KnownContact>, lists: ReadonlyArray<KnownList>): string => {
  const line = ({ name, ip, port }: KnownContact): string => `${name} ${ip} ${port}`
  const plain = contacts.filter(({ key }) => key === undefined)
  const open = lists.filter(({ policy }) => policy === 'open').map(({ name, members }) => {
    const lines = members.flatMap((member) => plain.find((contact) => contact.name === member) ?? []).map(line)
    return [name, lines.length, ...lines].join('\n')
  })
  return [plain.length, ...plain.map(line), open.length, ...open].join('\n')
}
