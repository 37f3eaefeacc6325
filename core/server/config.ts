// What an operator may set. The defaults are the original's where it had a bound.
import { limits } from '../limits.js'

export interface Config {
  /** contacts at once; 456 beyond */
  readonly maxContacts: number
  /** lists at once; 458 beyond */
  readonly maxLists: number
  /** ongoing messages of one list at once; 429 beyond */
  readonly maxMessages: number
  /** bytes of a reply; a longer one is answered 413 instead, since an original that reads less of it dies */
  readonly maxReplyBytes: number
}

export const defaults: Config = {
  maxContacts: limits.contacts,
  maxLists: limits.lists,
  maxMessages: limits.messagesPerList,
  maxReplyBytes: limits.classicDatagramBytes,
}
