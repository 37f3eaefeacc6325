// Between a terminal and a peer: a line is given to the peer when the peer wants one, as a command or as a text, and what the peer says is
// printed, as sentences or as JSON.
import { isLeft } from 'fp-ts/lib/Either.js'
import { limits } from '../limits.js'
import { jsonLine, type JsonEvent } from './jsonline.js'
import { openExplaining, type Explaining } from './explaining.js'
import { openWaiting, type Waiting } from './waiting.js'
import type { Explain, Said, Speaker } from './speaker.js'
import { watchProgress, type Progress } from './progress.js'
import { stillWaits, sentenceFor } from './sentences.js'
import type { peer } from '../../core/index.js'
import type { Line, Listener, Terminal } from './terminal.js'

export interface Manner {
  readonly json: boolean
  /** at the end of input the peer goes on relaying */
  readonly stay: boolean
  readonly now: () => number
}

/** A conversation under way: who talks, what is wanted next, which lines wait. */
interface Talk {
  readonly peer: Speaker
  readonly terminal: Terminal
  readonly manner: Manner
  readonly progress: Progress
  readonly waiting: Waiting
  readonly explaining: Explaining
  readonly lines: Line[]
  wanted: 'command' | 'text' | undefined
  /** in a script, the line after an im-start is its text, also when the im-start was refused: then nobody takes it */
  textFollows: boolean
  isEnd: boolean
  /** what waits is being taken back, and then the peer ends */
  isLeaving: boolean
}

export interface Conversation extends Listener {
  readonly notice: (notice: peer.Notice) => void
  /** something that is no notice of the peer: an event for `--json`, a sentence for everybody else */
  readonly tell: (event: JsonEvent, sentence: string, isTalk: boolean) => void
  /** a signal: what waits is taken back first. Told again, the peer ends at once */
  readonly leave: () => void
  /** nothing more is said by the peer, which has ended */
  readonly over: () => void
  /** what has gone wrong that is no fault of the peer */
  readonly fault: () => peer.Fault | undefined
}

const tell = ({ terminal, manner }: Talk, event: JsonEvent, sentence: string, isTalk: boolean): void =>
  terminal.print(manner.json ? jsonLine(manner.now(), event) : sentence, isTalk && !manner.json)

const wantMore = (talk: Talk): void => {
  talk.wanted = 'command'
  talk.terminal.want({ _tag: 'Command' })
}

const explain = (talk: Talk, { ask }: Explain): void => {
  const { event, text, list } = talk.explaining.explain()
  tell(talk, event, text, false)
  return list === undefined ? wantMore(talk) : ask(list)
}

const give = (talk: Talk, understood: Said): void => {
  switch (understood._tag) {
    case 'Empty': return wantMore(talk)
    case 'Help':
      tell(talk, { _tag: 'Help', text: understood.text }, understood.text, false)
      return wantMore(talk)
    case 'Told':
      tell(talk, understood.event, understood.text, false)
      return wantMore(talk)
    case 'Explain': return explain(talk, understood)
    case 'Meant': {
      const { wantsText, dialogue, ask, isAwaited } = understood.meaning
      talk.textFollows = !talk.terminal.isInteractive && wantsText
      if (talk.textFollows && talk.isEnd && talk.lines.length === 0) return talk.peer.mistype('no line follows that could be the text; nothing was sent')
      if (isAwaited === true) talk.waiting.begin()
      ask()
      return dialogue === undefined ? undefined : heard(talk, dialogue)
    }
  }
}

/** What is wanted after this line, the peer says: perhaps only later. */
const giveLine = (talk: Talk, line: Line): void => {
  const { wanted, textFollows } = talk
  talk.wanted = undefined
  talk.textFollows = false
  const text = typeof line === 'string' ? line : line.join(' ')
  if (wanted === 'text') return talk.peer.say(text)
  if (textFollows) return talk.peer.mistype(`"${text}" was the text of an im-start that was not granted`)
  const understood = talk.peer.understand(line)
  return isLeft(understood) ? talk.peer.mistype(understood.left.sentence) : give(talk, understood.right)
}

const feed = (talk: Talk): void => {
  while (talk.wanted !== undefined && talk.lines.length > 0) giveLine(talk, talk.lines.shift() ?? '')
  if (talk.lines.length < limits.linesAhead) talk.terminal.resume()
  if (talk.isEnd && talk.lines.length === 0 && talk.wanted !== undefined && !talk.manner.stay) talk.peer.close(true)
}

/** Takes back what waits, and ends; or ends at once. */
const leave = (talk: Talk): void => {
  talk.isLeaving = talk.waiting.withdraw()
  if (!talk.isLeaving) talk.peer.close(false)
}

const want = (talk: Talk, wanted: 'command' | 'text', list: string): void => {
  if (talk.isLeaving) return talk.peer.close(false)
  talk.wanted = wanted
  talk.terminal.want(wanted === 'text' ? { _tag: 'Text', list } : { _tag: 'Command' })
  feed(talk)
}

/** What the peer says is printed; it may want a line now. */
const heard = (talk: Talk, notice: peer.Notice): void => {
  talk.explaining.hear(notice, talk.manner.now())
  if (!talk.waiting.hear(notice)) return
  const sentence = sentenceFor(notice)
  talk.progress.notice(notice)
  if (talk.manner.json || sentence !== undefined) tell(talk, notice, sentence?.text ?? '', sentence?.isTalk ?? true)
  if (notice._tag === 'Ready') want(talk, 'command', '')
  if (notice._tag === 'TextWanted') want(talk, 'text', notice.list)
}

/** Begins the conversation of these two. */
export const converse = (peer: Speaker, terminal: Terminal, manner: Manner): Conversation => {
  const left = (ticket: number): void => tell(talk, { _tag: 'StillWaits', ticket }, stillWaits(ticket), true)
  const waiting = openWaiting(peer.desk, { draw: terminal.progress, left })
  const talk: Talk = { peer, terminal, manner, progress: watchProgress(terminal.progress), waiting, explaining: openExplaining(), lines: [], wanted: undefined, textFollows: false, isEnd: false, isLeaving: false }
  if (peer.isReady) want(talk, 'command', '')
  return {
    tell: (event, sentence, isTalk) => tell(talk, event, sentence, isTalk),
    notice: (notice) => heard(talk, notice),
    line: (line) => {
      talk.lines.push(line)
      if (talk.lines.length >= limits.linesAhead) terminal.pause()
      feed(talk)
    },
    end: () => {
      talk.isEnd = true
      if (manner.stay) return
      return terminal.isInteractive ? leave(talk) : feed(talk)
    },
    interrupt: () => {
      if (talk.wanted === 'text') return peer.drop()
      if (!talk.waiting.withdraw()) peer.close(false)
    },
    leave: () => leave(talk),
    over: talk.waiting.end,
    fault: talk.waiting.fault,
  }
}
