// What a demonstration is made of: scenes, and in them rows, each drawn as a line or a few. All of it is data: what is typed where, what
// must come of it, and what a person is told about it. Nothing here runs or prints.

/** A line typed at a prompt, and the answer that must come. */
export interface Line {
  /** whose prompt */
  readonly at: string
  readonly typed: string
  /** the code of the answer; 200 is success */
  readonly code: number
  /** a refusal in a few words */
  readonly why?: string
  /** the exit code of the program at that prompt, where this line ends it */
  readonly ends?: number
}

/** An im-start, granted, and its line of text; everybody on the ring but the first must show it, once and in this order. */
export interface Message {
  readonly list: string
  readonly text: string
  /** the initiator, at whose prompt it is typed, then the others in the order of joining */
  readonly ring: readonly [string, ...ReadonlyArray<string>]
}

/** A list and its members, in the order of joining. */
export interface Roster {
  readonly list: string
  readonly members: ReadonlyArray<string>
}

export type Row =
  /** the server's program starts */
  | { readonly _tag: 'Serve' }
  /** a peer's program starts, and the contact of that name registers */
  | { readonly _tag: 'Register'; readonly name: string }
  | { readonly _tag: 'Ask'; readonly line: Line }
  /** a list is created at the first member's prompt, and each member joins at its own */
  | ({ readonly _tag: 'Gather' } & Roster)
  /** all are started, in this order; only then all texts are typed, at once */
  | { readonly _tag: 'Send'; readonly messages: ReadonlyArray<Message> }
  /** what must stand in the file that was saved: contacts in the order of registration, lists in the order of creation */
  | { readonly _tag: 'Read'; readonly file: string; readonly contacts: ReadonlyArray<string>; readonly lists: ReadonlyArray<Roster> }
  /** the server's program is told to end */
  | { readonly _tag: 'Close' }
  | SealedRow

/** What only the sealed wire knows. */
export type SealedRow =
  /** sealed peers' programs start together, behind a network that may lose what they send, and register */
  | { readonly _tag: 'Meet'; readonly names: ReadonlyArray<string> }
  /** the network loses so many of ten datagrams from now on */
  | { readonly _tag: 'Lose'; readonly ofTen: number }
  /** that peer's program is killed, and nobody is told */
  | { readonly _tag: 'Kill'; readonly name: string }
  /** a message; the report must say that these have it, and that nobody knows of those */
  | { readonly _tag: 'Deliver'; readonly at: string; readonly list: string; readonly text: string; readonly delivered: ReadonlyArray<string>; readonly unknown: ReadonlyArray<string> }
  /** that member can leave the list, and join it again, at the latest when the lease of the newest message is over */
  | { readonly _tag: 'Free'; readonly at: string; readonly list: string }
  /** a killed peer's program starts again */
  | { readonly _tag: 'Return'; readonly name: string }
  /** the newest message is sent again: then all of these have it */
  | { readonly _tag: 'Resend'; readonly at: string; readonly delivered: ReadonlyArray<string> }

/** Scenes that are played on a stage of their own. */
export interface Part {
  readonly name: 'classic' | 'sealed'
  /** what it is about, in a sentence */
  readonly opening: string
  readonly scenes: ReadonlyArray<Scene>
}

export interface Scene {
  readonly title: string
  /** what to notice, in one sentence */
  readonly notice: string
  readonly rows: ReadonlyArray<Row>
}
