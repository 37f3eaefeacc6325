// How a program ends early: one sentence on standard error, and an exit code from the table.
import { isIP } from 'node:net'
import { lookup } from 'node:dns/promises'
import { left, right, type Either } from 'fp-ts/lib/Either.js'
import { Host, showAddress, type Host as HostName } from '../../core/index.js'
import { exitCodes, type ExitCode } from './exitcodes.js'
import type { BindFailure } from '../udp.js'
import type { Trouble } from '../private.js'
import type { Unopened, Unwritten } from '../stores/store.js'
import type { PortRange } from './ports.js'

export interface Failure {
  readonly sentence: string
  readonly exit: ExitCode
}

export const failure = (exit: ExitCode, sentence: string): Failure => ({ sentence, exit })

/** A socket that could not be had, as a person would be told. */
export const bindFailure = ({ code, host, port, facing }: BindFailure, { low, high }: PortRange, pair: boolean): Failure => {
  if (facing !== undefined) return failure(exitCodes.unreachable, `no way from ${host} to ${showAddress(facing)}: ${code}; try another --host`)
  const what = pair ? 'pair of neighbouring ports' : 'port'
  const cause = {
    EADDRINUSE: `no ${what} from ${port} to ${high} is free; choose another range than ${low}-${high} with --ports LOW-HIGH`,
    EADDRNOTAVAIL: `${host} is no address of this machine; choose another with --host`,
    EACCES: `port ${port} may not be bound by this user; choose a higher range with --ports LOW-HIGH`,
  }[code]
  return failure(exitCodes.unreachable, cause ?? `port ${port} on ${host} could not be bound: ${code}`)
}

const ofTrouble: { readonly [K in Trouble['_tag']]: ExitCode } = {
  Damaged: exitCodes.damaged,
  Exposed: exitCodes.noInput,
  Unreadable: exitCodes.noInput,
  InUse: exitCodes.locked,
  Unreachable: exitCodes.unreachable,
}

/** Keys, pins or the operator's socket that could not be had. */
export const keepFailure = ({ _tag, sentence }: Trouble): Failure => failure(ofTrouble[_tag], sentence)

const ofUnopened: { readonly [K in Unopened['_tag']]: ExitCode } = {
  Damaged: exitCodes.damaged,
  Newer: exitCodes.damaged,
  Older: exitCodes.damaged,
  InUse: exitCodes.locked,
  Exposed: exitCodes.noInput,
  Unreadable: exitCodes.noInput,
  Full: exitCodes.disk,
}

/** A data folder that could not be opened or read. */
export const storeFailure = ({ _tag, sentence }: Unopened): Failure => failure(ofUnopened[_tag], sentence)

/** A disk that takes nothing any more. */
export const diskFailure = ({ sentence }: Unwritten): Failure =>
  failure(exitCodes.disk, `${sentence}; everything that was acknowledged is safe, and a restart goes on from there`)

/** The address that a host name stands for; an address stands for itself. */
export const resolve = async (name: string): Promise<Either<Failure, HostName>> => {
  const unknown = left(failure(exitCodes.usage, `"${name}" is no address, and no host of that name is known`))
  if (isIP(name) !== 0) return Host.is(name) ? right(name) : unknown
  const found = await lookup(name).catch(() => undefined)
  return Host.is(found?.address) ? right(found.address) : unknown
}
