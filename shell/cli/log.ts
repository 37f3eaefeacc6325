// The server's log on standard error: JSON lines, or one readable line each at a terminal. No texts of messages, nothing per datagram
// above `debug`.
import { coloursFor } from './colours.js'
import { destination, pino, type Logger } from 'pino'
import { visible } from './visible.js'
import type { LogLevel } from './settings.js'

const pc = coloursFor(process.stderr)

const levelNames: Readonly<Record<string, string>> = { 10: pc.dim('trace'), 20: pc.dim('debug'), 30: pc.green('info'), 40: pc.yellow('warn'), 50: pc.red('error') }
const constant = new Set(['level', 'time', 'msg'])

/** `12:34:56.789 info listening host=127.0.0.1 port=22000` */
const readable = (line: string): string => {
  const entry = JSON.parse(line) as Readonly<Record<string, unknown>>
  const fields = Object.entries(entry).filter(([key]) => !constant.has(key))
  const time = new Date(Number(entry['time'])).toISOString().slice(11, 23)
  const shown = fields.map(([key, value]) => `${pc.dim(`${key}=`)}${visible(typeof value === 'string' ? value : JSON.stringify(value))}`)
  return [pc.dim(time), levelNames[String(entry['level'])] ?? '', visible(String(entry['msg'])), ...shown].join(' ')
}

/** A log at `level`; `pretty` at a terminal. */
export const log = (level: LogLevel, pretty: boolean): Logger =>
  pino(
    { level, base: null },
    pretty ? { write: (line: string) => void process.stderr.write(`${readable(line)}\n`) } : destination({ dest: 2, sync: true }),
  )
