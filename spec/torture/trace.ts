// What strace wrote of a server, and the one thing that it must show: an answer leaves when the log that its command stands in has been synced, and not
// before. A line says when a call began and, unless it was interrupted by another one's line, when it ended:
//
//   4711 pwrite64(25</data/journal-wal>, "...n000017q...", 4096, 8272) = 4096
//   4711 fsync(25</data/journal-wal> <unfinished ...>
//   4700 sendmsg(21<socket:[9]>, {msg_name={..., sin_port=htons(40001), ...}, msg_iov=[{iov_base="200-_-null", iov_len=10}], ...}, 0) = 10
//   4711 <... fsync resumed>) = 0

/** A call: from the line at which it began to the one at which it ended. */
interface Call {
  readonly name: string
  readonly text: string
  readonly begun: number
  readonly ended: number
}

/** A datagram to a port of this machine. */
interface Sent {
  readonly at: number
  readonly bytes: Buffer
}

export interface Trace {
  /** the line at which the first write of the log ended that has this word in it; a word that a page ends in is in none */
  readonly written: ReadonlyMap<string, number>
  /** syncs of the log that succeeded, in order */
  readonly syncs: ReadonlyArray<Pick<Call, 'begun' | 'ended'>>
  readonly sent: ReadonlyMap<number, ReadonlyArray<Sent>>
}

const callsIn = (lines: ReadonlyArray<string>): ReadonlyArray<Call> => {
  const unfinished = new Map<string, { readonly name: string; readonly text: string; readonly begun: number }>()
  return lines.flatMap((line, at): ReadonlyArray<Call> => {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. (\w+) resumed>(.*)$/.exec(rest)
    if (resumed !== null) {
      const first = unfinished.get(thread)
      unfinished.delete(thread)
      return first === undefined ? [] : [{ ...first, text: first.text + (resumed[2] ?? ''), ended: at }]
    }
    const [, name] = /^(\w+)\(/.exec(rest) ?? []
    if (name === undefined) return []
    if (!rest.endsWith(' <unfinished ...>')) return [{ name, text: rest, begun: at, ended: at }]
    unfinished.set(thread, { name, text: rest.slice(0, -' <unfinished ...>'.length), begun: at })
    return []
  })
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', v: '\v', f: '\f', r: '\r' }

/** The bytes of a string as strace quotes it. */
const unquoted = (text: string): Buffer =>
  Buffer.from(
    text.replace(/\\([0-7]{1,3}|.)/gs, (_, one: string) => (/^[0-7]/.test(one) ? String.fromCharCode(parseInt(one, 8)) : (escapes[one] ?? one))),
    'latin1',
  )

const quoted = '"((?:[^"\\\\]|\\\\.)*)"'

/** The trace in these lines. `word` finds what tells commands apart in the log's text, whose quotes have a backslash before them. */
export const traceOf = (lines: ReadonlyArray<string>, word: RegExp): Trace => {
  const calls = callsIn(lines)
  const ofLog = calls.filter(({ text }) => /^\w+\(\d+<[^>]*-wal>/.test(text))
  const written = new Map<string, number>()
  for (const { name, text, ended } of ofLog)
    if (name.startsWith('pwrite')) for (const [found] of text.matchAll(word)) if (!written.has(found)) written.set(found, ended)
  const sent = new Map<number, Sent[]>()
  for (const { name, text, begun } of calls) {
    if (!name.startsWith('send')) continue
    const datagrams = text.matchAll(new RegExp(`sin_port=htons\\((\\d+)\\).*?iov_base=${quoted}`, 'g'))
    for (const [, port, bytes = ''] of datagrams) sent.set(Number(port), [...(sent.get(Number(port)) ?? []), { at: begun, bytes: unquoted(bytes) }])
  }
  return { written, syncs: ofLog.filter(({ name, text }) => /^f(data)?sync$/.test(name) && text.endsWith('= 0')), sent }
}

/** Whether a sync of the log lies whole between the two lines. `syncs` follow each other. */
export const isSynced = ({ syncs }: Trace, written: number, sent: number): boolean => {
  let [low, high] = [0, syncs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((syncs[middle]?.begun ?? Infinity) > written) high = middle
    else low = middle + 1
  }
  return (syncs[low]?.ended ?? Infinity) < sent
}
