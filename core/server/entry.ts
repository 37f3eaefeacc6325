// A stamped command of the server as JSON as it stands: what a journal is made of. The way back to whoever asked is left out, and so is what the
// order is not judged by.
import * as t from 'io-ts'
import { Address } from '../address.js'
import { Count } from '../count.js'
import { Digest, Identity, ProcessId, PublicKey } from '../keys.js'
import { Presence } from '../presence.js'
import { Instant } from '../time.js'
import { Request } from '../wire/classic/request.js'
import { Malformed } from '../wire/malformed.js'
import { Order } from '../wire/sealed/order.js'
import { Settings } from './config.js'
import type { Actor } from '../actor.js'
import type { Stamped } from '../transition.js'
import type { Ask, Command } from './command.js'

/** `Ask`, without what is `undefined`. */
const Asked = t.readonly(
  t.intersection([
    t.strict({ _tag: t.literal('Ask'), boot: Count, seq: Count, order: Order }),
    t.partial({ identity: Identity, address: Address, proven: t.boolean }),
  ]),
)
type Asked = t.TypeOf<typeof Asked>

/** Any command, the most frequent first. Which of them a journal holds the ledger says: those that change something. */
const Given = t.union([
  Asked,
  ...Request.types,
  Malformed,
  t.readonly(t.strict({ _tag: t.literal('Seek'), ring: Digest })),
  t.readonly(t.strict({ _tag: t.literal('Operate'), order: Order })),
  t.readonly(t.strict({ _tag: t.literal('Start'), process: ProcessId, settings: Settings })),
  t.readonly(t.strict({ _tag: t.literal('Moved'), key: PublicKey, address: Address })),
  t.readonly(t.strict({ _tag: t.literal('Judged'), key: PublicKey, presence: Presence })),
  t.readonly(t.strict({ _tag: t.literal('Close'), ms: Count })),
  t.readonly(t.strict({ _tag: t.literal('Wake') })),
])
type Given = t.TypeOf<typeof Given>

const By = t.union([
  t.readonly(t.strict({ _tag: t.literal('Classic'), ip: t.string, port: t.number })),
  t.readonly(t.strict({ _tag: t.literal('Key'), key: PublicKey })),
  t.readonly(t.strict({ _tag: t.literal('Operator') })),
  t.readonly(t.strict({ _tag: t.literal('Self') })),
])

/** A command, when it was given, and by whom. */
export const Entry = t.readonly(t.strict({ at: Instant, by: By, command: Given }), 'Entry')
export type Entry = t.TypeOf<typeof Entry>

const asked = ({ _tag, boot, seq, order, identity, address, proven }: Ask): Asked => {
  if (order._tag === 'ImComplete' && proven !== undefined) return { _tag, boot, seq, order, proven }
  if (order._tag !== 'Register') return { _tag, boot, seq, order }
  return { _tag, boot, seq, order, ...(identity === undefined ? {} : { identity }), ...(address === undefined ? {} : { address }) }
}

const withoutWay = (by: Actor): Entry['by'] => (by._tag === 'Key' && by.back !== undefined ? { _tag: 'Key', key: by.key } : by)

/** The record of a command: the reducer does with `inputOf` it what it does with the command. */
export const entryOf = ({ at, by, command }: Stamped<Command>): Entry => ({ at, by: withoutWay(by), command: command._tag === 'Ask' ? asked(command) : command })

const given = (command: Given): Command => {
  if (command._tag !== 'Ask') return command
  const { _tag, boot, seq, order, identity, address, proven } = command
  return { _tag, boot, seq, order, identity, address, ...(proven === undefined ? {} : { proven }) }
}

/** The command of a record. */
export const inputOf = ({ at, by, command }: Entry): Stamped<Command> => ({ at, by, command: given(command) })
