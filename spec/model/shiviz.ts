// What ShiViz asks of a log, each rule in its own words: it reads lines by one pattern, takes the clocks for JSON, and refuses the whole log where one
// of them does not fit the others.

/** The pattern that is given to ShiViz. */
const pattern = /"host":"(?<host>[^"]+)","clock":(?<clock>\{[^}]*\}).*"event":"(?<event>[^"]*)"/

interface Entry {
  readonly host: string
  readonly clock: Readonly<Record<string, number>>
}

const entryOf = (line: string): Entry | undefined => {
  const groups = pattern.exec(line)?.groups
  return groups === undefined ? undefined : { host: groups['host'] ?? '', clock: JSON.parse(groups['clock'] ?? '{}') as Record<string, number> }
}

/** The first thing that ShiViz would refuse; undefined: it takes the log. */
export const refusal = (lines: ReadonlyArray<string>): string | undefined => {
  const entries = lines.map(entryOf)
  const last = new Map<string, number>()
  for (const [i, entry] of entries.entries()) {
    if (entry === undefined) return `line ${i + 1} is none`
    const own = Object.hasOwn(entry.clock, entry.host) ? entry.clock[entry.host] : undefined
    if (own === undefined) return `line ${i + 1} has no entry for its own host`
    if (own !== (last.get(entry.host) ?? 0) + 1) return `line ${i + 1}: the clock of ${entry.host} goes to ${own}`
    last.set(entry.host, own)
  }
  for (const [i, entry] of entries.entries()) {
    for (const [host, count] of Object.entries(entry?.clock ?? {})) if (count > (last.get(host) ?? 0)) return `line ${i + 1} knows ${host} ${count}, which never was`
  }
  return undefined
}
