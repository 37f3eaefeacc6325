// Every bound of the core, in one place, each with its unit and its reason. Those that an operator may change are defaults of a
// configuration value (`server/config`, `peer/config`); the others are facts of the protocol.

export const limits = {
  /** bytes: what an original program reads of one datagram; a longer one would be cut and kill it */
  classicDatagramBytes: 2048,
  /** bytes of UTF-8: a contact's or a list's name */
  nameBytes: 255,
  /** characters: a host name (RFC 1123, section 2.1) */
  hostCharacters: 253,
  /** contacts: default of a server, as in the original */
  contacts: 100,
  /** lists: default of a server, as in the original */
  lists: 150,
  /** ongoing messages of one list: default; the original has no bound, so anybody could fill its memory */
  messagesPerList: 1000,
  /** ms: how long a server that was told to end waits for ongoing messages; default */
  drainMs: 5000,
  /** ms: waits before a request that is safe to repeat is sent again; after the last one it is given up */
  classicResendMs: [1000, 2000, 2000, 2000],
  /** ms: how long the answer to a request that must not be repeated is awaited */
  classicAnswerMs: 3000,
  /** ms: how long after a request its answer may still be on its way; far above what a LAN or a campus holds a datagram */
  datagramLifeMs: 10_000,
  /** ms: how long a message may take round the ring before its sender is told that it is overdue */
  homeMs: 3000,
  /** messages: relays remembered by a peer at most, and at least half of them, so that a duplicated datagram is shown once */
  relaysRemembered: 4096,
  /** own messages that a peer remembers while they are under way */
  messagesUnderWay: 256,
  /** names of each kind that a peer remembers for completion */
  namesKnown: 4096,
  /** servers whose keys a peer has pinned; more are met, and not remembered */
  pinnedServers: 1024,
  /** contacts that a peer has pinned, over all servers: their file, which is written whole, stays under 16 MiB */
  pinnedContacts: 16_384,
  /** the highest port a contact may register: its messages go to the port above */
  highestContactPort: 65534,
} as const
