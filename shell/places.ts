// Where a program keeps what is its user's own: the folders of the XDG base directory specification. A variable that is empty or no
// absolute path counts as unset, as the specification has it.
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

type Environment = Readonly<Record<string, string | undefined>>

const absolute = (path: string | undefined): string | undefined => (path !== undefined && isAbsolute(path) ? path : undefined)

/** What is kept from run to run: keys, pins, the history. */
export const stateFolder = (env: Environment): string => join(absolute(env['XDG_STATE_HOME']) ?? join(homedir(), '.local', 'state'), 'peal')

/** What a program keeps for others, for as long as they want it: the directories of servers. */
export const dataFolder = (env: Environment): string => join(absolute(env['XDG_DATA_HOME']) ?? join(homedir(), '.local', 'share'), 'peal')

/** What is there while a program runs: sockets. */
export const runFolder = (env: Environment): string => {
  const runtime = absolute(env['XDG_RUNTIME_DIR'])
  return runtime === undefined ? join(stateFolder(env), 'run') : join(runtime, 'peal')
}
