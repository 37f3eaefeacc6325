// `--wait`: a change that waits at the server is waited for here, by asking about its ticket again and again, until it is served or taken back. A server keeps
// no reply to itself, so that who waits asks. A ticket is as durable as the server is: a server that does not answer now is asked on, and only the user
// ends that.
//
//   begun ──Queued──> resting ──in a second──> asking ──Queued, no answer, or too fast──> resting        asking ──Served, or whatever else──> over
//            └──interrupted, when the answer is there, or is given up──> withdrawing ──> over, or left where that is not answered either
import { limits } from '../limits.js'
import { duration } from './moments.js'
import { classic, type peer } from '../../core/index.js'

/** Where tickets are asked for, and taken back. */
export interface Desk {
  readonly ask: (ticket: number) => void
  readonly withdraw: (ticket: number) => void
}

export interface Waiting {
  /** the change that is asked for now is waited for */
  readonly begin: () => void
  /** whether a notice is for the user too: what is asked again and again is told when it changes */
  readonly hear: (notice: peer.Notice) => boolean
  /** the ticket is taken back; false: nothing waits, or that is under way already */
  readonly withdraw: () => boolean
  /** the program ends, whatever for: what still waits is said to */
  readonly end: () => void
  /** what has gone wrong where the peer has met no fault: a change still waits, was taken back, or is not known to be */
  readonly fault: () => peer.Fault | undefined
}

type Queued = peer.NoticeOf<'Queued'>

/** Where a wait is seen. */
export interface Scene {
  /** a line in the place of the prompt */
  readonly draw: (line: string) => void
  /** nobody waits here for that ticket any more, and what has come of it is not known */
  readonly left: (ticket: number) => void
}

interface Wait {
  phase: 'asking' | 'resting' | 'withdrawing' | 'over' | 'left'
  /** the newest answer; undefined before the first */
  queued: Queued | undefined
  /** why there is no newer one, since the newest */
  trouble: string | undefined
  isLeaving: boolean
  timer: NodeJS.Timeout | undefined
  readonly began: number
}

/** ms until the ticket is asked for again: a second, or less where it may be served before. */
const restMs = ({ opens, now }: Queued): number => {
  if (opens === undefined || now === undefined) return limits.ticketAskMs
  return opens <= now ? limits.ticketAskLateMs : Math.max(limits.ticketAskSoonMs, Math.min(limits.ticketAskMs, opens - now))
}

/** What ends a wait, when it was asked for. */
const endings: ReadonlySet<peer.Notice['_tag']> = new Set(['Answered', 'Served', 'Unanswered', 'NotTaken'])

const isTooFast = (notice: peer.Notice): boolean => notice._tag === 'Answered' && notice.code === classic.codes.TooFast.code

/** What the server does where it does not say what has come of a ticket; undefined: it says so. */
const troubleIn = (notice: peer.Notice): string | undefined => {
  if (isTooFast(notice)) return 'has too much to do'
  if (notice._tag !== 'Unanswered' && notice._tag !== 'NoAnswerYet') return undefined
  const isBusy = notice._tag === 'Unanswered' ? notice.why === 'busy' : notice.busy === true
  return isBusy ? 'has no room to store anything' : 'does not answer'
}

const shown = ({ began }: Wait, { ticket, place }: Queued, trouble: string | undefined): string =>
  `waiting as ticket ${ticket}, ${trouble === undefined ? `at place ${place}` : `but the server ${trouble}`} ... ${duration(Math.round(performance.now() - began))}; Ctrl-C takes it back`

/** The newest answer is kept; whether it is another one than before, for a person, or the first after some that did not come. */
const isNews = (of: Wait, queued: Queued): boolean => {
  const { queued: was, trouble } = of
  of.queued = queued
  of.trouble = undefined
  return was?.place !== queued.place || trouble !== undefined
}

/** What is wrong is kept; whether it was not before. */
const isTrouble = (of: Wait, trouble: string): boolean => {
  const was = of.trouble
  of.trouble = trouble
  return was === undefined
}

const isOfTicket = (notice: peer.Notice): boolean => 'about' in notice && notice.about.word === 'ticket'

/** What is wrong where a ticket was asked about that is not waited for. */
const faultIn = (notice: peer.Notice): peer.Fault | undefined => {
  if (!isOfTicket(notice)) return undefined
  return notice._tag === 'Queued' || isTooFast(notice) ? 'locked' : notice._tag === 'Unanswered' ? 'unreachable' : undefined
}

