// What a campaign must have come across, or it has proved little: ways of the protocol that only some runs take. Each run counts them; a campaign in
// which one was never taken fails.
export const paths = [
  'accepted from the ring',
  'accepted directly',
  'accepted after a wait',
  'home with everybody',
  'home with some',
  'two envelopes home',
  'an envelope poisoned',
  'a false proof refused',
  'passed over for silence',
  'passed over for a closed port',
  'passed over, remembered',
  'passed over for a refusal',
  'noticed late',
  'answered busy',
  'closed while muted',
  'in parts',
  'a part lost',
  'a ring asked of a member',
  'a ring asked of the server',
  'a ring told by a member',
  'a ring told by the server',
  'receipts brought by the finder',
  'proved',
  'recorded',
  'expired',
  'forced',
  'held after a restart',
  'resumed',
  'sent again',
  'had when sent again',
  'the budget spent',
  'told better later',
  'reported in full',
  'reported in part',
  'reported none',
  'a member died before its mark was durable',
  'a mark survived that nobody heard of',
  'the initiator died before its report',
  'the server died between a grant and its answer',
  'the server was busy',
  'a request given up',
  'a copy came when its time was over',
  'a member left',
  'a member joined',
  'a leave refused while a message went round',
  'slept',
  'woke with datagrams waiting',
  'an answer repeated',
  'passed on after a restart',
  'a hello lost',
  'another address while a message went round',
  'a cookie asked for',
  'a session renewed',
  'a part of a body lost',
  'perfidy noticed',
  'caught up',
  'caught up of an epoch that was over',
  'caught up of one that had begun anew',
  'a gap told',
  'a question for what was missed in vain',
  'what a rogue gave as missed refused',
  'what a rogue gave as missed taken, and true',
  'a member judged suspect',
  'a member judged away',
  'a member judged alive',
  'a change waited',
  'a ticket withdrawn',
  'a fence began',
  'a start was fenced',
  'a list was unlocked by force',
  'a queue survived a restart',
  'an absence survived a restart',
] as const

export type Path = (typeof paths)[number]

export class Sometimes {
  readonly counts = new Map<string, number>()

  hit(path: Path): void {
    this.counts.set(path, (this.counts.get(path) ?? 0) + 1)
  }
}

/** Of these counts together, the paths that were never taken. */
export const untrodden = (counts: ReadonlyMap<string, number>): ReadonlyArray<Path> => paths.filter((path) => (counts.get(path) ?? 0) === 0)
