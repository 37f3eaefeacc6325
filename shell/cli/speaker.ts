// Who is talked with: a classic peer or a sealed one, each by its own table of commands.
import * as either from 'fp-ts/lib/Either.js'
import { commands } from './commands.js'
import { understand, understandArguments, type Misunderstood, type Understood } from './line.js'
import { orders, type Meant } from './orders.js'
import type { RunningMember } from '../member.js'
import type { RunningPeer } from '../peer.js'
import type { Row } from './rows.js'
import type { Line } from './terminal.js'

/** What a line means here: to be asked; `wantsText` where the line after it is its text. */
export interface Intent {
  readonly ask: () => void
  readonly wantsText: boolean
}

export type Said = Understood<Intent>

export interface Speaker {
  /** takes a command before it has said that it is ready */
  readonly isReady: boolean
  readonly understand: (line: Line) => either.Either<Misunderstood, Said>
  readonly say: (text: string) => void
  readonly mistype: (sentence: string) => void
  readonly drop: () => void
  readonly close: (patient: boolean) => void
}

const understood = <A>(rows: ReadonlyArray<Row<A>>, line: Line, intent: (meaning: A) => Intent): either.Either<Misunderstood, Said> =>
  either.map((said: Understood<A>): Said => (said._tag === 'Meant' ? { _tag: 'Meant', meaning: intent(said.meaning) } : said))(
    typeof line === 'string' ? understand(rows, line) : understandArguments(rows, line),
  )

export const classicSpeaker = (peer: RunningPeer): Speaker => ({
  ...peer,
  isReady: true,
  understand: (line) =>
    understood(commands, line, ({ wish, text }) => ({ ask: () => peer.ask(wish, text), wantsText: wish._tag === 'ImStart' && text === undefined })),
})

const obey = (member: RunningMember, meant: Meant): void => {
  switch (meant._tag) {
    case 'Order': return member.ask(meant.order)
    case 'Register': return member.ask(meant)
    case 'Accept': return member.accept(meant.contact)
  }
}

/** The commands of the classic wire that a sealed peer does not know yet. */
const unsealed = /^\s*(im-start|im-complete)\b/

const notYet: Misunderstood = {
  _tag: 'Misunderstood',
  sentence: 'a sealed peer sends no messages in this version; one without --sealed does, for a classic contact on open lists',
}

/** A sealed peer is never asked for a text in this version: it sends none. */
export const sealedSpeaker = (member: RunningMember): Speaker => ({
  isReady: false,
  understand: (line) =>
    unsealed.test(typeof line === 'string' ? line : (line[0] ?? ''))
      ? either.left(notYet)
      : understood(orders(member.registered()), line, (meant) => ({ ask: () => obey(member, meant), wantsText: false })),
  say: () => member.mistype('no text is wanted'),
  mistype: member.mistype,
  drop: () => undefined,
  close: member.close,
})
