// `--wait`: a change that waits at the server is waited for here, by asking about its ticket again and again, until it is served or taken back. A server keeps
// no reply to itself, so that who waits asks.
//
//   begun ──Queued──> resting ──in a second──> asking ──Queued──> resting        asking ──Served, or whatever else──> over
//            └──interrupted, when the answer is there──> withdrawing ──> over
import { limits } from '../limits.js'
import { duration } from './moments.js'
import type { peer } from '../../core/index.js'

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
  /** what has gone wrong where nobody was refused: a change still waits, or was taken back */
  readonly fault: () => peer.Fault | undefined
}

type Queued = peer.NoticeOf<'Queued'>

interface Wait {
  phase: 'asking' | 'resting' | 'withdrawing' | 'over'
  /** the newest answer; undefined before the first */
  queued: Queued | undefined
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

/** The newest answer is kept; whether it is another one than before, for a person. */
const isNews = (of: Wait, queued: Queued): boolean => {
  const was = of.queued
  of.queued = queued
  return was?.place !== queued.place
}

/** Begins with nothing that is waited for. `draw` shows a line in the place of the prompt. */
export const openWaiting = (desk: Desk, draw: (line: string) => void): Waiting => {
  let wait: Wait | undefined
  let fault: peer.Fault | undefined
  const withdraw = (of: Wait, { ticket }: Queued): void => {
    of.phase = 'withdrawing'
    desk.withdraw(ticket)
  }
  const rest = (of: Wait, queued: Queued): void => {
    of.phase = 'resting'
    draw(`waiting as ticket ${queued.ticket}, at place ${queued.place} ... ${duration(Math.round(performance.now() - of.began))}; Ctrl-C takes it back`)
    of.timer = setTimeout(() => {
      of.phase = 'asking'
      desk.ask(queued.ticket)
    }, restMs(queued)).unref()
  }
  /** The peer has told all of an answer, and would take a line; whether the user may type it. */
  const isReady = (of: Wait): boolean => {
    const { queued } = of
    if (of.phase === 'over' || queued === undefined) {
      wait = undefined
      return true
    }
    if (of.isLeaving) withdraw(of, queued)
    else rest(of, queued)
    return false
  }
  const answered = (of: Wait, notice: peer.Notice): boolean => {
    if (of.phase === 'resting') return true
    if (notice._tag === 'Ready') return isReady(of)
    if (notice._tag === 'Answered' && notice.code === 200 && of.phase === 'withdrawing') fault = 'locked'
    if (endings.has(notice._tag)) of.phase = 'over'
    return notice._tag !== 'Queued' || isNews(of, notice)
  }
  return {
    begin: () => void (wait = { phase: 'asking', queued: undefined, isLeaving: false, timer: undefined, began: performance.now() }),
    hear: (notice) => {
      if (wait !== undefined) return answered(wait, notice)
      if (notice._tag === 'Queued' && notice.about.word === 'ticket') fault ??= 'locked'
      return true
    },
    withdraw: () => {
      if (wait === undefined || wait.isLeaving) return false
      wait.isLeaving = true
      clearTimeout(wait.timer)
      if (wait.phase === 'resting' && wait.queued !== undefined) withdraw(wait, wait.queued)
      return true
    },
    fault: () => fault,
  }
}
