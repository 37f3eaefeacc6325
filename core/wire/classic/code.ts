// The codes of both wires: one table of name, code and sentence. 200 and 455..465 are the original's and never change; the
// others are ours, outside its range, for what the original dies of or never thought of.

export const codes = {
  Done: { code: 200, sentence: 'done' },
  ContactExists: { code: 455, sentence: 'a contact of that name is registered already' },
  TooManyContacts: { code: 456, sentence: 'the server has as many contacts as it takes' },
  ListExists: { code: 457, sentence: 'a list of that name exists already' },
  TooManyLists: { code: 458, sentence: 'the server has as many lists as it takes' },
  NoSuchContact: { code: 459, sentence: 'no contact of that name is registered' },
  NoSuchList: { code: 460, sentence: 'there is no list of that name' },
  AlreadyMember: { code: 461, sentence: 'the contact is in the list already' },
  NotSaved: { code: 462, sentence: 'the file could not be written' },
  Ongoing: { code: 463, sentence: 'an ongoing message keeps the membership as it is; try again when it is complete' },
  NotMember: { code: 464, sentence: 'the contact is not in the list' },
  NoneOngoing: { code: 465, sentence: 'there is no such ongoing message in the list' },
  NotRegistered: { code: 401, sentence: 'no contact is registered with this key; register first' },
  NotAllowed: { code: 403, sentence: 'that is for the contact itself, the owner of the list or the operator to do; ask one of them' },
  Stale: { code: 409, sentence: 'the contact was registered by another run of this program; register again' },
  NotInvited: { code: 423, sentence: 'the list is closed; ask its owner to invite you' },
  TooFast: { code: 430, sentence: 'too many requests at once; wait a little and try again' },
  LookAlike: { code: 451, sentence: 'the name looks like that of another contact; choose another name' },
  OneName: { code: 452, sentence: 'this key is registered under another name; exit under that name first' },
  NameNotPlain: { code: 453, sentence: 'the name is not plain; choose up to 32 visible characters, with single blanks between words' },
  TooManyMembers: { code: 454, sentence: 'the list has as many members as it takes; ask its owner to make room' },
  NoSuchMessage: { code: 404, sentence: 'nothing is known of that message any more; send it as a new one' },
  BadProof: { code: 422, sentence: 'the receipts do not add up; the message goes on until its time is over' },
  StillGoing: { code: 433, sentence: 'that message still goes on; it can be sent again when it has ended' },
  LockBudget: { code: 431, sentence: 'too many of your messages ran out of time and kept lists locked; wait a minute' },
  Fenced: { code: 425, sentence: 'a change of members waits for the list to be free; the list starts messages again when it is done, or sooner' },
  QueueFull: { code: 432, sentence: 'as many changes wait as may, of this contact or of all; withdraw one, or try again later' },
  NoSuchTicket: { code: 410, sentence: 'nothing is known of that ticket, or not any more' },
  Malformed: { code: 400, sentence: 'the request is not one that the server understands' },
  ReplyTooLarge: { code: 413, sentence: 'the answer would be longer than the wire can carry to whoever asks' },
  TooManyMessages: { code: 429, sentence: 'the list, or the contact, has as many ongoing messages as it may; try again when one is complete' },
  Closing: { code: 503, sentence: 'the server is closing and starts no new message' },
  Busy: { code: 507, sentence: 'the server has no room to keep this, and nothing was done; try again in a while' },
} as const

export type CodeName = keyof typeof codes

const names = new Map(Object.entries(codes).map(([name, { code }]) => [code as number, name as CodeName]))

/** The name of a code, or `undefined` for one that we have never heard of. */
export const codeName = (code: number): CodeName | undefined => names.get(code)
