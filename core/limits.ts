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
  /** bytes: a sealed datagram; what IPv6's least link (1280) carries with some room for a tunnel, so that none is ever in fragments */
  sealedDatagramBytes: 1200,
  /** bytes: what a record takes of a sealed datagram: its header and its tag, 16 each */
  recordBytes: 32,
  /** bytes: every frame is padded to a multiple of it, so that lengths tell less */
  framePadding: 16,
  /** bytes: each part of a body but the last, which is at most as long */
  partBytes: 1024,
  /** parts: one bit each in a bitmap of 64 */
  partsPerBody: 64,
  /** bytes of UTF-8: the text of a message on the sealed wire; with a grant for a ring of 512 in front of it a body of 64 parts */
  textBytes: 64_512,
  /** members of a ring on the sealed wire: a bit each in a grant's path and in an envelope's trail, and the ring itself in 64 parts */
  ringMembers: 512,
  /** contacts that an im-start can name to whom a message is sent again: so many fit into a request of one datagram */
  namedAgain: 12,
  /** what an envelope tells of members that were passed over; of more the latest are left out */
  notesInTrail: 8,
  /** bytes: a relay's head; what a whole part leaves of a datagram (1200 - 32 - 1024, and 21 for the relay's other fields) */
  relayHeadBytes: 123,
  /** counters behind the newest that are told apart from repeated ones (RFC 6479, as WireGuard has it) */
  replayWindow: 8128,
  /** ms: the age at which the initiator of a session begins another, and at which nobody uses it any more (WireGuard's) */
  rekeyAfterMs: 120_000,
  rejectAfterMs: 180_000,
  /** sessions, and hellos under way, with one neighbour: crossing and repeated hellos make more than one */
  sessionsPerNeighbour: 3,
  /** sessions of keys that are no contact's, all together, and the ms that each lasts: enough to register */
  guestSessions: 1024,
  guestMs: 10_000,
  /** records of each of these: a register that is sent twelve times has few; what it shows for itself costs a verification, about 0.07 ms */
  guestRecords: 32,
  /** of these, places that are given without asking for a cookie: the other half is nobody's who does not listen where it says, nor one network's */
  guestsUnasked: 512,
  /** frames that wait for a session with one neighbour; a later one takes the place of the oldest */
  framesWaiting: 8,
  /** ms: wait for the answer to each of the first so many hellos; then doubled up to the last figure; times 1 to 1.25. With 50 % loss each way three
   *  hellos in four come to nothing, and a member is passed over after 3 s */
  helloMs: 250,
  hellosInARow: 8,
  helloMostMs: 2000,
  /** ms: so young a session is not doubted, whatever is not answered under it: another hello would only take its place at the other side */
  doubtAfterMs: 3000,
  /** hellos within `helloSpanMs` to an address that others named for a neighbour, and to one neighbour wherever it is said to be */
  hellosToHinted: 3,
  hellosToAppointed: 12,
  helloSpanMs: 10_000,
  /** knocks within `helloSpanMs` of one co-member at another, and of all at one: a knock makes a peer say as many hellos as may go to where others name */
  knocksOfOne: 3,
  knocksOfAll: 32,
  /** hellos in a row without an answer, after which a neighbour counts as unreachable */
  hellosUnanswered: 12,
  /** hellos a second with a right mac1 (each costs a key agreement, about 0.3 ms) beyond which a cookie is asked for; an eighth of them at once */
  hellosASecond: 128,
  /** cookies given a second, and at once: a flood that is answered at length costs more than it is worth */
  retryRate: { perSecond: 2000, burst: 200 },
  /** ms: how long a report of a lagging loop counts as load */
  loadMs: 1000,
  /** ms: how long a cookie's secret is used; a cookie is good for one to two of these (WireGuard's) */
  cookieMs: 120_000,
  /** hellos with a cookie that are answered, of one network (/24, /56): a second, and at once (WireGuard's) */
  networkRate: { perSecond: 20, burst: 5 },
  /** slots for these allowances: networks that share one by chance share an allowance */
  allowanceSlots: 4096,
  /** servers whose keys a peer has pinned; more are met, and not remembered */
  pinnedServers: 1024,
  /** contacts that a peer has pinned, over all servers: their file, which is written whole, stays under 16 MiB */
  pinnedContacts: 16_384,
  /** sends of a sealed request: with waits of 1 s and then 2 s, half a minute in which a server may start again */
  requestSends: 12,
  /** sends without an answer after which a peer that has heard nothing from its server asks who is there: 3 s without a sample */
  sendsBeforeWho: 3,
  /** ms: wait for an answer at the first send while no round trip is known (RFC 6298, section 2.1) */
  rtoFirstMs: 1000,
  /** ms: the shortest wait; above what a busy server's turn takes */
  rtoLowestMs: 30,
  /** ms: the longest wait, before chance makes it longer */
  rtoHighestMs: 2000,
  /** ms, and sends: the longest wait for a grant, whose lease runs from the first im-start that arrived. With 50 % loss each way a send comes to nothing
   *  three times in four, so that one message in 30 would not be begun with twelve sends, and one in 10,000 is not with these. They take 9 s: then the
   *  grant would be over */
  startHighestMs: 250,
  startSends: 32,
  /** sends of a question where members are: an older server is silent about it, and then asked for all members */
  whereSends: 3,
  /** part of a wait that chance adds at most */
  rtoJitter: 0.25,
  /** ratio: how much faster a server's clock may run than a peer's; crystals differ by 0.02 % at most, clocks that are being set right by 0.05 % */
  clockDrift: 1.001,
  /** ms: what two instants, each cut to whole milliseconds, can be apart less than they were */
  clockGrainMs: 2,
  /** processes of a server whose clocks a peer keeps a bound of: the running one and the one before */
  serverClocks: 2,
  /** ms: the wait between two sends to a member of a ring at first, at least and at most; the longest one stays short until the member is passed over,
   *  so that loss is not taken for silence (F7: at 30 % loss a live member is passed over in 0.1 % of messages, with waits of 2 s in 11 %) */
  hopFirstMs: 250,
  hopLowestMs: 30,
  hopHighestMs: 250,
  /** ms and sends without an answer, both, after which a member is passed over */
  silentMs: 3000,
  silentSends: 8,
  /** times that a member which is busy may have this span again */
  busyRestarts: 2,
  /** ms between two reports of a closed port that count as two */
  refusalsApartMs: 50,
  /** ms: how long a member that was passed over is remembered; doubled each time, up to the second figure */
  unreachableMs: 10_000,
  unreachableMostMs: 300_000,
  /** ms before the end of a grant at which its initiator tells what it knows */
  reportBeforeMs: 500,
  /** names that a sentence has at most, before it counts the others */
  namesInSentence: 8,
  /** ms without a bounce after which a classic member is called silent (R29) */
  leafSilentMs: 1000,
  /** copies in clear that leave at once, and ms until the next so many: together at most 32 KiB, which any socket has room for */
  leavesAtOnce: 16,
  leavesApartMs: 10,
  /** direct copies that an initiator has under way at once */
  copiesAtOnce: 16,
  /** datagrams of one relay that leave at once */
  partsAtOnce: 16,
  /** ms, and times, that a ring is asked for */
  ringWantedMs: 250,
  ringWantedSends: 12,
  /** rings that a peer remembers; those that a message under way needs are forgotten last */
  ringsKnown: 64,
  /** co-members of whom a peer remembers where they are and how fast they answer: rings of all its lists, several times over */
  neighboursKnown: 16_384,
  /** lists of which it remembers when it last asked where their members are */
  listsLocated: 4096,
  /** lists of which a peer remembers the epoch, the number of the newest message, and whether it has left: twice what its history can name. Beyond them
   *  half are forgotten, and with each that its next message may show a gap; none within two minutes, which is longer than any grant */
  listsKnown: 8192,
  /** envelopes that wait for a ring, or for the server's time */
  envelopesParked: 16,
  /** relays in parts that are being put together, of all neighbours and of one */
  arrivals: 64,
  arrivalsPerNeighbour: 4,
  /** grants that a peer has taken messages under and remembers, to answer copies of them; those whose time is over go first */
  grantsRemembered: 4096,
  /** lists of which a peer takes nothing, and of which it neither asks what it has missed nor gives others what they have, as its user says */
  listsMuted: 1024,
  listsApart: 1024,
  /** lists of which a peer remembers that its history of them ends where it has left them */
  listsLeft: 1024,
  /** messages of one list that a peer keeps for co-members who were away, and bytes of these, texts and what they are sealed with: an evening's talk, or
   *  a few long texts; bytes of all lists; and members of all their rings, some 1.5 MB. They are in each snapshot of the diary */
  keptMessages: 256,
  keptBytes: 1_048_576,
  keptBytesInAll: 8_388_608,
  keptSeats: 8192,
  /** lists of which it is asked what was missed, one after the other; of more the later ones are asked for when their next message shows a gap */
  listsCaughtUp: 256,
  /** co-members that are asked for the same, one after the other: the nearest ones */
  askedForMissed: 4,
  /** ms for which a message that a later one has overtaken may be on its way, directly too, before it is missed: above the lease of a short text */
  missedPatienceMs: 10_000,
  /** ms until the same is asked again, and how often, before the next co-member is asked: as long as until a silent one is passed over */
  missedWantedMs: 400,
  missedWantedSends: 8,
  /** ms between two questions at least: 50 a second, in which a hundred missed messages are here after two seconds */
  missedApartMs: 20,
  /** numbers that have come of one gap, of which it is remembered: more than four co-members keep */
  missedNumbers: 1024,
  /** datagrams a second of missed messages to one co-member, at length and at once; a question that nothing is given for counts as one. 77 KB a second
   *  bring an evening's talk in three seconds, and do no harm to a link that carries messages too */
  missedRate: { perSecond: 64, burst: 128 },
  /** slots for these allowances: co-members that share one by chance share an allowance */
  missedSlots: 1024,
  /** own messages that a peer remembers, to send them again */
  ownRemembered: 256,
  /** ms without a record after which a contact is away: two keep-alives and their resends may be lost; and so long after a start nobody is judged */
  awayAfterMs: 75_000,
  /** ms without learning the server's time after which a peer may have been away: two keep-alives. The above counts from what the server has heard before */
  perhapsAwayMs: 50_000,
  /** ms without having sent the server anything after which a peer pings it: below what a router forgets a way in (30 s) */
  keepAliveMs: 25_000,
  /** ms between two probes of a contact that a co-member had no answer from, how many are sent, and every how many a hello goes along: 3 s and each second,
   *  as R26 has it, but eight pings for one. Where half of the datagrams is lost each way three pings call 42 living of 100 away, and 24 one of 1,000 */
  probeMs: 125,
  probes: 24,
  probesAHello: 8,
  /** ms in which a co-member's word about a neighbour counts once, and is given once */
  suspectMs: 10_000,
  /** contacts that are judged in one step */
  judgedAtOnce: 256,
  /** ms that a look at a contact may be late; whoever is later has stood still, and heard nobody */
  stoodStillMs: 5000,
  /** ms in which one record of a session is told of: what a keep-alive or a probe is told apart by */
  heardMs: 1000,
  /** steps that wait for the store; one more is refused. At 50,000 a second a store may stall for more than half a second */
  stepsHeld: 32_768,
  /** ms without a new batch after one that was not written: a full disk is asked four times a second */
  storeRetryMs: 250,
  /** contacts, and lists, of one part of a snapshot: with the longest rings, and with as many members, guests and ongoing messages as a list has by
   *  default, a part is made in about a millisecond */
  contactsInPart: 32,
  listsInPart: 8,
  /** roots that an inbox remembers; beyond it takes no message until some are forgotten. About 20 MB */
  inboxRoots: 65_536,
  /** lines that an inbox keeps until they are shown; beyond it takes no message */
  inboxLines: 4096,
  /** ms by the server's clock that a root is remembered after its message has ended: so long may its initiator send it again to those who gave no receipt */
  inboxMarginMs: 7 * 24 * 3600 * 1000,
  /** ms between two looks at what an inbox may forget, which are at all that it remembers */
  inboxTidyMs: 3_600_000,
  /** lines of a history, of all lists together, and the bytes of their texts (UTF-16): older ones are forgotten */
  historyLines: 4096,
  historyCharacters: 4_194_304,
  /** roots of one part of an inbox's snapshot: with the longest texts it is made in about a millisecond. Another number is another written form: it
   *  raises the ledger's version */
  rootsInPart: 16,
  /** ms: how long a message may lock its list: at least, more for each member and for each part of the message that a member waits for, and at most
   *  (`ring.md`, R4: a hop of 250 ms at the most, and a round of direct copies behind the ring) */
  leaseMs: 8000,
  leaseMemberMs: 50,
  leasePartMs: 5,
  longestLeaseMs: 60_000,
  /** bytes: what an envelope has beside its text, at most: a grant with the longest name and the largest ring, two signatures, a salt, a length */
  envelopeBytes: 585,
  /** ms of lock that a contact's messages may have taken until their time ran out, of the last so many ms; above what one lost message takes in a ring
   *  of any size but the largest, and far below what would keep a list locked */
  lockBudgetMs: 20_000,
  lockSpanMs: 60_000,
  /** keys that were contacts', and are charged with such time when they come back: exits of a minute. About 300 bytes each */
  debtsRemembered: 1024,
  /** messages whose time is over that are ended in one step, which takes 10 ms; 400,000 can end together, and others are answered between these steps */
  endsAtOnce: 256,
  /** ended messages remembered of each contact: whose outcome can be asked for, and which can be sent again. Four can be ongoing at once */
  endedRemembered: 16,
  /** characters of a text in a trace, which is a sentence, and of a process's name, which stands above its line in a diagram */
  traceTextCharacters: 400,
  traceNameCharacters: 40,
  /** ms that a change of members waits until its lists start no more messages: messages of every day are over by then, and nobody is kept from sending
   *  by a change that they do not delay */
  fenceAfterMs: 2000,
  /** ms between two looks at fences, which are at all that wait: with as many as may, on as many lists, one takes 50 ms */
  fenceLookMs: 250,
  /** changes of members that wait, of one contact, and of all: each step that frees a list looks at all of them */
  ticketsPerContact: 4,
  tickets: 1024,
  /** outcomes of tickets remembered of each contact: of all that can wait, four times */
  ticketsRemembered: 16,
  /** names of a kind in a row about a lock, or about a ticket; more say no more */
  namedInRow: 16,
  /** messages that ran out of time which an operator can look up */
  expiredRemembered: 16,
  /** ms: how long a message of the classic wire may lock its list: default. Its initiator types the text meanwhile */
  classicLeaseMs: 600_000,
  /** ms that a message may wait for its list without its user being told */
  postponedUnseenMs: 1000,
  /** ms, of which chance takes up to a half, after which a peer asks again for the grant of a message whose list starts none, at least and at most. Most fences
   *  are over in less than the one; at the other a minute of them costs a server's journal some tens of records, and not hundreds */
  fencedAgainMs: 500,
  fencedAgainMostMs: 5000,
  /** between the two it is this share of the time that the peer has waited, or of what is left of the fence where that is less: then a message begins hardly
   *  later for it, also where the fence ends before its time */
  fencedAgainShare: 0.25,
  /** the highest port a contact may register: its messages go to the port above */
  highestContactPort: 65534,
} as const