/** Who waits here, if anybody does, and what has gone wrong. */
interface Bench {
  readonly desk: Desk
  readonly scene: Scene
  wait: Wait | undefined
  fault: peer.Fault | undefined
}

const withdraw = ({ desk, scene }: Bench, of: Wait, { ticket }: Queued): void => {
  of.phase = 'withdrawing'
  scene.draw(`taking back ticket ${ticket} ...; Ctrl-C again does not wait for that`)
  desk.withdraw(ticket)
}

const rest = ({ desk, scene }: Bench, of: Wait, queued: Queued): void => {
  of.phase = 'resting'
  scene.draw(shown(of, queued, of.trouble))
  of.timer = setTimeout(() => {
    of.phase = 'asking'
    desk.ask(queued.ticket)
  }, of.trouble === undefined ? restMs(queued) : limits.ticketAskMs).unref()
}

/** Nobody waits any more. */
const end = (bench: Bench): void => {
  const { wait, scene } = bench
  bench.wait = undefined
  clearTimeout(wait?.timer)
  if (wait?.queued === undefined || wait.phase === 'over') return
  bench.fault ??= 'unknown'
  scene.left(wait.queued.ticket)
}

/** The peer has told all of an answer, and would take a line; whether the user may type it. */
const isReady = (bench: Bench, of: Wait): boolean => {
  const { phase, queued } = of
  if (phase === 'over' || phase === 'left' || queued === undefined) {
    end(bench)
    return true
  }
  if (of.isLeaving) withdraw(bench, of, queued)
  else rest(bench, of, queued)
  return false
}

/** An answer that was given up comes while nothing is asked. What it ends ends here too, asked once more: the peer says after an answer that was awaited,
 *  and after no other, that it would take a line. */
const late = ({ desk }: Bench, of: Wait, notice: peer.Notice): boolean => {
  if (notice._tag !== 'Served') return !isOfTicket(notice)
  clearTimeout(of.timer)
  of.phase = 'over'
  desk.ask(notice.ticket)
  return true
}

const ofQuestion = ({ scene }: Bench, of: Wait, notice: peer.Notice): boolean => {
  const { queued } = of
  const trouble = troubleIn(notice)
  if (queued === undefined || trouble === undefined) {
    if (endings.has(notice._tag)) of.phase = 'over'
    return notice._tag !== 'Queued' || isNews(of, notice)
  }
  if (notice._tag !== 'NoAnswerYet') return isTrouble(of, trouble)
  scene.draw(shown(of, queued, trouble))
  return false
}

const ofWithdrawal = (bench: Bench, of: Wait, notice: peer.Notice): boolean => {
  if (notice._tag === 'Unanswered' || isTooFast(notice)) of.phase = 'left'
  else if (endings.has(notice._tag)) of.phase = 'over'
  if (notice._tag === 'Answered' && notice.code === classic.codes.Done.code) bench.fault = 'locked'
  return true
}

const answered = (bench: Bench, of: Wait, notice: peer.Notice): boolean => {
  if (of.phase === 'resting') return late(bench, of, notice)
  if (notice._tag === 'Ready') return isReady(bench, of)
  switch (of.phase) {
    case 'withdrawing': return ofWithdrawal(bench, of, notice)
    case 'asking': return ofQuestion(bench, of, notice)
    case 'over':
    case 'left': return !isOfTicket(notice)
  }
}

/** Begins with nothing that is waited for. */
export const openWaiting = (desk: Desk, scene: Scene): Waiting => {
  const bench: Bench = { desk, scene, wait: undefined, fault: undefined }
  return {
    begin: () => void (bench.wait = { phase: 'asking', queued: undefined, trouble: undefined, isLeaving: false, timer: undefined, began: performance.now() }),
    hear: (notice) => {
      if (bench.wait !== undefined) return answered(bench, bench.wait, notice)
      bench.fault ??= faultIn(notice)
      return true
    },
    withdraw: () => {
      const { wait } = bench
      if (wait === undefined || wait.isLeaving) return false
      wait.isLeaving = true
      clearTimeout(wait.timer)
      if (wait.phase === 'resting' && wait.queued !== undefined) withdraw(bench, wait, wait.queued)
      return true
    },
    end: () => end(bench),
    fault: () => bench.fault,
  }
}
