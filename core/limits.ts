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
  /** members of one list: default; a ring of more has hops that nobody waits for */
  members: 512,
  /** ongoing messages of one list: default; the original has no bound, so anybody could fill its memory */
  messagesPerList: 1000,
  /** ongoing messages of one contact with a key: default; nobody holds more lists still than that */
  messagesPerContact: 4,
  /** orders a second of one key, at length and at once: defaults; ten times what a busy program asks */
  keyRequestsPerSecond: 200,
  keyRequestsAtOnce: 400,
  /** requests a second of one classic source, at length and at once: defaults; a house behind one address fits in */
  classicRequestsPerSecond: 1000,
  classicRequestsAtOnce: 1000,
  /** registrations a minute from one source, at length and at once: default; a class of pupils behind one address fits in */
  registrationsPerMinute: 120,
  /** buckets for sources, of each kind: at most so much memory, whoever sends. Sources that share one share its allowance, which nobody can
   *  exceed by it; that a flood takes a neighbour's bucket along is the price, and it costs the neighbour requests, not the server memory */
  sourceBuckets: 4096,
  /** times the bytes of a request: the longest classic answer to a source that is not private (as QUIC, RFC 9000, section 8.1) */
  amplification: 3,
  /** bytes of a sealed answer: 64 parts of 1024 */
  sealedAnswerBytes: 65_536,
  /** characters (code points): the name of a contact with a key */
  plainNameCharacters: 32,
  /** combining marks on one character of such a name; more are a stack that runs over other lines */
  marksInARow: 4,
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
  /** the highest port a contact may register: its messages go to the port above */
  highestContactPort: 65534,
} as const
