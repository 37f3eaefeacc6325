// Every bound of the shell, in one place, each with its unit and its reason.

export const limits = {
  /** writes: how many saved files may wait; each holds its content in memory */
  writesWaiting: 16,
  /** bytes: what a socket holds of datagrams that nobody has read yet; the system's 208 KiB are 5 ms of a flood of hellos (50,000 a second), less
   *  than a loop may lag. A system that allows less gives less */
  receiveBytes: 2 ** 21,
  /** look-ups of host names at once, which strangers' messages can ask for; the rest fail */
  lookupsAtOnce: 8,
  /** lines read ahead of the peer; then reading pauses */
  linesAhead: 100,
  /** ms after which whoever waits asks about its ticket again: a request a second is nothing to a server, and a person waits no longer for the news */
  ticketAskMs: 1000,
  /** the same where the change may be done before: some round trips */
  ticketAskSoonMs: 100,
  /** the same where it should have been done: the estimate was wrong, and may be again */
  ticketAskLateMs: 250,
  /** lines of each kind that the history offers again */
  historyLines: 1000,
  /** lines of the history file; a longer one is cut to half of it when it is read */
  historyFileLines: 10_000,
  /** combining characters shown over one base */
  marksShown: 4,
  /** characters that are written at once to a journal's reader: enough for a system call, and no more memory than that */
  outputCharacters: 2 ** 16,
  /** members of a ring that a line of the journal names: all of 512 would fill a screen. JSON has them all */
  ringShown: 8,
  /** characters of a fingerprint beside a name in the journal: which of two with one name, and not a proof */
  fingerprintShown: 8,
  /** keys agreed on with others that are kept, so that a code costs no agreement (1.5 instead of 50 µs); some 4 MB */
  agreementsKept: 16_384,
  /** columns for a name or an address in a table; a longer one pushes the rest of its own line to the right */
  cellColumns: 24,
  /** columns for who did something: an IPv4 address with its port */
  actorColumns: 21,
  /** columns for a position: Unix milliseconds have as many digits, and a directory begins behind them */
  positionColumns: 13,
  /** characters of a start-up error, which may quote a file */
  sentenceCharacters: 400,
  /** ms: how often the clocks are looked at */
  pulseMs: 250,
  /** ms between wall and monotonic clock from one look to the next: more means that the machine slept */
  sleepMs: 500,
  /** ms by which a look that comes late means that the loop has more to do than it can */
  lagMs: 10,
  /** bytes of a file of keys or pins: the longest that this program writes stays below it */
  privateFileBytes: 16 * 2 ** 20,
  /** bytes of a line at the operator's socket: a command with two names of 255 bytes is far shorter */
  controlRequestBytes: 8192,
  /** bytes of the answer: the lists of a server with 10,000 of them */
  controlAnswerBytes: 4 * 2 ** 20,
  /** connections to the operator's socket at once */
  controlConnections: 8,
  /** ms: an operator's connection that says nothing for so long is closed */
  controlIdleMs: 10_000,
  /** ms: how long an operator waits for an answer; a save waits for a disk */
  controlAnswerMs: 30_000,
  /** commands from one snapshot of a directory to the next: a restart folds at most so many, in less than a second */
  commandsPerSnapshot: 100_000,
  /** ms: what a server that is told twice to end gives its disk for the last writes */
  lastWritesMs: 5000,
  /** ms of a snapshot's making between two turns of the loop: a request waits so much longer at most */
  snapshotSliceMs: 1,
  /** bytes of a snapshot between two syncs: what is written at once, and what a sync of the journal might have to wait for */
  snapshotSyncBytes: 4 * 2 ** 20,
  /** bytes behind which the journal's log is carried over into its file; takes 10 ms of the worker's time */
  journalTendBytes: 4 * 2 ** 20,
  /** bytes that the log may grow to where it cannot be carried over: below the 16 MiB at which its index has to grow, which a full disk would
   *  refuse when the batch is written */
  journalLogBytes: 12 * 2 ** 20,
  /** bytes behind which another journal file is begun: a reader holds one in memory */
  journalFileBytes: 64 * 2 ** 20,
  /** journal files without a snapshot between them, as many ends by force leave; one more, and opening takes a snapshot */
  journalFiles: 64,
  /** looks at a journal file that its writer is tending; each takes as long as a read of it */
  journalLooks: 16,
  /** looks at a folder that its server trims meanwhile; it trims with each snapshot, which it takes seconds apart */
  folderLooks: 16,
  /** bytes of a slot of the witness: a sector, which a disk writes whole or not at all */
  witnessSlotBytes: 512,
  /** ms: of each day one snapshot at most is kept for the past's sake */
  snapshotKeptMs: 24 * 60 * 60 * 1000,
  /** sockets that face neighbours: the direct copies that are under way at once, and as many members that come before and behind in rings; the one that
   *  was used least recently makes room */
  neighbourSockets: 32,
  /** ms: how long a mark that nothing waits for may stay unwritten */
  jotMs: 1000,
  /** marks from one snapshot of a diary to the next: a restart folds at most so many, in less than 0.1 s */
  marksPerSnapshot: 10_000,
  /** ms from one look of a message under way to the next, at a terminal */
  progressMs: 100,
  /** bytes of a trace that wait for the disk; what happens meanwhile is left out, and counted */
  traceWaitingBytes: 8 * 2 ** 20,
  /** bytes of a trace file that is gone on with, or drawn: it is held in memory, some ten times as large */
  traceFileBytes: 256 * 2 ** 20,
  /** events that a diagram shows, where nobody says how many: some screens full */
  diagramEvents: 300,
  /** ms: the longest wait that a Node timer takes */
  longestTimerMs: 2 ** 31 - 1,
} as const
